r"""Scaled dot-product attention: a soft lookup for many queries at once.

References: :cite:t:`vaswani2017`, section 3.2.1; torch's own
:func:`torch.nn.functional.scaled_dot_product_attention` is the tests' oracle.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lessons.attention.visibility import check_visible, sees_any


def scaled_scores(
    query: Float[Tensor, "*batch queries d_head"], key: Float[Tensor, "*batch keys d_head"]
) -> Float[Tensor, "*batch queries keys"]:
    r"""Return :math:`Q K^\top / \sqrt{d_\text{head}}`.

    The query is divided, not the product, which may be too large for float16.

    Source: :cite:t:`vaswani2017`, equation 1.

    >>> scaled_scores(torch.ones(1, 4), torch.ones(1, 4))
    tensor([[2.]])
    """
    return (query / math.sqrt(query.shape[-1])) @ key.transpose(-2, -1)


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
        ValueError: `visible` is not boolean, or has more axes, or longer ones, than the scores.

    >>> masked_softmax(torch.zeros(1, 2), torch.tensor([[True, False]]))
    tensor([[1., 0.]])
    """
    if visible is None:
        return torch.softmax(scores, dim=-1)
    check_visible(visible, scores.shape)
    sees = sees_any(visible)
    # A row of nothing but −∞ would give NaN, and so would its gradient: it gets zeros.
    hidden = scores.new_zeros(sees.shape).masked_fill(sees, -math.inf)
    return torch.softmax(torch.where(visible, scores, hidden), dim=-1) * sees


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
    scores = scaled_scores(query, key)
    weights = masked_softmax(scores, visible)
    return weights @ value, weights
