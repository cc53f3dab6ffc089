"""Questions about this book to a local model, with the passages that are nearest to each."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.adaptation import chapter_texts
from lessons.models import Loaded, sentence_vectors
from lessons.practice.local_inference.local_model import LocalModel

RULES = (
    "Answer the question from the text, in one short sentence. If the text does not say it, "
    "write: I do not know."
)


def book_questions() -> dict[str, str | None]:
    """Return questions about the book, with words that a right answer has.

    There is none where the book's pages do not say it.

    >>> book_questions()["What does RMSNorm leave out?"]
    'mean'
    """
    return {
        "What does RMSNorm leave out?": "mean",
        "What does WordPiece mark continuations with?": "##",
        "Is FlashAttention exact or approximate?": "exact",
        "How many percent of the tokens does BERT's training hide?": "15",
        "What does a KV cache keep?": "keys and values",
        "What does a metric like BLEU lack?": "gradient",
        "Which interval should you put around a share?": "Wilson",
        "How many parameters does GPT-5 have?": None,
        "In which year was the LSTM invented?": None,
        "Who wrote this book?": None,
    }


class Passage(NamedTuple):
    """A few sentences of a page."""

    title: str
    text: str


class Answered(NamedTuple):
    """What a model said, and from what."""

    text: str
    sources: list[Passage]
    nearness: float  # the cosine of the question and the nearest passage
    read: int  # tokens of the prompt
    written: int  # tokens of the answer
    seconds: float  # of the processor, for searching and writing


def page_passages(size: int = 2) -> list[Passage]:
    """Return the book's frozen pages, cut into passages.

    Args:
        size: How many sentences a passage has; the last one of a page may have fewer.

    Raises:
        ValueError: It has none.

    >>> page_passages()[0].title
    'Shapes and slopes: tensors and gradients'
    """
    if size < 1:
        raise ValueError(f"size={size}: pass at least 1 sentence")
    return [
        Passage(page.title, " ".join(sentences[begin : begin + size]))
        for page in chapter_texts()
        for sentences in (page.sentences, page.summary)
        for begin in range(0, len(sentences), size)
    ]


def passage_vectors(
    encoder: Loaded, passages: Sequence[Passage], *, batch: int = 8
) -> Float[Tensor, "passages d_model"]:
    """Return the vector of each passage, of length 1; like lengths share a batch.

    Args:
        encoder: Makes them.
        passages: At least one.
        batch: How many at a time; more take more memory, and are no faster on a processor.

    Raises:
        ValueError: There is no passage.

    >>> from lessons.models import load
    >>> passage_vectors(load("encoder", source="wheel"), [Passage("", "A text.")]).shape
    torch.Size([1, 384])
    """
    if not passages:
        raise ValueError("there is no passage: pass at least one")
    order = sorted(range(len(passages)), key=lambda at: len(passages[at].text))
    rows = [order[begin : begin + batch] for begin in range(0, len(order), batch)]
    vectors = torch.cat(
        [sentence_vectors(encoder, [passages[at].text for at in some]) for some in rows]
    )
    return vectors[torch.tensor(order).argsort()]


def answer_from(
    passages: Sequence[Passage],
    vectors: Float[Tensor, "passages d_model"],
    question: str,
    encoder: Loaded,
    model: LocalModel,
    *,
    count: int = 2,
    max_tokens: int = 32,
) -> Answered:
    """Answer a question from the passages that are nearest to it.

    Args:
        passages: What may be read.
        vectors: Of the passages, of length 1.
        question: Of a reader.
        encoder: Gives the question its vector, as it gave the passages theirs.
        model: Answers.
        count: How many passages it reads.
        max_tokens: At most so many tokens are written. A model that thinks first, as R1's distilled
            ones do, needs some thousands; what it writes before `</think>` is left out.

    Raises:
        ValueError: There are not so many passages.

    Source: :cite:t:`lewis2020retrieval`, section 2; here retriever and writer stay as they are.

    >>> from lessons.models import load
    >>> from lessons.models.loading.wheels import find_wheel
    >>> from lessons.practice import local_model
    >>> minilm, passages = load("encoder", source="wheel"), page_passages()[:4]
    >>> vectors = passage_vectors(minilm, passages)
    >>> with local_model(find_wheel("decoder")) as model:
    ...     answer_from(passages, vectors, "What is a shape?", minilm, model).sources[0].title
    'Shapes and slopes: tensors and gradients'
    """
    if not 1 <= count <= len(passages):
        raise ValueError(f"count={count}: pass a number from 1 to {len(passages)}, the passages")
    begun = time.process_time()
    [asked] = sentence_vectors(encoder, [question])
    near = (vectors @ asked).topk(count)
    sources = [passages[at] for at in near.indices.tolist()]
    text = "\n".join(one.text for one in sources)
    turns = [
        {"role": "system", "content": RULES},
        {"role": "user", "content": f"Text: {text}\n\nQuestion: {question}"},
    ]
    answer = model.chat(turns, max_tokens=max_tokens)
    said = answer["choices"][0]["message"]["content"].rpartition("</think>")[2]
    read, written = answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]
    seconds = time.process_time() - begun
    return Answered(said.strip(), sources, near.values[0].item(), read, written, seconds)
