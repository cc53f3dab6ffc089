r"""Latent attention (MLA): keys and values are rebuilt from one short vector a token.

A cache then keeps that latent vector instead of all heads' keys and values. Rotation would
stand between the latent vector and the keys, so positions travel in a few extra numbers: each
head's query has some, and one key, shared by all heads, has as many.

Reference: :cite:t:`deepseek2024`, section 2.1; transformers' DeepSeek-V3 is the tests' oracle.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.attention import masked_softmax, merge_heads, split_heads
from lessons.blocks.norms import RMSNorm


def expanded_scores(
    query: Float[Tensor, "batch heads queries d_head"],
    latent: Float[Tensor, "batch keys d_latent"],
    to_key: Float[Tensor, "heads d_head d_latent"],
) -> Float[Tensor, "batch heads queries keys"]:
    r"""Rebuild every head's keys, then compare: :math:`s_{ij}^h = q_i^h \cdot (W_K^h c_j)`.

    Source: :cite:t:`deepseek2024`, equation 10.

    >>> expanded_scores(torch.ones(1, 1, 1, 2), torch.ones(1, 3, 4), torch.ones(1, 2, 4))
    tensor([[[[8., 8., 8.]]]])
    """
    keys = torch.einsum("hdc,bkc->bhkd", to_key, latent)
    return query @ keys.mT


def absorbed_scores(
    query: Float[Tensor, "batch heads queries d_head"],
    latent: Float[Tensor, "batch keys d_latent"],
    to_key: Float[Tensor, "heads d_head d_latent"],
) -> Float[Tensor, "batch heads queries keys"]:
    r"""Move the matrix to the query: :math:`s_{ij}^h = ((W_K^h)^\top q_i^h) \cdot c_j`.

    The same scores as :func:`expanded_scores`, but no key is ever rebuilt: while generating, the
    one new query is changed instead of all the keys so far.

    Source: :cite:t:`deepseek2024`, section 2.1.2.

    >>> absorbed_scores(torch.ones(1, 1, 1, 2), torch.ones(1, 3, 4), torch.ones(1, 2, 4))
    tensor([[[[8., 8., 8.]]]])
    """
    return torch.einsum("bhqd,hdc->bhqc", query, to_key) @ latent[:, None].mT


class LatentAttention(nn.Module):
    r"""Multi-head self-attention from latent vectors.

    .. math::
        \begin{aligned}
        c_j &= \operatorname{norm}(W_C\, x_j), \quad r_j = \operatorname{rotate}(W_R\, x_j) \\
        s_{ij}^h &= \frac{q_i^h \cdot (W_K^h c_j) + \operatorname{rotate}(\tilde q_i^h) \cdot r_j}
        {\sqrt{d_\text{head} + d_\text{rotary}}}, \quad v_j^h = W_V^h c_j
        \end{aligned}

    What a cache keeps of a token is :math:`c_j` and :math:`r_j`.

    Args:
        d_model: The numbers in a token's vector.
        heads: The heads.
        d_head: The numbers in a head's query, key and value, without the rotary ones.
        d_latent: The numbers in a token's latent vector.
        d_rotary: The numbers that carry the position.
        place: Rotates vectors by their positions; called with `start=`.
        compare: :func:`expanded_scores` or :func:`absorbed_scores`.

    Source: :cite:t:`deepseek2024`, equations 9 to 19 (without the compression of queries).

    >>> from lessons.positions import Rotary
    >>> layer = LatentAttention(16, heads=4, d_head=4, d_latent=6, d_rotary=2, place=Rotary())
    >>> layer(torch.ones(1, 3, 16)).shape
    torch.Size([1, 3, 16])
    """

    def __init__(
        self,
        d_model: int,
        *,
        heads: int,
        d_head: int,
        d_latent: int,
        d_rotary: int,
        place: Callable,
        compare: Callable = expanded_scores,
    ):
        super().__init__()
        self.heads, self.d_head, self.d_latent, self.d_rotary = heads, d_head, d_latent, d_rotary
        self.place, self.compare = place, compare
        self.to_query = nn.Linear(d_model, heads * (d_head + d_rotary), bias=False)
        self.to_kept = nn.Linear(d_model, d_latent + d_rotary, bias=False)
        self.norm = RMSNorm(d_latent)
        self.to_key = nn.Parameter(torch.randn(heads, d_head, d_latent) / math.sqrt(d_latent))
        self.to_value = nn.Parameter(torch.randn(heads, d_head, d_latent) / math.sqrt(d_latent))
        self.to_output = nn.Linear(heads * d_head, d_model, bias=False)

    def forward(
        self,
        tokens: Float[Tensor, "batch tokens d_model"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Let each token read from all the tokens that it may see."""
        latent, rotary_key = self.kept(tokens)
        query, rotary_query = split_heads(self.to_query(tokens), self.heads).split(
            [self.d_head, self.d_rotary], dim=-1
        )
        scores = self.compare(query, latent, self.to_key)
        scores = scores + self.place(rotary_query, start=0) @ rotary_key[:, None].mT
        weights = masked_softmax(scores / math.sqrt(self.d_head + self.d_rotary), visible)
        mixed = torch.einsum("hdc,bhqc->bhqd", self.to_value, weights @ latent[:, None])
        return self.to_output(merge_heads(mixed))

    def kept(
        self, tokens: Float[Tensor, "batch tokens d_model"]
    ) -> tuple[Float[Tensor, "batch tokens d_latent"], Float[Tensor, "batch tokens d_rotary"]]:
        """Return what a cache would keep: each token's latent vector and its rotary key."""
        latent, rotary = self.to_kept(tokens).split([self.d_latent, self.d_rotary], dim=-1)
        return self.norm(latent), self.place(rotary, start=0)
