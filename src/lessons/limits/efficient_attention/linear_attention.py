r"""Linear attention: give up the softmax, and the past fits into one small table.

If the similarity of a query and a key is a product of features,
:math:`\phi(q) \cdot \phi(k)`, the sum over all keys can be made before the query is known. The same
function has two forms: one compares all pairs, the other reads token by token like a recurrent
network, with a state whose size does not depend on the length of the text.

Reference: :cite:t:`katharopoulos2020`.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from lessons.attention import causal_mask


def positive_features(x: Float[Tensor, "*batch d_head"]) -> Float[Tensor, "*batch d_head"]:
    r"""Return :math:`\operatorname{elu}(x) + 1`, which is positive everywhere.

    Source: :cite:t:`katharopoulos2020`, section 3.2.

    >>> positive_features(torch.tensor([0.0, 2.0]))
    tensor([1., 3.])
    """
    return F.elu(x) + 1


def linear_attention(
    query: Float[Tensor, "*batch tokens d_head"],
    key: Float[Tensor, "*batch tokens d_head"],
    value: Float[Tensor, "*batch tokens d_value"],
) -> Float[Tensor, "*batch tokens d_value"]:
    r"""Let each token read from itself and its past, by comparing pairs.

    .. math:: o_i = \frac{\sum_{j \le i} \phi(q_i) \cdot \phi(k_j)\; v_j}
        {\sum_{j \le i} \phi(q_i) \cdot \phi(k_j)}

    Source: :cite:t:`katharopoulos2020`, section 3.3.

    >>> linear_attention(torch.ones(2, 1), torch.ones(2, 1), torch.tensor([[2.0], [4.0]]))
    tensor([[2.],
            [3.]])
    """
    tokens = query.shape[-2]
    similar = positive_features(query) @ positive_features(key).mT
    similar = similar * causal_mask(tokens, tokens, device=similar.device)
    return similar @ value / similar.sum(dim=-1, keepdim=True)


def linear_recurrence(
    query: Float[Tensor, "*batch tokens d_head"],
    key: Float[Tensor, "*batch tokens d_head"],
    value: Float[Tensor, "*batch tokens d_value"],
) -> Float[Tensor, "*batch tokens d_value"]:
    r"""Return the same, token by token, from a state that does not grow.

    The state holds :math:`d_\text{head} (d_\text{value} + 1)` numbers.

    .. math:: S_i = S_{i-1} + \phi(k_i)^\top v_i, \qquad z_i = z_{i-1} + \phi(k_i), \qquad
        o_i = \frac{\phi(q_i)\, S_i}{\phi(q_i) \cdot z_i}

    Source: :cite:t:`katharopoulos2020`, section 3.4.

    >>> linear_recurrence(torch.ones(2, 1), torch.ones(2, 1), torch.tensor([[2.0], [4.0]]))
    tensor([[2.],
            [3.]])
    """
    query, key = positive_features(query), positive_features(key)
    table = key.new_zeros(*key.shape[:-2], key.shape[-1], value.shape[-1])
    total = key.new_zeros(*key.shape[:-2], key.shape[-1])
    read = []
    for q, k, v in zip(query.unbind(-2), key.unbind(-2), value.unbind(-2), strict=True):
        table = table + k[..., :, None] * v[..., None, :]
        total = total + k
        mixed = (q[..., None, :] @ table)[..., 0, :]
        read.append(mixed / (q * total).sum(dim=-1, keepdim=True))
    return torch.stack(read, dim=-2)


def state_numbers(d_head: int, d_value: int) -> int:
    """Count the numbers of the recurrent state of one head, however long the text.

    >>> state_numbers(64, 64)
    4160
    """
    return d_head * (d_value + 1)
