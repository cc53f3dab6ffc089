r"""Activations: the bend between the two layers of a feed-forward network.

Without a bend, two linear layers are one linear layer. The 2017 transformer and T5 use ReLU;
BERT uses GELU; GPT-2 uses GELU's tanh approximation, which is not the same function; Llama
uses SiLU (Swish) in a gated network.

References: :cite:t:`hendrycks2016`; torch's own functions are the tests' oracle.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.tensors import widened


def relu(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    r"""Return :math:`\max(0, x)`.

    >>> relu(torch.tensor([-2.0, 3.0]))
    tensor([0., 3.])
    """
    return x.clamp(min=0)


def gelu(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    r"""Return :math:`x \, \Phi(x)`, with the normal distribution's :math:`\Phi`.

    .. math:: \operatorname{GELU}(x) = \frac x2 \left(1 + \operatorname{erf}
        \frac{x}{\sqrt 2}\right)

    Source: :cite:t:`hendrycks2016`, section 2.

    >>> gelu(torch.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])
    """
    wide = widened(x)
    return (0.5 * wide * (1 + torch.erf(wide / math.sqrt(2)))).to(x.dtype)


def gelu_tanh(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    r"""Return GELU's approximation by a tanh, which GPT-2 was trained with ("gelu_new").

    .. math:: \frac x2 \left(1 + \tanh\!\left[\sqrt{2/\pi}\,
        (x + 0.044715\, x^3)\right]\right)

    Source: :cite:t:`hendrycks2016`, section 2.

    >>> gelu_tanh(torch.tensor([-1.0, 1.0]))
    tensor([-0.1588,  0.8412])
    """
    wide = widened(x)
    cubic = wide + 0.044715 * wide * wide * wide
    return (0.5 * wide * (1 + torch.tanh(math.sqrt(2 / math.pi) * cubic))).to(x.dtype)


def silu(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    r"""Return :math:`x \, \sigma(x)`, also called Swish.

    Source: :cite:t:`hendrycks2016`, section 2.

    >>> silu(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7311])
    """
    return x * torch.sigmoid(x)
