"""Right in every type: float16, bfloat16 and float32 give what float64 gives.

Each function runs on inputs that were rounded to a type, and once more on the same numbers in
float64. The results may differ by some units of the type's precision, measured by the largest.
"""

import math

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from lessons.attention import scaled_dot_product_attention
from lessons.blocks import layer_norm, rms_norm
from lessons.families import from_transformers
from lessons.limits import flash_attention
from lessons.positions import Rotary, ScaledRotary, rotary_frequencies
from support.tensor_cases import CASES, moved, results

HALF = (torch.float16, torch.bfloat16)


@pytest.mark.parametrize("dtype", [*HALF, torch.float32], ids=str)
@pytest.mark.parametrize("name", CASES)
def test_as_in_float64(name, dtype):
    case = CASES[name]()
    function, inputs = moved(case.function, dtype=dtype), moved(case.inputs, dtype=dtype)
    exact = moved(function, dtype=torch.float64)(*moved(inputs, dtype=torch.float64))
    for result, expected in zip(results(function(*inputs)), results(exact), strict=True):
        if not expected.is_floating_point():
            assert torch.equal(result, expected)
            continue
        assert torch.isfinite(result).all()
        error = (result.double() - expected).abs().max()
        assert error <= case.units * torch.finfo(dtype).eps * expected.abs().max()


ROTARIES = [Rotary(), ScaledRotary(rotary_frequencies(2))]


@pytest.mark.parametrize("rotary", ROTARIES, ids=["Rotary", "ScaledRotary"])
@pytest.mark.parametrize("dtype", HALF, ids=str)
def test_neighbors_far_away_are_turned_by_different_angles(rotary, dtype):
    """Neither 257 in bfloat16, nor 70,000 in float16, has a number of its own."""
    for start in (256, 70_000):
        turned = rotary(torch.ones(1, 2, 2, dtype=dtype), start=start)
        expected = rotary(torch.ones(1, 2, 2, dtype=torch.float64), start=start)
        assert turned.dtype == dtype
        # The angle itself is right to some units of float32.
        allowed = torch.finfo(dtype).eps + start * torch.finfo(torch.float32).eps
        assert (turned - expected).abs().max() <= 2 * allowed
        assert not torch.equal(turned[:, 0], turned[:, 1])


@pytest.mark.parametrize("dtype", HALF, ids=str)
def test_squares_too_large_for_a_half_type_are_summed_in_float32(dtype):
    ones, zeros = torch.ones(4, dtype=dtype), torch.zeros(4, dtype=dtype)
    large = torch.full((1, 4), 257.0, dtype=dtype)
    assert torch.equal(rms_norm(large, ones, epsilon=1e-6), ones[None])
    apart = torch.tensor([[-300.0, 300.0]], dtype=dtype)
    normal = layer_norm(apart, ones[:2], zeros[:2], epsilon=1e-5)
    assert normal.tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize(
    "read",
    [lambda *x: scaled_dot_product_attention(*x)[0], flash_attention],
    ids=["scaled_dot_product_attention", "flash_attention"],
)
def test_products_too_large_for_float16_are_scaled_before(read):
    x = torch.full((1, 2, 64), 32.0, dtype=torch.float16)
    assert math.isinf(x[0, 0] @ x[0, 0])
    assert torch.equal(read(x, x, x), x)


@torch.no_grad()
def test_a_llama_in_bfloat16_is_as_near_to_float32_as_that_of_transformers():
    """Beyond 256 tokens, where positions in bfloat16 would be equal in pairs."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, intermediate_size=64, initializer_range=0.2,
    )  # fmt: skip
    theirs = LlamaForCausalLM(config).eval()
    ids = torch.randint(60, (1, 400))
    exact = theirs(ids).logits[0, 256:]
    half = theirs.bfloat16()
    ours = from_transformers(half)
    own, other = (exact - ours(ids)[0, 256:]).norm(), (exact - half(ids).logits[0, 256:]).norm()
    assert own < 1.2 * other
