r"""Paired comparison: the same sentences with and without a change, one by one.

Two shares of right answers on the same sentences are not independent: most sentences come out the
same either way and tell nothing. Count those that got worse and those that got better; if the
change did nothing, each of them fell to either side by a coin.
"""

import math
from typing import NamedTuple

from jaxtyping import Shaped
from torch import Tensor


class Paired(NamedTuple):
    """What became of sentences by a change: how many got worse, how many better."""

    worse: int
    better: int
    lost: float

    @property
    def chance(self) -> float:
        r"""The chance that coins give so many that are worse, or more; this is the sign test.

        .. math:: p = 2^{-n} \sum_{k = w}^{n} \binom{n}{k},\quad n = w + b

        >>> Paired(5, 0, 0.1).chance
        0.03125
        """
        n = self.worse + self.better
        return sum(math.comb(n, k) for k in range(self.worse, n + 1)) / 2**n


def compare_paired(whole: Shaped[Tensor, " batch"], changed: Shaped[Tensor, " batch"]) -> Paired:
    """Compare each sentence's score before a change and after it.

    Args:
        whole: The scores of the whole model, the larger the better.
        changed: Those after the change, in the same order.

    >>> import torch
    >>> compare_paired(torch.tensor([1, 1, 0, 1]), torch.tensor([0, 1, 1, 0]))
    Paired(worse=2, better=1, lost=0.25)
    """
    fell = whole.double() - changed.double()
    return Paired(int((fell > 0).sum()), int((fell < 0).sum()), fell.mean().item())
