"""Passages of the book, the nearest ones to a question, and what a model is given of them."""

import pytest
import torch

from lessons.adaptation import chapter_texts
from lessons.models import sentence_vectors
from lessons.practice import (
    LocalModel,
    answer_from,
    book_questions,
    page_passages,
    passage_vectors,
)


class Echo:
    """A server that keeps what it was asked."""

    def handle_chat_completions(self, asked):
        self.messages, self.max_tokens = asked["messages"], asked["max_tokens"]
        said = "<think> Which of them?</think>\n\n An answer.\n"
        usage = {"prompt_tokens": 50, "completion_tokens": 7}
        return {"choices": [{"message": {"content": said}}], "usage": usage}


def test_passages_are_the_pages_and_nothing_is_lost_or_said_twice():
    for size in (1, 2, 5):
        passages = page_passages(size)
        for page in chapter_texts():
            said = " ".join(one.text for one in passages if one.title == page.title)
            assert said == " ".join([*page.sentences, *page.summary])
    assert len(page_passages(1)) > len(page_passages(2)) > len(page_passages(5))
    with pytest.raises(ValueError, match="size=0: pass at least 1 sentence"):
        page_passages(0)


def test_vectors_come_in_the_order_of_the_passages(minilm):
    passages = page_passages()[:7]
    whole = sentence_vectors(minilm, [one.text for one in passages])
    for batch in (1, 3, 9):
        torch.testing.assert_close(
            passage_vectors(minilm, passages, batch=batch), whole, atol=1e-5, rtol=0
        )
    with pytest.raises(ValueError, match="no passage"):
        passage_vectors(minilm, [])


def test_the_nearest_passages_are_given_to_the_model(minilm):
    passages = [one for one in page_passages() if "tokenization" in one.title]
    vectors = passage_vectors(minilm, passages)
    server, question = Echo(), "What does WordPiece mark continuations with?"
    model = LocalModel(server, "")
    told = answer_from(passages, vectors, question, minilm, model, count=2, max_tokens=9)
    assert told.text == "An answer." and "##" in told.sources[0].text and len(told.sources) == 2
    assert (told.read, told.written) == (50, 7)
    [asked] = sentence_vectors(minilm, [question])
    assert told.nearness == pytest.approx((vectors @ asked).max().item())
    given = server.messages[-1]["content"]
    assert all(one.text in given for one in told.sources) and given.endswith(question)
    assert sum(one.text in given for one in passages) == 2 and server.max_tokens == 9
    for count in (0, len(passages) + 1):
        with pytest.raises(ValueError, match=f"count={count}: pass a number from 1 to"):
            answer_from(passages, vectors, question, minilm, model, count=count)


def test_what_is_asked_stands_in_the_pages_or_does_not():
    text = " ".join(one.text for one in page_passages())
    known = [word for word in book_questions().values() if word]
    assert len(known) == 7 and all(word in text for word in known)
    assert all(word not in text for word in ("GPT-5", "1997", "Hochreiter"))
