r"""Multi-head attention: several small lookups side by side.

The vectors of `d_model` numbers are projected once, cut into `heads` slices of
`d_head = d_model / heads` numbers, and each slice does a lookup of its own. One more
projection mixes what the heads found.

References: :cite:t:`vaswani2017`, section 3.2.2; torch's :class:`torch.nn.MultiheadAttention`
is the tests' oracle.
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.attention.head_sizes import head_size
from lessons.attention.scaled_dot import scaled_dot_product_attention


def split_heads(
    vectors: Float[Tensor, "*batch tokens d_model"], heads: int
) -> Float[Tensor, "*batch heads tokens d_head"]:
    """Cut each vector into `heads` equal slices, and make the heads an axis of their own.

    Raises:
        ValueError: `d_model` is not a multiple of `heads`.

    >>> import torch
    >>> split_heads(torch.arange(4.0).reshape(1, 4), heads=2)
    tensor([[[0., 1.]],
    <BLANKLINE>
            [[2., 3.]]])
    """
    d_head = head_size(vectors.shape[-1], heads)
    return vectors.unflatten(-1, (heads, d_head)).transpose(-3, -2)


def merge_heads(
    slices: Float[Tensor, "*batch heads tokens d_head"],
) -> Float[Tensor, "*batch tokens d_model"]:
    """Put the heads' slices side by side again: the inverse of :func:`split_heads`.

    >>> import torch
    >>> vectors = torch.rand(5, 6)
    >>> torch.equal(merge_heads(split_heads(vectors, heads=3)), vectors)
    True
    """
    return slices.transpose(-3, -2).flatten(-2)


class MultiHeadAttention(nn.Module):
    r"""Attention with several heads, as self-attention or over a memory.

    .. math::
        \begin{aligned}
        \operatorname{head}_h &= \operatorname{Attention}(X W_Q^h,\; M W_K^h,\; M W_V^h) \\
        \operatorname{MultiHead}(X, M)
            &= [\operatorname{head}_1; \dots; \operatorname{head}_H]\, W_O
        \end{aligned}

    Args:
        d_model: The numbers in a token's vector.
        heads: How many slices it is cut into; must divide `d_model`.
        bias: Whether the four projections add a bias, as BERT and GPT-2 do; Llama does not.

    Raises:
        ValueError: `d_model` is not a multiple of `heads`.

    Source: :cite:t:`vaswani2017`, section 3.2.2.

    >>> import torch
    >>> mixed, weights = MultiHeadAttention(8, heads=2)(torch.zeros(1, 5, 8))
    >>> weights.shape
    torch.Size([1, 2, 5, 5])
    """

    def __init__(self, d_model: int, heads: int, *, bias: bool = True):
        super().__init__()
        head_size(d_model, heads)
        self.heads = heads
        self.to_query = nn.Linear(d_model, d_model, bias=bias)
        self.to_key = nn.Linear(d_model, d_model, bias=bias)
        self.to_value = nn.Linear(d_model, d_model, bias=bias)
        self.to_output = nn.Linear(d_model, d_model, bias=bias)

    def forward(
        self,
        tokens: Float[Tensor, "batch queries d_model"],
        memory: Float[Tensor, "batch keys d_model"] | None = None,
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
    ) -> tuple[Float[Tensor, "batch queries d_model"], Float[Tensor, "batch heads queries keys"]]:
        """Let `tokens` read from `memory`, or from themselves where there is none.

        Args:
            tokens: The sequence that looks.
            memory: The sequence that is looked at; None is self-attention.
            visible: True where a query may attend to a key; broadcasts against
                (batch, heads, queries, keys).
        """
        memory = tokens if memory is None else memory
        query = split_heads(self.to_query(tokens), self.heads)
        key = split_heads(self.to_key(memory), self.heads)
        value = split_heads(self.to_value(memory), self.heads)
        mixed, weights = scaled_dot_product_attention(query, key, value, visible=visible)
        return self.to_output(merge_heads(mixed)), weights
