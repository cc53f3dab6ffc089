r"""Unrolling: one cell along a whole sequence, with the same weights at each token.

References: torch's own :class:`torch.nn.RNN`, :class:`torch.nn.LSTM` and :class:`torch.nn.GRU` are
the tests' oracles.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.recurrence.rnn_limits.cells import Cell, State


def unroll(
    cell: Cell, tokens: Float[Tensor, "batch tokens d_model"], state: State | None = None
) -> tuple[Float[Tensor, "batch tokens d_state"], State]:
    r"""Read the tokens from left to right; return the state after each, and the last one whole.

    .. math:: h_t = \operatorname{cell}(x_t, h_{t-1}), \qquad t = 1, \dots, n

    No step can begin before the one to its left is done.

    Args:
        cell: What is done at each token; the same weights at all of them.
        tokens: The vectors of the sequences.
        state: What was read before; None: nothing.

    Raises:
        ValueError: There is no token.

    >>> from lessons.recurrence.rnn_limits.cells import RNNCell
    >>> states, last = unroll(RNNCell(4, 8), torch.zeros(2, 5, 4))
    >>> states.shape, torch.equal(states[:, -1], last[0])
    (torch.Size([2, 5, 8]), True)
    """
    if tokens.shape[1] == 0:
        raise ValueError("there are no tokens: pass at least one")
    state = cell.start(len(tokens)) if state is None else state
    states = []
    for token in tokens.unbind(dim=1):
        state = cell(token, state)
        states.append(state[0])
    return torch.stack(states, dim=1), state
