"""Batches of rows from a text, each decided by the seed and its number alone.

A training that stops and goes on needs the batches that it has not seen yet. Nothing has to be
remembered for that where a batch depends on no other.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Int64
from torch import Tensor


class Batches:
    """Rows of a text, drawn anew for each batch.

    Args:
        text: A long text of ids.
        rows: How many rows a batch has.
        length: The tokens in a row.
        count: How many batches there are.
        seed: Decides where the rows begin.

    Raises:
        ValueError: The text is shorter than a row, or there is no row, token or batch.

    >>> batches = Batches(torch.arange(9), rows=2, length=3, count=5)
    >>> len(list(batches)), torch.equal(batches[4], list(batches)[4])
    (5, True)
    """

    def __init__(
        self, text: Int64[Tensor, " tokens"], *, rows: int, length: int, count: int, seed: int = 0
    ):
        if min(rows, length, count) < 1 or len(text) < length:
            raise ValueError(
                f"{count} batches of {rows} rows of {length} tokens from a text of {len(text)}: "
                "pass at least one of each, and a text as long as a row"
            )
        self.text, self.rows, self.length = text, rows, length
        self.count, self.seed = count, seed
        self.given = 0  # so many are behind us

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Int64[Tensor, "rows length"]:
        """Return the batch with this number, whatever was asked for before."""
        chance = torch.Generator().manual_seed(1_000_003 * self.seed + number)
        starts = torch.randint(len(self.text) - self.length + 1, (self.rows,), generator=chance)
        return self.text[starts[:, None] + torch.arange(self.length)]

    def __iter__(self) -> Iterator[Tensor]:
        """Return the batches that are left; a second time, all of them."""
        for number in range(self.given, self.count):
            self.given = number + 1
            yield self[number]
        self.given = 0

    def state_dict(self) -> dict[str, int]:
        """Return how many are behind us, for a checkpoint."""
        return {"given": self.given}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on where a checkpoint was written."""
        self.given = state["given"]


def rows_of(text: Int64[Tensor, " tokens"], length: int) -> Int64[Tensor, "rows length"]:
    """Cut a text into rows that do not overlap; what is left over at its end is left out.

    Raises:
        ValueError: The text is shorter than a row.

    >>> rows_of(torch.arange(7), 3).tolist()
    [[0, 1, 2], [3, 4, 5]]
    """
    if not 1 <= length <= len(text):
        raise ValueError(f"rows of {length} tokens from a text of {len(text)}: pass 1 to that")
    return text[: len(text) // length * length].view(-1, length)
