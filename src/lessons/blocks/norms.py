r"""Norms: bring each token's vector to one scale, whatever the layers before did to it.

Both look at the features of one token alone, never at other tokens or at the batch. LayerNorm
centers and scales; RMSNorm only scales, with fewer operations, and works as well. The sums are
taken in float32 where the model has a half type: there 257 squared would be infinite.

References: :cite:t:`ba2016` and :cite:t:`zhang2019`; torch's own are the tests' oracles.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.tensors import widened


def layer_norm(
    x: Float[Tensor, "*batch d_model"],
    gain: Float[Tensor, " d_model"],
    bias: Float[Tensor, " d_model"],
    *,
    epsilon: float,
) -> Float[Tensor, "*batch d_model"]:
    r"""Center each vector, divide it by its standard deviation, then stretch and shift it.

    .. math:: \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot g + b, \qquad
        \sigma^2 = \frac 1d \sum_i (x_i - \mu)^2

    The variance is the biased one (divided by :math:`d`, not :math:`d - 1`), and
    :math:`\epsilon` stands inside the root.

    Source: :cite:t:`ba2016`, equation 4.

    >>> layer_norm(torch.tensor([1.0, 3.0]), torch.ones(2), torch.zeros(2), epsilon=0.0)
    tensor([-1.,  1.])
    """
    wide = widened(x)
    centered = wide - wide.mean(dim=-1, keepdim=True)
    variance = centered.square().mean(dim=-1, keepdim=True)
    return (centered * torch.rsqrt(variance + epsilon) * gain + bias).type_as(x)


def rms_norm(
    x: Float[Tensor, "*batch d_model"], gain: Float[Tensor, " d_model"], *, epsilon: float
) -> Float[Tensor, "*batch d_model"]:
    r"""Divide each vector by its root mean square, then stretch it.

    .. math:: \frac{x}{\sqrt{\frac 1d \sum_i x_i^2 + \epsilon}} \odot g

    Source: :cite:t:`zhang2019`, equation 4.

    >>> rms_norm(torch.tensor([1.0, 7.0]), torch.ones(2), epsilon=0.0)
    tensor([0.2000, 1.4000])
    """
    wide = widened(x)
    mean_square = wide.square().mean(dim=-1, keepdim=True)
    return (wide * torch.rsqrt(mean_square + epsilon) * gain).type_as(x)


class LayerNorm(nn.Module):
    """:func:`layer_norm` with a learned gain and bias.

    >>> LayerNorm(2, epsilon=0.0)(torch.tensor([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """

    def __init__(self, d_model: int, *, epsilon: float = 1e-5):
        super().__init__()
        self.epsilon = epsilon
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Normalize each vector by itself."""
        return layer_norm(x, self.gain, self.bias, epsilon=self.epsilon)


class RMSNorm(nn.Module):
    """:func:`rms_norm` with a learned gain.

    >>> RMSNorm(2, epsilon=0.0)(torch.tensor([3.0, 3.0])).tolist()
    [1.0, 1.0]
    """

    def __init__(self, d_model: int, *, epsilon: float = 1e-6):
        super().__init__()
        self.epsilon = epsilon
        self.gain = nn.Parameter(torch.ones(d_model))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Normalize each vector by itself."""
        return rms_norm(x, self.gain, epsilon=self.epsilon)
