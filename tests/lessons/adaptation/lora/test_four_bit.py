"""Four bits a weight: the paper's table, the nearest level, and the bytes that are kept."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from lessons.adaptation import (
    FourBitLinear,
    LowRank,
    dequantize,
    even_levels,
    normal_levels,
    quantize,
)
from support import few

# Dettmers et al. (2023), appendix E.
NF4 = [
    *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453),
    *(-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0),
    *(0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
    *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
]


def test_the_table_is_the_papers():
    assert torch.allclose(normal_levels(), torch.tensor(NF4), atol=1e-6)
    assert not torch.allclose(even_levels(), torch.tensor(NF4), atol=0.05)


def check_nearest(quantized):
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(5, 64, generator=generator)
    for levels in (normal_levels(), even_levels()):
        codes, scales = quantized(weights, levels)
        found = dequantize(codes, scales, levels)
        best = (weights[..., None] - scales[..., None] * levels).abs().amin(dim=-1)
        assert torch.allclose((found - weights).abs(), best, atol=1e-6)
        assert codes.shape == (5, 32) and codes.dtype == torch.uint8


def test_each_weight_gets_its_nearest_level():
    check_nearest(quantize)


def halves_exchanged(weights, levels):
    codes, scales = quantize(weights, levels)
    return codes // 16 + 16 * (codes % 16), scales


def one_scale_for_all(weights, levels):
    codes, scales = quantize(weights.reshape(1, -1), levels)
    return codes.reshape(len(weights), -1), scales.expand(len(weights), 1) * 0.5


@pytest.mark.parametrize("broken", [halves_exchanged, one_scale_for_all])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_nearest(broken)


@few
@given(st.floats(1e-3, 1e3))
def test_a_scale_is_carried_through(scale):
    weights = torch.randn(2, 8)
    levels = normal_levels()
    plain, large = (
        dequantize(*quantize(one, levels), levels) for one in (weights, weights * scale)
    )
    assert torch.allclose(plain * scale, large, rtol=1e-4)


def test_a_block_of_zeros_stays_zero():
    levels = normal_levels()
    assert not dequantize(*quantize(torch.zeros(2, 4), levels), levels).any()


def test_a_layer_in_four_bits():
    layer = nn.Linear(128, 64)
    narrow = FourBitLinear(layer)
    x = torch.randn(3, 128)
    assert torch.equal(narrow(x), nn.functional.linear(x, narrow.weight, layer.bias))
    assert narrow.size == 128 * 64 // 2 + 128 * 64 // 64 * 4
    assert not narrow.weight.equal(layer.weight)
    adapted = LowRank(narrow, rank=2, alpha=2.0)
    adapted.up.data.normal_()
    assert torch.allclose(adapted.merged()(x), adapted(x), atol=1e-5)
    assert sum(one.numel() for one in adapted.parameters()) == 2 * (128 + 64) + 64


def test_it_refuses():
    with pytest.raises(ValueError, match="blocks of 3 weights"):
        quantize(torch.zeros(1, 3), even_levels())
    with pytest.raises(ValueError, match="pass a multiple of 64"):
        FourBitLinear(nn.Linear(3, 5))
