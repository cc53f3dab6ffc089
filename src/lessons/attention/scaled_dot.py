r"""Scaled dot-product attention: a soft lookup for many queries at once.

References: :cite:t:`vaswani2017`, section 3.2.1; torch's own
:func:`torch.nn.functional.scaled_dot_product_attention` is the tests' oracle.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def masked_softmax(
    scores: Float[Tensor, "*batch queries keys"],
    visible: Bool[Tensor, "*mask"] | None = None,
) -> Float[Tensor, "*batch queries keys"]:
    r"""Turn each query's scores into weights that sum to one over the keys it may see.

    .. math:: w_{ij} = \frac{\exp(s_{ij})}{\sum_{j' \text{ visible to } i} \exp(s_{ij'})}

    A hidden key gets the score −∞, so its weight is exactly 0. A query that may see no
    key at all gets zeros, not NaN: it reads nothing.

    Args:
        scores: One number for each query and key.
        visible: True where the query may attend to the key; broadcasts against `scores`.
            None: every query sees every key.

    Raises:
        ValueError: `visible` has more axes, or longer ones, than the scores.

    >>> masked_softmax(torch.zeros(1, 2), torch.tensor([[True, False]]))
    tensor([[1., 0.]])
    """
    if visible is None:
        return torch.softmax(scores, dim=-1)
    if torch.broadcast_shapes(visible.shape, scores.shape) != scores.shape:
        raise ValueError(
            f"visible has shape {tuple(visible.shape)}, the scores have {tuple(scores.shape)}: "
            "pass a mask that broadcasts to the scores; one for heads needs scores with heads"
        )
    weights = torch.softmax(scores.masked_fill(~visible, -math.inf), dim=-1)
    return weights.masked_fill(~visible, 0.0)


def scaled_dot_product_attention(
    query: Float[Tensor, "*batch queries d_head"],
    key: Float[Tensor, "*batch keys d_head"],
    value: Float[Tensor, "*batch keys d_value"],
    *,
    visible: Bool[Tensor, "*mask"] | None = None,
) -> tuple[Float[Tensor, "*batch queries d_value"], Float[Tensor, "*batch queries keys"]]:
    r"""Return what each query reads from the values, and the weights it reads them with.

    .. math:: \operatorname{Attention}(Q, K, V)
        = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_\text{head}}}\right) V

    Args:
        query: One row for each token that looks.
        key: One row for each token that is looked at.
        value: One row for each token that is looked at: what it hands over.
        visible: True where a query may attend to a key; broadcasts against
            (…, queries, keys). None: every query sees every key.

    Source: :cite:t:`vaswani2017`, equation 1.

    >>> x = torch.eye(2)
    >>> mixed, weights = scaled_dot_product_attention(x, x, x)
    >>> weights.sum(dim=-1)
    tensor([1., 1.])
    """
    d_head = query.shape[-1]
    scores = query @ key.transpose(-2, -1) / math.sqrt(d_head)
    weights = masked_softmax(scores, visible)
    return weights @ value, weights
