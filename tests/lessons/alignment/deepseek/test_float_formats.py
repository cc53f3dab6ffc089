"""Numbers in eight bits against torch's own types, and what scales and short sums do to errors."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.alignment import e4m3, e5m2, int8, rounded, rounded_in_blocks, summed
from support import few, proofs

TYPES = ((e4m3, torch.float8_e4m3fn), (e5m2, torch.float8_e5m2))


def as_torch(x, kind):
    largest = torch.finfo(kind).max
    return x.clamp(-largest, largest).to(kind).to(x.dtype)


def check_torch(rounded):
    """On numbers of all sizes, on the halves between two numbers, and on zero."""
    torch.manual_seed(0)
    x = torch.randn(4000) * torch.exp2(torch.randint(-20, 18, (4000,)).float())
    for of, kind in TYPES:
        all_of_it = torch.arange(256).to(torch.uint8).view(kind).float()
        known = all_of_it[all_of_it.isfinite()].sort().values
        halves = (known[1:] + known[:-1]) / 2
        for some in (x, known, halves, torch.zeros(3)):
            assert torch.equal(rounded(some, of()), as_torch(some, kind))


def without_small_ones(x, to):
    return rounded(x, to).where(x.abs() >= 2.0**to.lowest, 0)


def cut_off(x, to):
    return rounded(x - x.sign() * 1e-6 * x.abs(), to)


def one_bit_more(x, to):
    return rounded(x, to._replace(mantissa=to.mantissa + 1))


test_rounding_equals_torch, test_broken_rounding_is_caught = proofs(
    rounded, {check_torch: [without_small_ones, cut_off, one_bit_more]}
)


@few
@given(st.integers(-5, 7), st.floats(1, 2, exclude_max=True), st.sampled_from([e4m3, e5m2]))
def test_the_relative_error_is_at_most_half_a_step(exponent, mantissa, of):
    x = torch.tensor([mantissa * 2.0**exponent], dtype=torch.float64)
    assert ((rounded(x, of()) - x).abs() / x).item() <= 2.0 ** -(of().mantissa + 1)


def test_sixteen_bits_too():
    """The same rule with seven bits of mantissa is bfloat16."""
    x = torch.randn(1000)
    ours = rounded(x, e4m3()._replace(mantissa=7, lowest=-126, largest=3e38))
    assert torch.equal(ours, x.bfloat16().float())


def check_blocks(blocks):
    """An outlier spoils the numbers of its own block alone."""
    torch.manual_seed(0)
    plain = torch.randn(4, 256)
    spoiled = plain.clone()
    spoiled[:, 0] = 1e7
    apart, together = (blocks(spoiled, e4m3(), block=n) for n in (128, 256))
    assert torch.equal(apart[:, 128:], blocks(plain, e4m3(), block=128)[:, 128:])
    assert (together[:, 128:] == 0).all()
    assert torch.equal(apart[:, 0], spoiled[:, 0])


def one_scale_for_all(x, to, *, block):
    return rounded_in_blocks(x, to, block=x.shape[-1])


def without_scales(x, to, *, block):
    return rounded(x, to)


test_blocks, test_broken_blocks_are_caught = proofs(
    rounded_in_blocks, {check_blocks: [one_scale_for_all, without_scales]}
)


def test_zeros_stay_zeros():
    assert (rounded_in_blocks(torch.zeros(2, 8), e5m2(), block=4) == 0).all()


def test_a_long_sum_in_few_bits_by_hand():
    """With 4 binary digits 16 + 1 is halfway to 18, and goes to the even 16: it stays there."""
    ones = torch.ones(1, 32)
    assert summed(ones, bits=4, block=32).item() == 16
    assert summed(ones, bits=4, block=8).item() == 32
    assert summed(ones, bits=24, block=32).item() == 32


def test_enough_bits_are_the_exact_sum():
    x = torch.randint(-9, 9, (3, 64)).double()
    assert torch.equal(summed(x, bits=30, block=64), x.sum(dim=-1))


def test_whole_numbers_are_a_format():
    x = 200 * torch.randn(1000)
    assert torch.equal(rounded(x, int8()), x.round().clamp(-127, 127))


@pytest.mark.parametrize("seed", range(5))
def test_what_the_chapter_says_of_errors(seed):
    """An outlier costs whole numbers at once, e4m3 late; blocks mend both; short sums lose."""
    torch.manual_seed(seed)
    plain = torch.randn(64, 4096)
    error = {}
    for outlier in (1.0, 1e3, 1e6):
        rows = plain.clone()
        rows[:, 0] = outlier
        for to in (e4m3, e5m2, int8):
            for block in (128, 4096):
                off = (rounded_in_blocks(rows, to(), block=block) - rows)[:, 128:]
                error[outlier, to, block] = (off.norm() / rows[:, 128:].norm()).item()
    assert error[1.0, int8, 4096] < 0.02 < 0.5 < error[1e3, int8, 4096]
    assert error[1e3, e4m3, 4096] < 0.04 < 0.5 < error[1e6, e4m3, 4096]
    assert error[1e6, e5m2, 4096] < 0.15
    for to in (e4m3, e5m2, int8):
        assert error[1e6, to, 128] == error[1.0, to, 128] < 0.06
    products = torch.rand(64, 4096)
    exact = products.double().sum(dim=-1)
    off = {
        (bits, block): ((summed(products, bits=bits, block=block) - exact) / exact).abs().mean()
        for bits in (14, 24)
        for block in (128, 4096)
    }
    assert off[14, 4096] > 5 * off[14, 128] > 5 * off[24, 4096]


@pytest.mark.parametrize("seed", range(5))
def test_whole_numbers_are_the_better_ones_only_where_a_block_is_narrow(seed):
    draw = torch.Generator().manual_seed(seed)
    normal, spread = torch.randn(2, 64, 4096, generator=draw)
    off, each = {}, {}
    for wide in (False, True):
        x = normal * (1.5 * spread).exp() if wide else normal
        for to in (e4m3, int8):
            error = rounded_in_blocks(x, to(), block=128) - x
            off[to, wide] = (error.norm() / x.norm()).item()
            each[to, wide] = (error / x).abs().median().item()
    assert off[e4m3, False] > 3 * off[int8, False] and each[e4m3, False] > 2 * each[int8, False]
    assert 0.013 < off[e4m3, True] < 0.015 and 0.0175 < off[int8, True] < 0.019
    assert 0.02 < each[e4m3, True] < 0.025 and each[int8, True] > 0.11


@pytest.mark.parametrize("block", [0, 3])
def test_blocks_that_do_not_fill_a_row_are_refused(block):
    for call in (
        lambda: rounded_in_blocks(torch.ones(1, 8), e4m3(), block=block),
        lambda: summed(torch.ones(1, 8), bits=8, block=block),
    ):
        with pytest.raises(ValueError, match="pass a divisor"):
            call()
