r"""A recurrence that need not wait: a linear one, computed in about log n rounds.

Without the tanh, several steps can be put together before any state is known: first
:math:`(a, b)` and then :math:`(a', b')` is one step :math:`(a' a, a' b + b')`. So neighbors are put
together in pairs, pairs in fours, and so on. State-space models rest on this.

References: :cite:t:`hillis1986`; for recurrent networks :cite:t:`martin2018`.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def step_by_step(
    keep: Float[Tensor, "tokens d_state"], add: Float[Tensor, "tokens d_state"]
) -> Float[Tensor, "tokens d_state"]:
    r"""Return all states of a linear recurrence, each from the one before.

    .. math:: h_t = a_t \odot h_{t-1} + b_t, \qquad h_0 = 0

    Args:
        keep: What each state keeps of the one before, :math:`a`; it may depend on the token.
        add: What each token adds, :math:`b`.

    >>> step_by_step(torch.full((3, 1), 0.5), torch.ones(3, 1))[:, 0]
    tensor([1.0000, 1.5000, 1.7500])
    """
    state, states = torch.zeros_like(add[0]), []
    for kept, added in zip(keep, add, strict=True):
        state = kept * state + added
        states.append(state)
    return torch.stack(states)


def scan(
    keep: Float[Tensor, "tokens d_state"], add: Float[Tensor, "tokens d_state"]
) -> Float[Tensor, "tokens d_state"]:
    r"""Return the states of :func:`step_by_step`, in :math:`\lceil \log_2 n \rceil` rounds.

    After a round that reaches `back` tokens, each token's pair :math:`(a, b)` stands for the
    last `2 * back` steps. All tokens of a round are independent of each other.

    Args:
        keep: What each state keeps of the one before.
        add: What each token adds.

    Source: :cite:t:`hillis1986`.

    >>> scan(torch.full((3, 1), 0.5), torch.ones(3, 1))[:, 0]
    tensor([1.0000, 1.5000, 1.7500])
    """
    back = 1
    while back < len(add):
        # The right sides all use the pairs of the round before.
        add = torch.cat([add[:back], keep[back:] * add[:-back] + add[back:]])
        keep = torch.cat([keep[:back], keep[back:] * keep[:-back]])
        back *= 2
    return add
