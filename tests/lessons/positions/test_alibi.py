"""ALiBi's slopes and biases against BLOOM's and MPT's, and what they are for."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, strategies as st
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

from lessons.attention import causal_mask, masked_softmax
from lessons.positions import Alibi, alibi_bias, alibi_slopes
from support import caught_by, few, proofs, same

many_heads = st.integers(1, 40)


def check_slopes_equal_mpts(slopes, heads):
    """MPT's are powers of two computed in float32, exact to its 24 bits."""
    theirs = -build_mpt_alibi_tensor(heads, 2)[:, 0, 0]
    torch.testing.assert_close(torch.tensor(slopes(heads)), theirs, rtol=3e-7, atol=0)


def check_slopes_are_geometric(slopes, heads):
    """For a power of two, each slope is the one before times a constant; the last is 1/256."""
    found = slopes(heads)
    assert found[-1] == 2**-8
    assert all(b / a == pytest.approx(2 ** (-8 / heads)) for a, b in pairwise(found))


def check_all_slopes_differ(slopes, heads):
    assert len(set(slopes(heads))) == heads


def slopes_without_end(heads):
    return [2 ** (-8 * h / heads) for h in range(1, heads + 1)]


def slopes_from_zero(heads):
    return [2 ** (-8 * h / heads) for h in range(heads)]


def slopes_linear(heads):
    return [2**-8 * h for h in range(heads, 0, -1)]


def slopes_of_the_larger(heads):
    """Take all slopes from the next power of two, the steepest first."""
    larger = 1 << (heads - 1).bit_length()
    return alibi_slopes(larger)[:heads]


def slopes_repeated(heads):
    smaller = 1 << (heads.bit_length() - 1)
    return (alibi_slopes(smaller) * 2)[:heads]


@few
@given(heads=many_heads)
def test_slopes_equal_mpts_for_any_number_of_heads(heads):
    check_slopes_equal_mpts(alibi_slopes, heads)
    check_all_slopes_differ(alibi_slopes, heads)


@pytest.mark.parametrize("heads", [1, 2, 4, 8, 16, 64])
def test_slopes_of_powers_of_two(heads):
    check_slopes_are_geometric(alibi_slopes, heads)


CATCHES = {
    check_slopes_equal_mpts: [
        (slopes_without_end, 12),
        (slopes_from_zero, 8),
        (slopes_linear, 8),
        (slopes_of_the_larger, 12),
        (slopes_repeated, 12),
    ],
    check_slopes_are_geometric: [(slopes_from_zero, 8), (slopes_linear, 8)],
    check_all_slopes_differ: [(slopes_repeated, 12)],
}


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_wrong_slopes_are_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(*mutant)


def test_slopes_by_hand():
    assert alibi_slopes(8) == [2.0**-h for h in range(1, 9)]
    # Six heads: the four of 4, then the first and the third of 8.
    assert alibi_slopes(6) == [1 / 4, 1 / 16, 1 / 64, 1 / 256, 1 / 2, 1 / 8]
    with pytest.raises(ValueError, match="heads is 0: pass at least 1"):
        alibi_slopes(0)


def check_weights_equal_blooms(bias_of, heads, tokens):
    """BLOOM adds slope · key position: another constant for each query, the same weights."""
    generator = torch.Generator().manual_seed(5)
    scores = torch.randn(heads, tokens, tokens, generator=generator, dtype=torch.float64)
    # For 1, 2, 4 or 8 heads float32 holds BLOOM's slopes and their small multiples exactly.
    slopes = torch.tensor(alibi_slopes(heads), dtype=torch.float64)
    theirs = build_alibi_tensor(torch.ones(1, tokens, dtype=torch.long), heads, torch.float64)
    ours = bias_of(slopes, tokens, tokens)
    past = causal_mask(tokens, tokens)
    same(masked_softmax(scores + ours, past), masked_softmax(scores + theirs, past))
    constant = (theirs - ours).masked_fill(~past, torch.nan)
    same(constant.nanmean(dim=-1), slopes[:, None] * torch.arange(tokens, dtype=torch.float64))


def bias_rewarding_distance(slopes, queries, keys):
    return -alibi_bias(slopes, queries, keys)


def bias_of_one_slope(slopes, queries, keys):
    return alibi_bias(slopes[:1].expand_as(slopes), queries, keys)


def bias_of_the_first_queries(slopes, queries, keys):
    return alibi_bias(slopes, keys, keys)[:, :queries]


def check_last_queries_are_the_end_of_all(bias_of, heads, tokens):
    slopes = torch.tensor(alibi_slopes(heads), dtype=torch.float64)
    same(bias_of(slopes, 1, tokens), bias_of(slopes, tokens, tokens)[:, -1:], atol=0)


BIAS_CATCHES = {
    check_weights_equal_blooms: [bias_rewarding_distance, bias_of_one_slope],
    check_last_queries_are_the_end_of_all: [bias_of_the_first_queries],
}


test_biases, test_wrong_biases_are_caught = proofs(
    alibi_bias, BIAS_CATCHES, (4, 6), st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(1, 9))
)


def test_the_layer_has_the_bias_and_learns_nothing():
    layer = Alibi(6).double()
    same(layer(2, 5), alibi_bias(torch.tensor(alibi_slopes(6), dtype=torch.float64), 2, 5))
    assert list(layer.parameters()) == [] and list(layer.state_dict()) == []


def test_a_bias_by_hand():
    """The chapter's three positions, with a slope of a half."""
    bias = alibi_bias(torch.tensor([0.5]), 3, 3)[0]
    assert bias.tolist() == [[0, -0.5, -1], [-0.5, 0, -0.5], [-1, -0.5, 0]]


@pytest.mark.parametrize("number", ["slope", "none", "unscaled"])
def test_under_a_causal_mask_it_is_a_dot_product_of_longer_vectors(number):
    """One number more in each key, against a 1 in the query; without it, or its factor, not."""
    heads, tokens, d_head = 4, 9, 6
    generator = torch.Generator().manual_seed(2)
    q, k, v = torch.randn(3, heads, tokens, d_head, generator=generator, dtype=torch.float64)
    slopes = torch.tensor(alibi_slopes(heads), dtype=torch.float64)
    factor = {"slope": d_head**0.5, "none": 0.0, "unscaled": 1.0}[number]
    more = factor * slopes[:, None, None] * torch.arange(tokens, dtype=torch.float64)[:, None]
    past = causal_mask(tokens, tokens)
    scores = q @ k.mT / d_head**0.5 + alibi_bias(slopes, tokens, tokens)
    expected = masked_softmax(scores, past) @ v
    found = torch.nn.functional.scaled_dot_product_attention(
        torch.cat([q, torch.ones_like(q[..., :1])], dim=-1),
        torch.cat([k, more], dim=-1),
        v,
        is_causal=True,
        scale=d_head**-0.5,
    )
    assert torch.allclose(found, expected, atol=1e-10) == (number == "slope")
