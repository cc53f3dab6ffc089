r"""Restricted patterns: who sees whom, how many pairs that costs, and how far news travels.

References: :cite:t:`child2019`, :cite:t:`beltagy2020`, :cite:t:`zaheer2020`, :cite:t:`jiang2023`.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from lessons.limits.efficient_attention.tiled import sees_past, sees_window


def pattern(sees: Callable, tokens: int) -> Bool[Tensor, "{tokens} {tokens}"]:
    """Return the whole mask of a rule of who sees whom, to look at it.

    >>> pattern(sees_past, 2).int()
    tensor([[1, 0],
            [1, 1]], dtype=torch.int32)
    """
    places = torch.arange(tokens)
    return sees(places, places)


def sees_stripes(step: int) -> Callable:
    """Return what lets each query see every `step`-th key before it, and itself.

    Source: :cite:t:`child2019`, one of the two strided heads.

    >>> pattern(sees_stripes(2), 4)[3].int()
    tensor([0, 1, 0, 1], dtype=torch.int32)
    """

    def sees(
        queries: Int[Tensor, " queries"], keys: Int[Tensor, " keys"]
    ) -> Bool[Tensor, "queries keys"]:
        behind = queries[:, None] - keys
        return (behind >= 0) & (behind % step == 0)

    return sees


def sees_window_and_first(width: int, first: int = 1) -> Callable:
    """Return what lets each query see a window, and the first tokens of the text.

    Source: :cite:t:`beltagy2020`, section 3.1 (global attention), made causal.

    >>> pattern(sees_window_and_first(1), 3).int()
    tensor([[1, 0, 0],
            [1, 1, 0],
            [1, 0, 1]], dtype=torch.int32)
    """
    window = sees_window(width)

    def sees(
        queries: Int[Tensor, " queries"], keys: Int[Tensor, " keys"]
    ) -> Bool[Tensor, "queries keys"]:
        return window(queries, keys) | (sees_past(queries, keys) & (keys < first))

    return sees


def pairs_compared(visible: Bool[Tensor, "queries keys"]) -> int:
    """Count the pairs of a query and a key that are compared.

    >>> pairs_compared(pattern(sees_past, 4))
    10
    """
    return int(visible.sum())


def reach(visible: Bool[Tensor, "tokens tokens"], layers: int) -> Bool[Tensor, "tokens tokens"]:
    r"""Say from which tokens something can arrive at each token through so many layers.

    A layer carries news from key :math:`j` to query :math:`i` where :math:`M_{ij}` is 1 (and the
    residual stream carries a token's own); through :math:`L` layers it is
    :math:`(M \lor I)^L > 0`.

    >>> reach(pattern(sees_window(2), 4), layers=2)[3].int()
    tensor([0, 1, 1, 1], dtype=torch.int32)
    """
    carried = torch.eye(len(visible), dtype=torch.float64, device=visible.device)
    step = (visible | (carried > 0)).double()
    for _ in range(layers):
        carried = ((step @ carried) > 0).double()
    return carried > 0
