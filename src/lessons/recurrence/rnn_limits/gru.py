r"""The GRU: gates without a second memory.

References: :cite:t:`cho2014`; torch's own :class:`torch.nn.GRUCell` is the tests' oracle.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.recurrence.rnn_limits.cells import Cell, State


def gru_step(
    token: Float[Tensor, "*batch d_model"],
    state: Float[Tensor, "*batch d_state"],
    w_input: Float[Tensor, "d_model 3*d_state"],
    w_state: Float[Tensor, "d_state 3*d_state"],
    bias: Float[Tensor, " 3*d_state"],
    state_bias: Float[Tensor, " 3*d_state"],
) -> Float[Tensor, "*batch d_state"]:
    r"""Return the next state of a GRU.

    .. math::
        \begin{aligned}
        r &= \sigma(x_t W_x^r + b^r + h_{t-1} W_h^r + b_h^r) \\
        z &= \sigma(x_t W_x^z + b^z + h_{t-1} W_h^z + b_h^z) \\
        n &= \tanh(x_t W_x^n + b^n + r \odot (h_{t-1} W_h^n + b_h^n)) \\
        h_t &= (1 - z) \odot n + z \odot h_{t-1}
        \end{aligned}

    The weights stand side by side in torch's order: reset gate, update gate, candidate. As in
    torch, the reset gate multiplies the state's product *with* its bias, so two biases are
    needed; the paper resets the state before the product, :math:`(r \odot h_{t-1}) W_h^n`.

    Args:
        token: The vector of the token that is read now.
        state: What is left of all tokens before it.
        w_input: From the token's vector to the three parts.
        w_state: From the state before to the three parts.
        bias: Added to what comes from the token.
        state_bias: Added to what comes from the state, inside the reset gate's product.

    Source: :cite:t:`cho2014`, section 2.3, but for the place of the reset gate.

    >>> zeros, keep = torch.zeros(1, 3), torch.tensor([0.0, 50.0, 0.0])
    >>> gru_step(torch.ones(1), torch.ones(1), zeros, zeros, keep, torch.zeros(3))
    tensor([1.])
    """
    from_token = (token @ w_input + bias).chunk(3, dim=-1)
    from_state = (state @ w_state + state_bias).chunk(3, dim=-1)
    reset = torch.sigmoid(from_token[0] + from_state[0])
    update = torch.sigmoid(from_token[1] + from_state[1])
    candidate = torch.tanh(from_token[2] + reset * from_state[2])
    return (1 - update) * candidate + update * state


class GRUCell(Cell):
    """The GRU as a module: :func:`gru_step` with weights of its own.

    Args:
        d_model: The numbers in a token's vector.
        d_state: The numbers in a state.

    Raises:
        ValueError: A size is less than 1.

    Source: :cite:t:`cho2014`, section 2.3.

    >>> cell = GRUCell(d_model=4, d_state=8)
    >>> (state,) = cell(torch.zeros(2, 4), cell.start(2))
    >>> state.shape
    torch.Size([2, 8])
    """

    def __init__(self, d_model: int, d_state: int):
        super().__init__(d_model, d_state, gates=3)
        self.state_bias = nn.Parameter(torch.empty(3 * d_state))
        nn.init.uniform_(self.state_bias, -1 / math.sqrt(d_state), 1 / math.sqrt(d_state))

    def forward(self, token: Float[Tensor, "batch d_model"], state: State) -> State:
        """Read one token of each sequence, and return the next state."""
        weights = self.w_input, self.w_state, self.bias, self.state_bias
        (before,) = state
        return (gru_step(token, before, *weights),)
