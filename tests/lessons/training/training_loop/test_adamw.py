"""A step of AdamW is torch's, and the 2017 schedule is the paper's."""

import functools

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.training import Moments, adamw_step, inverse_root_rate, no_moments
from support import few, same


def check_steps(step, *, betas=(0.9, 0.98), decay=0.1, steps=5):
    generator = torch.Generator().manual_seed(3)
    theirs = torch.nn.Parameter(torch.randn(4, 3, dtype=torch.float64, generator=generator))
    ours, moments = theirs.detach().clone(), no_moments(theirs.detach())
    optimizer = torch.optim.AdamW([theirs], lr=0.03, betas=betas, weight_decay=decay)
    for _ in range(steps):
        theirs.grad = torch.randn(4, 3, dtype=torch.float64, generator=generator)
        ours, moments = step(
            ours, theirs.grad, moments, learning_rate=0.03, betas=betas, weight_decay=decay
        )
        optimizer.step()
        same(ours, theirs.detach())


@few
@given(
    betas=st.tuples(st.floats(0.0, 0.99), st.floats(0.5, 0.999)),
    decay=st.floats(0.0, 1.0),
    steps=st.integers(1, 4),
)
def test_steps_are_torchs(betas, decay, steps):
    check_steps(adamw_step, betas=betas, decay=decay, steps=steps)


def decay_in_the_gradient(weights, gradient, moments, *, weight_decay, **options):
    """Adam with the weights' squares in the loss, which AdamW is not."""
    return adamw_step(
        weights, gradient + weight_decay * weights, moments, weight_decay=0.0, **options
    )


def uncorrected(weights, gradient, moments, **options):
    _, new = adamw_step(weights, gradient, moments, **options)
    later = Moments(moments.mean, moments.square, 10**6)
    return adamw_step(weights, gradient, later, **options)[0], new


def forgetful(weights, gradient, moments, **options):
    return adamw_step(weights, gradient, no_moments(weights), **options)


@pytest.mark.parametrize("mutant", [decay_in_the_gradient, uncorrected, forgetful])
def test_a_wrong_step_is_noticed(mutant):
    with pytest.raises(AssertionError):
        check_steps(mutant)


def test_the_first_step_has_the_length_of_the_rate():
    weights = torch.ones(3, dtype=torch.float64)
    gradient = torch.tensor([1e3, -1e-3, 1.0], dtype=torch.float64)
    moved, _ = adamw_step(
        weights, gradient, no_moments(weights), learning_rate=0.01, weight_decay=0.0
    )
    torch.testing.assert_close(moved, weights - 0.01 * gradient.sign(), rtol=0, atol=1e-6)


def check_schedule(rate):
    """Equation 3 of the paper, with its own numbers, and by what the text says of it."""
    for step in (1, 100, 4000, 4001, 100_000):
        assert rate(step, 512, warm_up=4000) == pytest.approx(
            512**-0.5 * min(step**-0.5, step * 4000**-1.5), rel=1e-12
        )
    rising = [rate(step, 64, warm_up=10) for step in range(1, 11)]
    assert rising == pytest.approx([step / 10 * rising[-1] for step in range(1, 11)])
    assert rate(40, 64, warm_up=10) == pytest.approx(rising[-1] / 2)


def test_the_schedule():
    check_schedule(inverse_root_rate)
    with pytest.raises(ValueError, match="counted from 1"):
        inverse_root_rate(0, 64)
    with pytest.raises(AssertionError):
        check_schedule(functools.partial(lambda step, d, warm_up: step**-0.5 * d**-0.5))
