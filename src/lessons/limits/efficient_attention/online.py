r"""The online softmax: read scores piece by piece, and never hold them all.

A softmax seems to need all scores before the first weight can be known: its sum runs over all of
them. But a partial result can be corrected when more scores arrive, by one factor.

References: :cite:t:`milakov2018`; :cite:t:`rabe2021` for attention.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor


class Partial(NamedTuple):
    r"""What queries have read so far: enough to go on, and no more.

    `largest` is :math:`m = \max_j s_j`, `total` is :math:`\ell = \sum_j e^{s_j - m}`, and `mixed`
    is :math:`o = \sum_j e^{s_j - m} v_j`. The result so far is :math:`o / \ell`.

    >>> Partial(torch.zeros(1), torch.ones(1), torch.ones(1, 2)).total
    tensor([1.])
    """

    largest: Float[Tensor, "*batch queries"]
    total: Float[Tensor, "*batch queries"]
    mixed: Float[Tensor, "*batch queries d_value"]


def read_block(
    scores: Float[Tensor, "*batch queries keys"],
    value: Float[Tensor, "*batch keys d_value"],
    visible: Bool[Tensor, "queries keys"] | None = None,
) -> Partial:
    """Return what queries read from one block of keys alone.

    Args:
        scores: Of these keys.
        value: Of these keys.
        visible: True where a query may see a key; None: everywhere.

    >>> read_block(torch.tensor([[1.0, 3.0]]), torch.eye(2)).largest
    tensor([3.])
    """
    if visible is not None:
        scores = scores.masked_fill(~visible, -math.inf)
    largest = scores.amax(dim=-1)
    shares = (scores - _finite(largest)[..., None]).exp()
    return Partial(largest, shares.sum(dim=-1), shares @ value)


def merge(first: Partial, second: Partial) -> Partial:
    r"""Join what was read from two sets of keys; the order of the two does not matter.

    .. math::
        \begin{aligned}
        m &= \max(m_1, m_2) \\
        \ell &= e^{m_1 - m} \ell_1 + e^{m_2 - m} \ell_2 \\
        o &= e^{m_1 - m} o_1 + e^{m_2 - m} o_2
        \end{aligned}

    Source: :cite:t:`milakov2018`.

    >>> one, two = (read_block(torch.tensor([[s]]), torch.ones(1, 1)) for s in (0.0, 0.0))
    >>> merge(one, two).total
    tensor([2.])
    """
    largest = torch.maximum(first.largest, second.largest)
    keep, add = ((part.largest - _finite(largest)).exp() for part in (first, second))
    return Partial(
        largest,
        keep * first.total + add * second.total,
        keep[..., None] * first.mixed + add[..., None] * second.mixed,
    )


def nothing_read(value: Float[Tensor, "*batch keys d_value"], queries: int) -> Partial:
    r"""Return the state before the first key: :math:`m = -\infty`, :math:`\ell = 0`, :math:`o = 0`.

    >>> nothing_read(torch.ones(3, 2), queries=1).largest
    tensor([-inf])
    """
    rows = (*value.shape[:-2], queries)
    return Partial(
        value.new_full(rows, -math.inf),
        value.new_zeros(rows),
        value.new_zeros(*rows, value.shape[-1]),
    )


def finished(
    state: Partial,
) -> tuple[Float[Tensor, "*batch queries d_value"], Float[Tensor, "*batch queries"]]:
    r"""Return the mixture :math:`o / \ell`, and :math:`m + \ln \ell` of each query.

    The second, the logarithm of the softmax's denominator, is all that a later pass needs to
    compute any weight again. A query that has seen nothing reads zeros.

    >>> finished(read_block(torch.tensor([[1.0, 1.0]]), torch.tensor([[2.0], [4.0]])))[0]
    tensor([[3.]])
    """
    seen = state.total > 0
    total = state.total.where(seen, 1.0)
    return state.mixed / total[..., None], state.largest + total.log()


def _finite(largest: Tensor) -> Tensor:
    """Replace −∞, the largest of no scores, by 0: from −∞ it cannot be subtracted."""
    return largest.masked_fill(largest == -math.inf, 0.0)
