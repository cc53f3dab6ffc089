"""Depth at initialization: gradients by layer, and tokens that become the same."""

import itertools

import pytest
import torch
from torch import nn

from lessons.blocks import (
    EncoderBlock,
    LayerNorm,
    deep_stack,
    gradient_norms,
    neither_norm_nor_residual,
    norm_without_residual,
    post_norm,
    pre_norm,
    pulled_at_the_end,
    record,
    residual_without_norm,
    token_spread,
    xavier,
)
from support import same

SEEDS = range(5)


def spread_after(residual, layers, seed=0):
    x = torch.randn(4, 12, 64, generator=torch.Generator().manual_seed(seed + 100))
    with torch.no_grad():
        return token_spread(deep_stack(residual, layers, seed=seed)[:-1](x))


def test_broken_residuals():
    x = torch.randn(3, 4, dtype=torch.float64)
    norm, double = LayerNorm(4).double(), lambda x: 2 * x
    same(norm_without_residual(x, norm, double), 2 * norm(x))
    same(neither_norm_nor_residual(x, norm, double), 2 * x)
    same(residual_without_norm(x, norm, double), 3 * x)
    # What the whole blocks keep is the difference to these.
    same(pre_norm(x, norm, double) - norm_without_residual(x, norm, double), x)


def test_xavier_is_torchs():
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2, bias=False))
    xavier(model, generator=torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(3)
    for layer in (model[0], model[2]):
        expected = nn.init.xavier_uniform_(torch.empty_like(layer.weight), generator=generator)
        assert torch.equal(layer.weight, expected)
    assert model[0].bias.tolist() == [0] * 5 and model[2].bias is None


def test_a_stack_has_what_was_asked_for():
    stack = deep_stack(post_norm, 3, d_model=8, heads=2)
    assert [type(part) for part in stack] == [EncoderBlock] * 3 + [LayerNorm]
    assert all(part.residual is post_norm for part in stack[:-1])
    same_seed, other = (
        deep_stack(post_norm, 3, d_model=8, heads=2),
        deep_stack(post_norm, 3, d_model=8, heads=2, seed=1),
    )
    x = torch.ones(1, 2, 8)
    # All tokens the same, but the vector not constant: LayerNorm would give zeros.
    x[..., 0] = 3
    assert torch.equal(stack(x), same_seed(x)) and not torch.equal(stack(x), other(x))


def test_a_last_norm_changes_nothing_after_post_norm():
    stack = deep_stack(post_norm, 2).double()
    x = torch.randn(1, 5, 64, dtype=torch.float64)
    torch.testing.assert_close(stack(x), stack[:-1](x), rtol=0, atol=1e-4)
    pre = deep_stack(pre_norm, 2).double()
    assert not torch.allclose(pre(x), pre[:-1](x), atol=0.1)


def test_gradient_norms_are_those_of_autograd():
    """By hand, with backward() instead of grad(), for another layer's matrix too."""
    stack = deep_stack(pre_norm, 2)
    norms = gradient_norms(stack, vocab=7, tokens=3, batch=2, seed=4)
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(2, 3, 64, generator=generator)
    wanted = torch.randint(7, (2, 3), generator=generator)
    unembed = torch.randn(64, 7, generator=generator) / 8
    logits = stack(x) @ unembed
    right = logits.log_softmax(-1).gather(-1, wanted[..., None])
    (-right.mean()).backward()
    expected = [block.feed_forward.to_output.weight.grad.norm().item() for block in stack[:-1]]
    assert norms == pytest.approx(expected, rel=1e-4)
    wrong = [block.feed_forward.to_hidden.weight.grad.norm().item() for block in stack[:-1]]
    assert norms != pytest.approx(wrong, rel=1e-2)


def test_pull_at_the_end_by_hand():
    """By the chain rule: each output of the last matrix is pulled as the end of the stream is."""
    stack = deep_stack(pre_norm, 2)
    length, _, without = pulled_at_the_end(stack, tokens=3, batch=2, seed=4)
    inputs, pull = torch.randn(2, 2, 3, 64, generator=torch.Generator().manual_seed(4))
    with record(stack) as seen, torch.no_grad():
        stream = stack[:-1](inputs)
    hidden = seen["1.feed_forward.hidden"]
    expected = torch.einsum("bto,bth->oh", pull, hidden).norm().item()
    assert without == pytest.approx(expected, rel=1e-5)
    assert length == pytest.approx(stream.norm(dim=-1).mean().item(), rel=1e-6)


@pytest.mark.slow
def test_the_last_norm_divides_by_the_length():
    for seed in SEEDS:
        few, many = (pulled_at_the_end(deep_stack(pre_norm, n, seed=seed)) for n in (2, 24))
        longer, with_norm, without = (b / a for a, b in zip(few, many, strict=True))
        assert longer > 2 and longer * with_norm == pytest.approx(1, abs=0.15)
        assert without == pytest.approx(1, abs=0.15)


def test_spread_by_hand():
    x = torch.tensor([[3.0, 0.0], [1.0, 0.0]], dtype=torch.float64)  # mean 2, off by 1 each
    assert token_spread(x) == pytest.approx((2 / 10) ** 0.5, abs=1e-12)
    assert token_spread(5 * x) == pytest.approx(token_spread(x), abs=1e-12)
    assert token_spread(x.flip(0)) == pytest.approx(token_spread(x), abs=1e-12)
    assert token_spread(x + 10) < token_spread(x)


# What the chapter claims of depth, for five seeds each, with margin.


@pytest.mark.slow
def test_the_last_layers_gradient_by_depth():
    """Xiong et al.'s theorem 1: it stays under post-norm, and falls like a root under pre-norm."""
    for seed in SEEDS:
        last = {
            residual: [
                gradient_norms(deep_stack(residual, layers, seed=seed), seed=seed)[-1]
                for layers in (2, 6, 12, 24)
            ]
            for residual in (pre_norm, post_norm)
        }
        assert min(last[post_norm]) > 0.7 * last[post_norm][0]
        assert 2.2 < last[pre_norm][0] / last[pre_norm][-1] < 4.8  # √12 = 3.5
        assert all(a > b for a, b in itertools.pairwise(last[pre_norm]))
        assert last[post_norm][-1] > 3 * last[pre_norm][-1]
        by_block = {
            residual: gradient_norms(deep_stack(residual, 24, seed=seed), seed=seed)
            for residual in (pre_norm, post_norm)
        }
        assert by_block[pre_norm][0] > 2.5 * by_block[pre_norm][-1]
        assert min(by_block[post_norm]) > 2.5 * by_block[pre_norm][-1]


@pytest.mark.slow
def test_without_residual_tokens_become_the_same():
    for seed in SEEDS:
        assert spread_after(norm_without_residual, 6, seed) < 1e-5
        assert spread_after(neither_norm_nor_residual, 6, seed) < 1e-5
        assert spread_after(pre_norm, 6, seed) > 0.4
        assert spread_after(pre_norm, 24, seed) > 0.2
        # With a norm, gradients survive all the same; without one they die.
        alive = gradient_norms(deep_stack(norm_without_residual, 24, seed=seed), seed=seed)
        dead = gradient_norms(deep_stack(neither_norm_nor_residual, 24, seed=seed), seed=seed)
        assert alive[0] > 0.3 and dead[0] < 1e-5
