"""Latent attention read as attention with one key a token, against the layer itself."""

import torch
from hypothesis import given, strategies as st

from lessons.alignment import kept_with, read_as_one_head
from lessons.attention import causal_mask
from lessons.families import LatentAttention
from lessons.positions import Rotary
from support import few, proofs, same


def layer(heads=3):
    torch.manual_seed(0)
    sizes = dict(heads=heads, d_head=4, d_latent=6, d_rotary=2)
    return LatentAttention(12, **sizes, place=Rotary()).double()


def draw(seed, tokens):
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(2, tokens, 12, dtype=torch.float64, generator=chance)


@torch.no_grad()
def check_layer(read, tokens, seed):
    """Token by token it gives what the layer gives for the whole text."""
    ours, x, kept, out = layer(), draw(seed, tokens), None, []
    for place in range(tokens):
        new = x[:, place : place + 1]
        kept = kept_with(ours, new, kept)
        out.append(read(ours, new, kept))
    same(torch.cat(out, dim=1), ours(x, visible=causal_mask(tokens, tokens)))


def without_positions(layer, new, kept):
    return read_as_one_head(layer, new, kept._replace(rotary=torch.zeros_like(kept.rotary)))


def by_neighbors(layer, new, kept):
    return read_as_one_head(layer, new, kept._replace(latent=kept.latent.roll(1, dims=1)))


def first_query(layer, new, kept):
    """As if the query stood at the first place."""
    still = LatentAttention(
        12, heads=3, d_head=4, d_latent=6, d_rotary=2, place=lambda v, start: Rotary()(v, start=0)
    ).double()
    still.load_state_dict(layer.state_dict())
    return read_as_one_head(still, new, kept)


test_it_equals_the_layer, test_broken_ways_are_caught = proofs(
    read_as_one_head,
    {check_layer: [without_positions, by_neighbors, first_query]},
    (5, 0),
    st.tuples(st.integers(1, 8), st.integers(0, 99)),
)


@few
@given(st.integers(1, 5))
def test_what_is_kept_does_not_depend_on_the_number_of_heads(heads):
    kept = kept_with(layer(heads), draw(0, 1), None)
    assert sum(one.numel() for one in kept) == 2 * (6 + 2)


@torch.no_grad()
def test_what_is_kept_equals_what_the_layer_keeps():
    ours, x, kept = layer(), draw(1, 4), None
    for place in range(4):
        kept = kept_with(ours, x[:, place : place + 1], kept)
    for mine, whole in zip(kept, ours.kept(x), strict=True):
        same(mine, whole)
