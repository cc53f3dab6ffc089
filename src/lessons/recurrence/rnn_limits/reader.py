"""A network that reads from left to right and answers after each word, and how it is trained."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.recurrence.rnn_limits.cells import Cell
from lessons.recurrence.rnn_limits.movies import Reviews, ids_of
from lessons.recurrence.rnn_limits.unroll import unroll


class Reader(nn.Module):
    """A network that reads ids from left to right, and gives scores for the answers after each.

    Args:
        vocab: How many ids there are.
        cell: What reads.
        answers: Between how many answers it decides.

    >>> from lessons.recurrence.rnn_limits.cells import RNNCell
    >>> reader = Reader(10, RNNCell(4, 8), answers=2)
    >>> reader(torch.zeros(3, 7, dtype=torch.long)).shape
    torch.Size([3, 7, 2])
    """

    def __init__(self, vocab: int, cell: Cell, *, answers: int):
        super().__init__()
        self.embed = nn.Embedding(vocab, cell.w_input.shape[0])
        self.cell = cell
        self.answer = nn.Linear(cell.d_state, answers)

    def forward(self, ids: Int[Tensor, "batch tokens"]) -> Float[Tensor, "batch tokens answers"]:
        """Return the scores of the answers after each token, given the tokens up to it."""
        states, _ = unroll(self.cell, self.embed(ids))
        return self.answer(states)


def review_loss(reader: nn.Module, reviews: Reviews) -> Float[Tensor, ""]:
    """Return the cross-entropy of the sentence's answer, asked after each word, in nats.

    Its smallest value is reached by a reader whose chances are those of
    :func:`~lessons.recurrence.rnn_limits.movies.truth`.

    Args:
        reader: Decides between two answers; the second is "positive".
        reviews: The sentences.

    >>> from lessons.recurrence.rnn_limits.movies import WORDS
    >>> from lessons.recurrence import RNNCell, draw_reviews
    >>> reader = Reader(len(WORDS), RNNCell(4, 8), answers=2)
    >>> bool(review_loss(reader, draw_reviews(torch.Generator())) > 0)
    True
    """
    scores = reader(reviews.ids)[reviews.counted]
    answers = reviews.positive[:, None].expand_as(reviews.ids)[reviews.counted]
    return nn.functional.cross_entropy(scores, answers)


@torch.no_grad()
def chances(reader: nn.Module, words: Sequence[str]) -> list[float]:
    """Return the reader's probability of "positive" after each word of a sentence.

    >>> from lessons.recurrence.rnn_limits.movies import WORDS
    >>> from lessons.recurrence.rnn_limits.cells import RNNCell
    >>> len(chances(Reader(len(WORDS), RNNCell(4, 8), answers=2), ["the", "movie"]))
    2
    """
    return reader(ids_of(words))[0].softmax(dim=-1)[:, 1].tolist()


@torch.no_grad()
def share_right(reader: nn.Module, reviews: Reviews) -> float:
    """Return the share of sentences whose answer the reader knows at the full stop.

    >>> from lessons.recurrence.rnn_limits.movies import WORDS
    >>> from lessons.recurrence import RNNCell, negations
    >>> reader = Reader(len(WORDS), RNNCell(4, 8), answers=2)
    >>> 0 <= share_right(reader, negations(["good"])) <= 1
    True
    """
    ends = reviews.counted.sum(dim=1) - 1
    answers = reader(reviews.ids)[torch.arange(len(ends), device=ends.device), ends].argmax(dim=-1)
    return (answers == reviews.positive).double().mean().item()
