"""Sinusoids, learned tables, T5's buckets and rotary positions."""

import math

import pytest
import torch
from hypothesis import given, settings, strategies as st
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb
from transformers.models.t5.modeling_t5 import T5Attention

from lessons.positions import (
    LearnedPositions,
    RelativeBias,
    Rotary,
    SinusoidalPositions,
    relative_bucket,
    rotary_angles,
    rotate_halves,
    rotate_neighbors,
    sinusoids,
)

few = settings(deadline=None, max_examples=20)
sizes = st.integers(1, 6)


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)


def random(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def test_sinusoids_by_hand():
    table = sinusoids(3, 4, dtype=torch.float64)
    close(table[0], torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64))
    by_hand = [math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)]
    close(table[2], torch.tensor(by_hand, dtype=torch.float64))


@few
@given(start=st.integers(0, 50), pairs=sizes)
def test_sinusoids_turn_by_the_offset(start, pairs):
    """A step to the right is one fixed rotation, wherever it starts."""
    both = sinusoids(2, 2 * pairs, start=start, dtype=torch.float64)
    wave = torch.view_as_complex(both.unflatten(-1, (-1, 2)).flip(-1).contiguous())
    frequencies = 10000.0 ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
    turn = torch.polar(torch.ones_like(frequencies), frequencies)
    close(wave[0] * turn, wave[1])


def test_sinusoids_continue_where_a_cache_ends():
    embedded = torch.zeros(2, 9, 6, dtype=torch.float64)
    whole = SinusoidalPositions()(embedded)
    close(SinusoidalPositions()(embedded[:, 4:], start=4), whole[:, 4:])
    with pytest.raises(ValueError, match="d_model = 3 is odd"):
        sinusoids(1, 3)


def test_learned_positions():
    layer = LearnedPositions(5, 4).double()
    x = random(2, 5, 4)
    close(layer(x), x + layer.table.weight)
    close(layer(x[:, 3:], start=3), layer(x)[:, 3:])
    with pytest.raises(ValueError, match="the text has 6 tokens, the model 5 positions"):
        layer(x, start=1)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("buckets", "max_distance"), [(32, 128), (8, 20), (16, 1000)])
def test_buckets_equal_t5s(causal, buckets, max_distance):
    offsets = torch.arange(-1500, 1501)[None]
    theirs = T5Attention._relative_position_bucket(offsets, not causal, buckets, max_distance)
    ours = relative_bucket(offsets, buckets=buckets, max_distance=max_distance, causal=causal)
    assert torch.equal(ours, theirs)
    other = relative_bucket(offsets, buckets=buckets, max_distance=max_distance, causal=not causal)
    assert not torch.equal(other, theirs)


def test_buckets_by_hand():
    offsets = torch.tensor([[-20, -9, -5, -4, -3, -1, 0, 1, 2]])
    ours = relative_bucket(offsets, buckets=8, max_distance=16, causal=False)
    # Four buckets a side: distances 0 and 1 alone, 2 to 5 and from 6 on (2·√8 = 5.7) shared.
    assert ours.tolist() == [[3, 3, 2, 2, 2, 1, 0, 5, 6]]


def test_bias_of_the_last_queries():
    bias = RelativeBias(3, buckets=8, max_distance=16, causal=True).double()
    whole = bias(7, 7)
    assert whole.shape == (3, 7, 7)
    close(bias(2, 7), whole[:, 5:])
    close(whole[1, 6, 5], bias.table.weight[1, 1])  # one token back: bucket 1


@pytest.mark.parametrize("rotate", [rotate_neighbors, rotate_halves])
@few
@given(pairs=sizes, query=st.integers(0, 40), key=st.integers(0, 40), shift=st.integers(1, 40))
def test_scores_depend_on_offsets_only(rotate, pairs, query, key, shift):
    q, k = random(2, 1, 2 * pairs)
    rotary = Rotary(rotate=rotate)
    here = rotary(q, start=query) @ rotary(k, start=key).T
    there = rotary(q, start=query + shift) @ rotary(k, start=key + shift).T
    torch.testing.assert_close(here, there, atol=1e-11, rtol=0)
    if query != key:  # the broken variant: only the queries are turned
        broken = rotary(q, start=query + shift) @ k.T
        assert not torch.allclose(here, broken, atol=1e-6)


def test_rotary_by_hand():
    angles = rotary_angles(torch.tensor([1.0], dtype=torch.float64), 2)
    turned = rotate_neighbors(torch.tensor([[3.0, 4.0]], dtype=torch.float64), angles)
    by_hand = [3 * math.cos(1) - 4 * math.sin(1), 3 * math.sin(1) + 4 * math.cos(1)]
    close(turned, torch.tensor([by_hand], dtype=torch.float64))
    with pytest.raises(ValueError, match="d_head = 5 is odd"):
        rotary_angles(torch.zeros(1), 5)


def test_halves_equal_transformers():
    q, k = random(2, 1, 3, 5, 8)
    angles = rotary_angles(torch.arange(5, dtype=torch.float64), 8)
    both = torch.cat([angles, angles], dim=-1)[None]
    expected, _ = apply_rotary_pos_emb(q, k, both.cos(), both.sin())
    close(rotate_halves(q, angles), expected)
    assert not torch.allclose(rotate_neighbors(q, angles), expected, atol=1e-6)


def test_pairings_differ_by_a_permutation():
    x, angles = random(5, 8), rotary_angles(torch.arange(5, dtype=torch.float64), 8)
    order = torch.tensor([0, 2, 4, 6, 1, 3, 5, 7])
    close(rotate_halves(x[:, order], angles), rotate_neighbors(x, angles)[:, order])


def test_rotary_continues_where_a_cache_ends():
    x = random(2, 3, 7, 4)
    close(Rotary()(x[..., 5:, :], start=5), Rotary()(x)[..., 5:, :])
