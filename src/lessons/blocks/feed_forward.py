r"""Feed-forward networks: what each token does by itself, between two rounds of attention.

References: :cite:t:`vaswani2017`, section 3.3; :cite:t:`shazeer2020` for the gated ones.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from lessons.blocks.probes import Probe


class FeedForward(nn.Module):
    r"""Two linear layers with a bend between them: only the first is bent.

    .. math:: \operatorname{FFN}(x) = \phi(x W_1 + b_1)\, W_2 + b_2

    Args:
        d_model: The numbers in a token's vector.
        d_ff: The numbers in between, usually four times as many.
        activation: :math:`\phi`, for instance :func:`~lessons.blocks.activations.relu`.
        bias: Whether the layers add :math:`b_1` and :math:`b_2`; T5's do not.

    Source: :cite:t:`vaswani2017`, equation 2.

    >>> import torch
    >>> FeedForward(4, 16, torch.relu)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, d_model: int, d_ff: int, activation: Callable, *, bias: bool = True):
        super().__init__()
        self.to_hidden = nn.Linear(d_model, d_ff, bias=bias)
        self.to_output = nn.Linear(d_ff, d_model, bias=bias)
        self.activation = activation
        self.hidden = Probe()

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Treat each token by itself."""
        return self.to_output(self.hidden(self.activation(self.to_hidden(x))))


class GatedFeedForward(nn.Module):
    r"""A feed-forward network whose hidden numbers are let through by a gate.

    .. math:: \operatorname{GLU}(x) = (\phi(x W_g) \odot x W_1)\, W_2

    With :math:`\phi` = SiLU this is SwiGLU (Llama), with GELU it is GEGLU (T5 1.1).

    Args:
        d_model: The numbers in a token's vector.
        d_ff: The numbers in between.
        activation: :math:`\phi`, which bends the gate.

    Source: :cite:t:`shazeer2020`, equation 6.

    >>> import torch
    >>> GatedFeedForward(4, 8, torch.nn.functional.silu)(torch.ones(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, d_model: int, d_ff: int, activation: Callable):
        super().__init__()
        self.to_gate = nn.Linear(d_model, d_ff, bias=False)
        self.to_hidden = nn.Linear(d_model, d_ff, bias=False)
        self.to_output = nn.Linear(d_ff, d_model, bias=False)
        self.activation = activation
        self.hidden = Probe()

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Treat each token by itself."""
        gate = self.activation(self.to_gate(x))
        return self.to_output(self.hidden(gate * self.to_hidden(x)))
