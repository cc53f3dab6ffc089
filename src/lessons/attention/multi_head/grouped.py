r"""Grouped-query attention: several query heads share one head of keys and values.

While a model generates, the keys and values of all tokens so far are kept in memory. With
`kv_heads` of them instead of `heads`, that cache shrinks by the factor `heads / kv_heads`.
With `kv_heads == heads` this is multi-head attention; with `kv_heads == 1` it is
multi-query attention :cite:p:`shazeer2019`.

Reference: :cite:t:`ainslie2023`; the oracle is torch's
:func:`torch.nn.functional.scaled_dot_product_attention` with `enable_gqa=True`.
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.attention.head_sizes import group_size, head_size
from lessons.attention.multi_head.heads import merge_heads, split_heads
from lessons.attention.scaled_dot import scaled_dot_product_attention


def grouped_query_attention(
    query: Float[Tensor, "*batch heads queries d_head"],
    key: Float[Tensor, "*batch kv_heads keys d_head"],
    value: Float[Tensor, "*batch kv_heads keys d_value"],
    *,
    visible: Bool[Tensor, "*mask"] | None = None,
) -> tuple[
    Float[Tensor, "*batch heads queries d_value"], Float[Tensor, "*batch heads queries keys"]
]:
    r"""Let each group of neighboring query heads read from one head of keys and values.

    Query head :math:`h` reads key–value head
    :math:`\lfloor h \cdot \text{kv\_heads} / \text{heads} \rfloor`.

    Args:
        query: All the query heads.
        key: Fewer heads, whose number divides that of the query heads.
        value: As many heads as `key`.
        visible: True where a query may attend to a key.

    Raises:
        ValueError: The number of query heads is not a multiple of the key–value heads.

    Source: :cite:t:`ainslie2023`, section 2.2.

    >>> import torch
    >>> query, shared = torch.rand(4, 3, 2), torch.rand(1, 3, 2)
    >>> mixed, weights = grouped_query_attention(query, shared, shared)
    >>> mixed.shape
    torch.Size([4, 3, 2])
    """
    group = group_size(query.shape[-3], key.shape[-3])
    key = key.repeat_interleave(group, dim=-3)
    value = value.repeat_interleave(group, dim=-3)
    return scaled_dot_product_attention(query, key, value, visible=visible)


class GroupedQueryAttention(nn.Module):
    r"""Multi-head self-attention with fewer key–value heads than query heads.

    Args:
        d_model: The numbers in a token's vector.
        heads: The query heads; must divide `d_model`.
        kv_heads: The key–value heads; must divide `heads`. 1 is multi-query attention.

    The projections have no bias, as in Llama.

    Raises:
        ValueError: `heads` does not divide `d_model`, or `kv_heads` does not divide `heads`.

    Source: :cite:t:`ainslie2023`, section 2.2.

    >>> import torch
    >>> layer = GroupedQueryAttention(8, heads=4, kv_heads=2)
    >>> layer.to_key.out_features
    4
    """

    def __init__(self, d_model: int, heads: int, kv_heads: int):
        super().__init__()
        d_head = head_size(d_model, heads)
        group_size(heads, kv_heads)
        self.heads, self.kv_heads = heads, kv_heads
        self.to_query = nn.Linear(d_model, heads * d_head, bias=False)
        self.to_key = nn.Linear(d_model, kv_heads * d_head, bias=False)
        self.to_value = nn.Linear(d_model, kv_heads * d_head, bias=False)
        self.to_output = nn.Linear(heads * d_head, d_model, bias=False)

    def forward(
        self,
        tokens: Float[Tensor, "batch tokens d_model"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
    ) -> tuple[Float[Tensor, "batch tokens d_model"], Float[Tensor, "batch heads tokens tokens"]]:
        """Let each token read from all the tokens that it may see."""
        query = split_heads(self.to_query(tokens), self.heads)
        key = split_heads(self.to_key(tokens), self.kv_heads)
        value = split_heads(self.to_value(tokens), self.kv_heads)
        mixed, weights = grouped_query_attention(query, key, value, visible=visible)
        return self.to_output(merge_heads(mixed)), weights
