r"""Residual connections: a sublayer adds to a token's vector, it never replaces it.

Where the norm stands makes two families. *Post-norm* (the 2017 transformer, BERT) normalizes
the sum, so every layer rescales the stream. *Pre-norm* (GPT-2, T5, Llama) normalizes what the
sublayer reads, and leaves the stream itself alone: a path without any norm leads from the last
layer to the first, and gradients at initialization are well scaled.

References: :cite:t:`vaswani2017`, section 3.1; :cite:t:`xiong2020`.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor


def post_norm(
    x: Float[Tensor, "*batch d_model"], norm: Callable, sublayer: Callable
) -> Float[Tensor, "*batch d_model"]:
    r"""Return :math:`\operatorname{norm}(x + \operatorname{sublayer}(x))`.

    Source: :cite:t:`vaswani2017`, section 3.1.

    >>> import torch
    >>> post_norm(torch.tensor([3.0]), norm=lambda x: x / 2, sublayer=lambda x: 10 * x)
    tensor([16.5000])
    """
    return norm(x + sublayer(x))


def pre_norm(
    x: Float[Tensor, "*batch d_model"], norm: Callable, sublayer: Callable
) -> Float[Tensor, "*batch d_model"]:
    r"""Return :math:`x + \operatorname{sublayer}(\operatorname{norm}(x))`.

    Source: :cite:t:`xiong2020`, table 1.

    >>> import torch
    >>> pre_norm(torch.tensor([3.0]), norm=lambda x: x / 2, sublayer=lambda x: 10 * x)
    tensor([18.])
    """
    return x + sublayer(norm(x))
