"""Stretched rotary frequencies against transformers', and what each recipe keeps or gives up."""

import math

import pytest
import torch
from hypothesis import given, strategies as st
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb

from lessons.positions import (
    Rotary,
    ScaledRotary,
    interpolated,
    ntk_base,
    rotary_angles,
    rotary_frequencies,
    rotate_halves,
    rotate_neighbors,
    wavelengths,
    yarn_by_turns,
    yarn_frequencies,
    yarn_stretch,
)
from support import few, proofs, same

# transformers computes frequencies in float32, whatever the model's type: its 24 bits, and a
# power of which the exponent was rounded, leave about six digits.
nearly = {"rtol": 3e-6, "atol": 0}
widths = st.integers(2, 64).map(lambda pairs: 2 * pairs)
factors = st.floats(1.0, 64.0)
bases = st.sampled_from([10000.0, 500000.0, 1e6])
lengths = st.sampled_from([32, 512, 4096, 32768])


def theirs(kind, d_head, base, length, seq_len=None, **more):
    """Return transformers' frequencies and its factor for turned vectors."""
    config = LlamaConfig(
        hidden_size=d_head,
        num_attention_heads=1,
        head_dim=d_head,
        max_position_embeddings=length,
        rope_parameters={"rope_type": kind, "rope_theta": base, **more},
    )
    return ROPE_INIT_FUNCTIONS[kind](config, seq_len=seq_len)


def check_interpolation(ours, d_head, factor, base, length):
    expected, stretch = theirs("linear", d_head, base, length, factor=factor)
    torch.testing.assert_close(
        ours(rotary_frequencies(d_head, base=base), factor), expected.double(), **nearly
    )
    assert stretch == 1.0


def check_ntk(ours, d_head, factor, base, length):
    """transformers' dynamic one of factor 1, at a text `factor` times as long, is NTK-aware."""
    longer = round(factor * length)
    expected, _ = theirs("dynamic", d_head, base, length, seq_len=longer, factor=1.0)
    got = rotary_frequencies(d_head, base=ours(d_head, longer / length, base=base))
    torch.testing.assert_close(got, expected.double(), **nearly)


def check_yarn(ours, d_head, factor, base, length):
    expected, stretch = theirs(
        "yarn", d_head, base, length, factor=factor, original_max_position_embeddings=length
    )
    got = ours(d_head, factor, trained=length, base=base)
    torch.testing.assert_close(got, expected.double(), **nearly)
    assert yarn_stretch(factor) == pytest.approx(stretch, abs=1e-12)


def check_ntk_ends(ours, d_head, factor, base, length):
    """The first pair turns as before, the last one slower by the whole factor."""
    slowed = rotary_frequencies(d_head, base=base) / rotary_frequencies(
        d_head, base=ours(d_head, factor, base=base)
    )
    assert slowed[0] == 1.0
    assert slowed[-1].item() == pytest.approx(factor, rel=1e-9)


def check_yarn_ends(ours, d_head, factor, base, length):
    """Pairs with more than 32 turns are left alone, those with less than one fully slowed."""
    frequencies = rotary_frequencies(d_head, base=base)
    turns = length / wavelengths(frequencies)
    slowed = frequencies / ours(d_head, factor, trained=length, base=base)
    # The ramp begins and ends at whole indices, up to one pair beyond the turns.
    step = base ** (2 / d_head)
    alone = turns > 32 * step
    same(slowed[alone], torch.ones_like(slowed[alone]))
    same(slowed[turns < 1 / step], torch.full_like(slowed[turns < 1 / step], factor), rtol=1e-9)
    assert (slowed.diff() > -1e-9).all()


def interpolated_the_other_way(frequencies, factor):
    return frequencies * factor


def ntk_linear(d_head, factor, *, base):
    return base * factor


def ntk_inverse_exponent(d_head, factor, *, base):
    return base * factor ** ((d_head - 2) / d_head)


def yarn_as_interpolation(d_head, factor, *, trained, base):
    return rotary_frequencies(d_head, base=base) / factor


def yarn_upside_down(d_head, factor, *, trained, base):
    frequencies = rotary_frequencies(d_head, base=base)
    right = yarn_frequencies(d_head, factor, trained=trained, base=base)
    return frequencies + frequencies / factor - right


def yarn_for_another_length(d_head, factor, *, trained, base):
    return yarn_frequencies(d_head, factor, trained=4 * trained, base=base)


