r"""Latent attention while it generates: many queries, and one key and one value a token.

With the key matrix moved to the query and the value matrix moved behind the mixture, what a cache
keeps of a token is its key, and the first part of it its value, for all heads alike.

Reference: :cite:t:`deepseek2024`, section 2.1; the layer itself is the tests' oracle.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from lessons.attention import merge_heads, split_heads
from lessons.families import LatentAttention


class Kept(NamedTuple):
    """What a cache keeps of the tokens so far: their latent vectors and their rotated keys."""

    latent: Float[Tensor, "batch tokens d_latent"]
    rotary: Float[Tensor, "batch tokens d_rotary"]


def kept_with(
    layer: LatentAttention, new: Float[Tensor, "batch 1 d_model"], before: Kept | None
) -> Kept:
    """Return what is kept after one more token.

    >>> import torch
    >>> from lessons.positions import Rotary
    >>> layer = LatentAttention(8, heads=2, d_head=4, d_latent=6, d_rotary=2, place=Rotary())
    >>> one = kept_with(layer, torch.ones(1, 1, 8), None)
    >>> kept_with(layer, torch.ones(1, 1, 8), one).latent.shape
    torch.Size([1, 2, 6])
    """
    latent, rotary = layer.to_kept(new).split([layer.d_latent, layer.d_rotary], dim=-1)
    start = 0 if before is None else before.latent.shape[1]
    one = Kept(layer.norm(latent), layer.place(rotary, start=start))
    if before is None:
        return one
    return Kept(*(torch.cat(both, dim=1) for both in zip(before, one, strict=True)))


def read_as_one_head(
    layer: LatentAttention, new: Float[Tensor, "batch 1 d_model"], kept: Kept
) -> Float[Tensor, "batch 1 d_model"]:
    r"""Let the newest token read from what is kept, by attention with a single key a token.

    .. math::
        q^h = \bigl[(W_K^h)^\top q^h_\text{head};\, \tilde q^h\bigr], \quad
        k_j = [c_j; r_j], \quad v_j = c_j, \quad o^h = W_V^h \sum_j a_{hj} c_j

    Args:
        layer: The layer as it was trained.
        new: The newest token's vector.
        kept: What is kept of all tokens, the newest one included.

    Source: :cite:t:`deepseek2024`, section 2.1.2.

    >>> import torch
    >>> from lessons.positions import Rotary
    >>> layer = LatentAttention(8, heads=2, d_head=4, d_latent=6, d_rotary=2, place=Rotary())
    >>> token = torch.ones(1, 1, 8)
    >>> out = read_as_one_head(layer, token, kept_with(layer, token, None))
    >>> torch.allclose(out, layer(token), atol=1e-5)
    True
    """
    head, rotary = split_heads(layer.to_query(new), layer.heads).split(
        [layer.d_head, layer.d_rotary], dim=-1
    )
    absorbed = torch.einsum("bhqd,hdc->bhqc", head, layer.to_key)
    start = kept.latent.shape[1] - 1
    query = torch.cat([absorbed, layer.place(rotary, start=start)], dim=-1)
    key, value = torch.cat(kept, dim=-1)[:, None], kept.latent[:, None]
    scale = (layer.d_head + layer.d_rotary) ** -0.5
    mixed = scaled_dot_product_attention(query, key, value, scale=scale, enable_gqa=True)
    return layer.to_output(merge_heads(torch.einsum("hdc,bhqc->bhqd", layer.to_value, mixed)))
