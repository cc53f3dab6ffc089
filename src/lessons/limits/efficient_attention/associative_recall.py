r"""A test of memory: read pairs of a name and a thing, then say what one name goes with.

What is relevant is one pair among many; only its name tells which. A mechanism that focuses must
find it, wherever it stands.

Reference: :cite:t:`arora2024`, who measure how well efficient models recall.
"""

from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

NAMES, THINGS = 64, 16


class Asked(NamedTuple):
    """Texts of pairs, a name that is asked for, and the thing that goes with it."""

    names: Int[Tensor, "texts pairs"]
    things: Int[Tensor, "texts pairs"]
    asked: Int[Tensor, " texts"]
    answer: Int[Tensor, " texts"]


def draw_recall(
    generator: torch.Generator, *, pairs: int, texts: int = 64, last: int | None = None
) -> Asked:
    """Draw texts of pairs with different names, and ask for one of them.

    Args:
        generator: Where chance comes from.
        pairs: How many, at most 64.
        texts: How many.
        last: The asked name is among so many last ones; None: anywhere.

    Raises:
        ValueError: There are more pairs than names, or none.

    >>> one = draw_recall(torch.Generator().manual_seed(0), pairs=3, texts=1)
    >>> bool((one.names == one.asked).sum() == 1)
    True
    """
    if not 1 <= pairs <= NAMES:
        raise ValueError(f"{pairs} pairs: pass 1 to {NAMES}, for no name comes twice")
    names = torch.rand(texts, NAMES, generator=generator).argsort(dim=1)[:, :pairs]
    things = torch.randint(THINGS, (texts, pairs), generator=generator)
    earliest = pairs - min(last or pairs, pairs)
    place = torch.randint(earliest, pairs, (texts, 1), generator=generator)
    return Asked(names, things, names.gather(1, place)[:, 0], things.gather(1, place)[:, 0])


def draw_recalls(generator: torch.Generator) -> Asked:
    """Draw a batch with 2 to 48 pairs, for training.

    >>> 2 <= draw_recalls(torch.Generator().manual_seed(0)).names.shape[1] <= 48
    True
    """
    pairs = int(torch.randint(2, 49, (1,), generator=generator))
    return draw_recall(generator, pairs=pairs)
