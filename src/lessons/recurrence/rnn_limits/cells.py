r"""The plain recurrent network: one state, one set of weights, used again for each token.

A *cell* is what happens at one token: it takes the token's vector and the state so far, and
returns the next state. A state is a tuple of tensors, for an LSTM carries two of them; the first
is what others read.

References: :cite:t:`elman1990`; torch's own :class:`torch.nn.RNNCell` is the tests' oracle.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

State = tuple[Float[Tensor, "batch d_state"], ...]


def rnn_step(
    token: Float[Tensor, "*batch d_model"],
    state: Float[Tensor, "*batch d_state"],
    w_input: Float[Tensor, "d_model d_state"],
    w_state: Float[Tensor, "d_state d_state"],
    bias: Float[Tensor, " d_state"],
) -> Float[Tensor, "*batch d_state"]:
    r"""Return the next state of a plain recurrent network.

    .. math:: h_t = \tanh(x_t W_x + h_{t-1} W_h + b)

    torch keeps two biases and the transposed matrices; its biases are added up to our one.

    Args:
        token: The vector of the token that is read now.
        state: What is left of all tokens before it.
        w_input: From the token's vector to the state.
        w_state: From the state before to the state now.
        bias: Added at each step.

    Source: :cite:t:`elman1990`.

    >>> one = torch.ones(1, 1)
    >>> rnn_step(torch.zeros(1), torch.zeros(1), one, one, torch.ones(1))
    tensor([0.7616])
    """
    return torch.tanh(token @ w_input + state @ w_state + bias)


class Cell(nn.Module):
    """What the cells share: weights for one or more gates side by side, and an empty state.

    All numbers start evenly spread between ±1/√d_state, as torch's do.

    Args:
        d_model: The numbers in a token's vector.
        d_state: The numbers in a state.
        gates: How many times `d_state` sums are needed at each step.
        carried: How many vectors the state consists of.

    Raises:
        ValueError: A size is less than 1.
    """

    def __init__(self, d_model: int, d_state: int, *, gates: int, carried: int = 1):
        super().__init__()
        if min(d_model, d_state) < 1:
            raise ValueError(f"d_model = {d_model}, d_state = {d_state}: pass at least 1 for each")
        self.d_state, self.carried = d_state, carried
        self.w_input = nn.Parameter(torch.empty(d_model, gates * d_state))
        self.w_state = nn.Parameter(torch.empty(d_state, gates * d_state))
        self.bias = nn.Parameter(torch.empty(gates * d_state))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(d_state), 1 / math.sqrt(d_state))

    def start(self, batch: int) -> State:
        """Return the state before the first token: zeros.

        Args:
            batch: How many sequences are read side by side.
        """
        return tuple(self.bias.new_zeros(batch, self.d_state) for _ in range(self.carried))


class RNNCell(Cell):
    """The plain recurrent network as a module: :func:`rnn_step` with weights of its own.

    Args:
        d_model: The numbers in a token's vector.
        d_state: The numbers in a state.

    Raises:
        ValueError: A size is less than 1.

    Source: :cite:t:`elman1990`.

    >>> cell = RNNCell(d_model=4, d_state=8)
    >>> (state,) = cell(torch.zeros(2, 4), cell.start(2))
    >>> state.shape
    torch.Size([2, 8])
    """

    def __init__(self, d_model: int, d_state: int):
        super().__init__(d_model, d_state, gates=1)

    def forward(self, token: Float[Tensor, "batch d_model"], state: State) -> State:
        """Read one token of each sequence, and return the next state."""
        (before,) = state
        return (rnn_step(token, before, self.w_input, self.w_state, self.bias),)
