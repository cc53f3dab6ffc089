r"""The LSTM: a memory that gates write to, keep, and show.

A *gate* is a vector of numbers between 0 and 1, computed at each step, that multiplies something:
at 1 it lets pass, at 0 it shuts.

References: :cite:t:`hochreiter1997`, :cite:t:`gers2000`; torch's own :class:`torch.nn.LSTMCell` is
the tests' oracle.
"""

from jaxtyping import Float
from torch import Tensor, nn

from lessons.recurrence.rnn_limits.cells import Cell, State


def lstm_step(
    token: Float[Tensor, "*batch d_model"],
    state: Float[Tensor, "*batch d_state"],
    memory: Float[Tensor, "*batch d_state"],
    w_input: Float[Tensor, "d_model 4*d_state"],
    w_state: Float[Tensor, "d_state 4*d_state"],
    bias: Float[Tensor, " 4*d_state"],
) -> tuple[Float[Tensor, "*batch d_state"], Float[Tensor, "*batch d_state"]]:
    r"""Return the next state and the next memory of an LSTM.

    .. math::
        \begin{aligned}
        (i, f, g, o) &= x_t W_x + h_{t-1} W_h + b \\
        c_t &= \sigma(f) \odot c_{t-1} + \sigma(i) \odot \tanh(g) \\
        h_t &= \sigma(o) \odot \tanh(c_t)
        \end{aligned}

    The weights of the four parts stand side by side in torch's order: input gate, forget gate,
    candidate, output gate. The memory passes from step to step by a product and a sum alone.

    Args:
        token: The vector of the token that is read now.
        state: What the cell showed after the token before, :math:`h_{t-1}`.
        memory: What it kept, :math:`c_{t-1}`.
        w_input: From the token's vector to the four parts.
        w_state: From the state before to the four parts.
        bias: Added at each step.

    Source: :cite:t:`hochreiter1997`; the forget gate: :cite:t:`gers2000`.

    >>> import torch
    >>> shut = torch.tensor([-50.0, 50.0, 0.0, 50.0])  # write nothing, forget nothing, show all
    >>> zeros = torch.zeros(1, 4)
    >>> lstm_step(torch.ones(1), torch.zeros(1), torch.ones(1), zeros, zeros, shut)[1]
    tensor([1.])
    """
    parts = token @ w_input + state @ w_state + bias
    write, keep, candidate, show = parts.chunk(4, dim=-1)
    memory = keep.sigmoid() * memory + write.sigmoid() * candidate.tanh()
    return show.sigmoid() * memory.tanh(), memory


class LSTMCell(Cell):
    """The LSTM as a module: :func:`lstm_step` with weights of its own.

    Args:
        d_model: The numbers in a token's vector.
        d_state: The numbers in the state, and in the memory.
        forget_bias: What the forget gate's bias is at first. The larger, the longer the untrained
            cell keeps what it has: σ(0) = 0.5 halves the memory at each step.

    Raises:
        ValueError: A size is less than 1.

    Source: :cite:t:`gers2000`; the bias of 1: :cite:t:`jozefowicz2015`.

    >>> import torch
    >>> cell = LSTMCell(d_model=4, d_state=8)
    >>> state, memory = cell(torch.zeros(2, 4), cell.start(2))
    >>> memory.shape
    torch.Size([2, 8])
    """

    def __init__(self, d_model: int, d_state: int, *, forget_bias: float = 1.0):
        super().__init__(d_model, d_state, gates=4, carried=2)
        nn.init.constant_(self.bias[d_state : 2 * d_state], forget_bias)

    def forward(self, token: Float[Tensor, "batch d_model"], state: State) -> State:
        """Read one token of each sequence, and return the next state and memory."""
        before, memory = state
        return lstm_step(token, before, memory, self.w_input, self.w_state, self.bias)
