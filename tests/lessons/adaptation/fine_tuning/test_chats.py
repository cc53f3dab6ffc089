"""Conversations as texts: the template's words, and labels on the answer alone."""

import pytest

from lessons.adaptation import answering, chat_text, mask_prompt
from lessons.models import load


@pytest.fixture(scope="module")
def tokenizer():
    return answering(load("decoder", source="book").tokenizer)


def check_answer_alone(text_of, tokenizer):
    """Score the answer and the end; the example of the chapter."""
    ids, labels = text_of(tokenizer, "the keys near the table", "are")
    words = tokenizer.convert_ids_to_tokens(ids)
    assert words == "<|endoftext|> the keys near the table ? are <|endoftext|>".split()
    assert labels == [-100] * 7 + ids[7:]
    ids, labels = text_of(tokenizer, "is tom here", "tom is here")
    assert labels == [-100] * 5 + ids[5:] and len(ids) == 9


def test_the_answer_alone_is_scored(tokenizer):
    check_answer_alone(chat_text, tokenizer)


@pytest.mark.parametrize(
    "broken",
    [
        lambda tokenizer, *turn: chat_text(tokenizer, *turn, masked=False),
        lambda tokenizer, *turn: (
            chat_text(tokenizer, *turn)[0],
            [*chat_text(tokenizer, *turn)[1][1:], -100],  # shifted here
        ),
        lambda tokenizer, *turn: (
            chat_text(tokenizer, *turn)[0],
            [*chat_text(tokenizer, *turn)[1][:-1], -100],  # never to stop
        ),
    ],
)
def test_broken_ones_are_caught(broken, tokenizer):
    with pytest.raises(AssertionError):
        check_answer_alone(broken, tokenizer)


def test_unmasked_all_is_scored(tokenizer):
    ids, labels = chat_text(tokenizer, "how are you", "good", masked=False)
    assert labels == ids


def test_it_refuses(tokenizer):
    with pytest.raises(ValueError, match="render both by one template"):
        mask_prompt([1, 2], [1, 3, 4])
    with pytest.raises(ValueError, match="ends with the prompt"):
        mask_prompt([1, 2], [1, 2])
    with pytest.raises(ValueError, match="the answer is empty"):
        chat_text(tokenizer, "how are you", " ")
    with pytest.raises(ValueError, match="has no chat template"):
        chat_text(load("encoder", source="book").tokenizer, "how are you", "good")