REAL = {
    check_interpolation: interpolated,
    check_ntk: ntk_base,
    check_ntk_ends: ntk_base,
    check_yarn: yarn_frequencies,
    check_yarn_ends: yarn_frequencies,
}
CATCHES = {
    check_interpolation: [interpolated_the_other_way],
    check_ntk: [ntk_linear, ntk_inverse_exponent],
    check_ntk_ends: [ntk_linear, ntk_inverse_exponent],
    check_yarn: [yarn_as_interpolation, yarn_upside_down, yarn_by_turns, yarn_for_another_length],
    check_yarn_ends: [yarn_as_interpolation, yarn_upside_down],
}


test_scaling, test_wrong_scaling_is_caught = proofs(
    REAL, CATCHES, (64, 8.0, 10000.0, 4096), st.tuples(widths, factors, bases, lengths)
)


@few
@given(d_head=widths, base=bases)
def test_a_factor_of_one_changes_nothing(d_head, base):
    plain = rotary_frequencies(d_head, base=base)
    same(interpolated(plain, 1), plain, atol=0)
    assert ntk_base(d_head, 1.0, base=base) == base
    same(yarn_frequencies(d_head, 1.0, trained=64, base=base), plain)
    assert yarn_stretch(1.0) == 1.0


@few
@given(start=st.integers(0, 30), tokens=st.integers(1, 6), base=bases)
def test_unscaled_equals_rotary(start, tokens, base):
    x = torch.randn(2, tokens, 8, dtype=torch.float64)
    plain = ScaledRotary(rotary_frequencies(8, base=base))
    same(plain(x, start=start), Rotary(base=base)(x, start=start))
    # Slowed down by 4, position 4p looks like position p.
    slow = ScaledRotary(interpolated(rotary_frequencies(8, base=base), 4))
    same(slow(x[:, :1], start=4 * start), plain(x[:, :1], start=start))


@pytest.mark.parametrize("rotate", [rotate_neighbors, rotate_halves])
def test_the_layer_turns_and_stretches(rotate):
    x = torch.randn(2, 5, 8, dtype=torch.float64)
    angles = rotary_angles(torch.arange(3.0, 8.0, dtype=torch.float64), 8)
    layer = ScaledRotary(rotary_frequencies(8), stretch=1.5, rotate=rotate)
    same(layer(x, start=3), 1.5 * rotate(x, angles))
    assert layer(x.float()).dtype == torch.float32


def test_bad_widths():
    with pytest.raises(ValueError, match="d_head = 3 is odd"):
        rotary_frequencies(3)
    with pytest.raises(ValueError, match="d_head = 2: pass at least 4"):
        ntk_base(2, 8)


def test_by_hand():
    """The chapter's four pairs: periods of 6, 63, 628 and 6283 tokens."""
    assert wavelengths(rotary_frequencies(8)).round().tolist() == [6, 63, 628, 6283]
    # Texts of 32 tokens turn the first pair five times, the others not once.
    slowed = rotary_frequencies(8) / yarn_frequencies(8, 8, trained=32)
    same(slowed, torch.tensor([1.0, 8, 8, 8], dtype=torch.float64))
    assert ntk_base(8, 8) == pytest.approx(10000 * 8 ** (4 / 3))


def test_the_papers_ramp_by_hand():
    """Pair 0 turns 5.1 times in 32 tokens: 4.1 of the 31 turns from 1 to 32 are kept."""
    kept = (32 / (2 * math.pi) - 1) / 31
    slowed = rotary_frequencies(8) / yarn_by_turns(8, 8, trained=32)
    same(slowed, torch.tensor([1 / ((1 - kept) / 8 + kept), 8, 8, 8], dtype=torch.float64))
    # Where a pair turns often enough, and none stands between, paper and code agree.
    same(yarn_by_turns(8, 8, trained=32, fast=4.0), yarn_frequencies(8, 8, trained=32, fast=4.0))
    assert yarn_stretch(8) == pytest.approx(1 + 0.1 * math.log(8))


def test_neighbors_equal_gptjs():
    x = torch.randn(2, 5, 3, 8, dtype=torch.float64)  # batch, tokens, heads, numbers
    angles = rotary_angles(torch.arange(5, dtype=torch.float64), 8)
    expected = apply_rotary_pos_emb(x, angles.sin()[None], angles.cos()[None])
    same(rotate_neighbors(x.transpose(1, 2), angles), expected.transpose(1, 2))
    assert not torch.allclose(rotate_halves(x.transpose(1, 2), angles), expected.transpose(1, 2))
