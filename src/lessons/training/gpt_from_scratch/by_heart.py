"""What a language model has learned by heart: how far it recites, and what it copies."""

from jaxtyping import Int
from torch import Tensor

from lessons.families.decoder_only import DecoderOnly
from lessons.generation import greedy


def recited(
    model: DecoderOnly, rows: Int[Tensor, "rows length"], *, given: int
) -> Int[Tensor, " rows"]:
    """Return how many tokens a model goes on with as the text does, given a row's beginning.

    Args:
        model: It takes the likeliest token each time.
        rows: Rows of a text, no longer than the model's positions.
        given: The tokens of each row that it is given.

    Raises:
        ValueError: Nothing is given, or nothing is left to go on with.

    Source: :cite:t:`carlini2023`, section 3.

    >>> import torch
    >>> from lessons.families import small_decoder
    >>> recited(small_decoder(9, positions=8), torch.ones(2, 8).long(), given=5).shape
    torch.Size([2])
    """
    length = rows.shape[1]
    if not 1 <= given < length:
        raise ValueError(f"{given} tokens given of rows of {length}: pass 1 to {length - 1}")
    written = greedy(model, rows[:, :given], max_new_tokens=length - given)
    return (written == rows[:, given:]).long().cumprod(dim=1).sum(dim=1)


def share_copied(
    rows: Int[Tensor, "rows length"], source: Int[Tensor, " tokens"], *, run: int
) -> float:
    """Return which share of the runs of tokens in some rows stand in a text, too.

    Args:
        rows: Where runs are taken from, each within its row.
        source: The text that they may have been copied from.
        run: The tokens in a run.

    Raises:
        ValueError: A row or the text is shorter than a run, or a run has no token.

    >>> import torch
    >>> share_copied(torch.tensor([[1, 2, 3, 9]]), torch.tensor([0, 1, 2, 3]), run=2)
    0.6666666666666666
    """
    shortest = min(rows.shape[1], len(source))
    if not 1 <= run <= shortest:
        raise ValueError(f"runs of {run} tokens: pass 1 to {shortest}, the shorter text's length")
    there = set(map(tuple, source.unfold(0, run, 1).tolist()))
    found = [tuple(one) in there for row in rows.unfold(1, run, 1).tolist() for one in row]
    return sum(found) / len(found)
