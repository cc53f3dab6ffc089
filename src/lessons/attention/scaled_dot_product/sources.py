r"""Self- and cross-attention: where queries, keys and values come from.

The scoring function says how a query is compared with a key; these two say *whose* query
meets *whose* key. In self-attention one sequence asks itself. In cross-attention the
queries come from one sequence, the keys and values from another (the `memory`).
"""

from jaxtyping import Bool, Float
from torch import Tensor

from lessons.attention.scaled_dot import scaled_dot_product_attention


def cross_attention(
    tokens: Float[Tensor, "*batch queries d_model"],
    memory: Float[Tensor, "*batch keys d_memory"],
    to_query: Float[Tensor, "d_model d_head"],
    to_key: Float[Tensor, "d_memory d_head"],
    to_value: Float[Tensor, "d_memory d_value"],
    *,
    visible: Bool[Tensor, "*mask"] | None = None,
) -> tuple[Float[Tensor, "*batch queries d_value"], Float[Tensor, "*batch queries keys"]]:
    r"""Let each vector of `tokens` read from the vectors of `memory`, with one head.

    .. math:: \operatorname{Attention}(X W_Q,\; M W_K,\; M W_V)

    Args:
        tokens: :math:`X`, the sequence that looks.
        memory: :math:`M`, the sequence that is looked at.
        to_query: :math:`W_Q`, learned.
        to_key: :math:`W_K`, learned.
        to_value: :math:`W_V`, learned.
        visible: True where a query may attend to a key.

    Source: :cite:t:`vaswani2017`, section 3.2.3 (encoder–decoder attention).

    >>> import torch
    >>> mixed, weights = cross_attention(
    ...     torch.ones(2, 4), torch.ones(3, 4), torch.eye(4), torch.eye(4), torch.eye(4))
    >>> weights.shape
    torch.Size([2, 3])
    """
    return scaled_dot_product_attention(
        tokens @ to_query, memory @ to_key, memory @ to_value, visible=visible
    )


def self_attention(
    tokens: Float[Tensor, "*batch tokens d_model"],
    to_query: Float[Tensor, "d_model d_head"],
    to_key: Float[Tensor, "d_model d_head"],
    to_value: Float[Tensor, "d_model d_value"],
    *,
    visible: Bool[Tensor, "*mask"] | None = None,
) -> tuple[Float[Tensor, "*batch tokens d_value"], Float[Tensor, "*batch tokens tokens"]]:
    r"""Let each vector of `tokens` read from all of them, itself included, with one head.

    .. math:: \operatorname{Attention}(X W_Q,\; X W_K,\; X W_V)

    The arguments are those of :func:`cross_attention`; the memory is `tokens` itself.

    Source: :cite:t:`vaswani2017`, section 3.2.3.

    >>> import torch
    >>> mixed, weights = self_attention(torch.ones(3, 4), *[torch.eye(4)] * 3)
    >>> weights.shape
    torch.Size([3, 3])
    """
    return cross_attention(tokens, tokens, to_query, to_key, to_value, visible=visible)
