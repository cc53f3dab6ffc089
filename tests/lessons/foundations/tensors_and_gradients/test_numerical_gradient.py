"""Differences: exact for a parabola, near autograd for others, and refused where digits lack."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.foundations import numerical_gradient
from support import few


def curved(x):
    return (x.sin() * x.square()).sum() + x.prod()


def forward_differences(loss_of, at, *, step=1e-5):
    here = loss_of(at)
    shifts = step * torch.eye(at.numel(), dtype=at.dtype).view(-1, *at.shape)
    return torch.stack([(loss_of(at + one) - here) / step for one in shifts]).view_as(at)


def without_the_two(loss_of, at, *, step=1e-5):
    return 2 * numerical_gradient(loss_of, at, step=step)


def transposed(loss_of, at, *, step=1e-5):
    return numerical_gradient(loss_of, at, step=step).flatten().flip(0).view_as(at)


def check_as_autograd(gradient, shape):
    at = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(curved(at), at)
    torch.testing.assert_close(gradient(curved, at), expected, rtol=0, atol=1e-7)


def check_exact_for_a_parabola(gradient):
    """Whatever the step: the bend of a parabola cancels in a central difference."""
    at = torch.tensor([3.0, -1.0], dtype=torch.float64)
    found = gradient(lambda x: x.square().sum(), at, step=0.5)
    torch.testing.assert_close(found, 2 * at, rtol=0, atol=1e-12)


@few
@given(st.lists(st.integers(1, 3), max_size=3))
def test_as_autograd(shape):
    check_as_autograd(numerical_gradient, shape)


def test_exact_for_a_parabola():
    check_exact_for_a_parabola(numerical_gradient)


@pytest.mark.parametrize("broken", [forward_differences, without_the_two, transposed])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_as_autograd(broken, (2, 3))
        check_exact_for_a_parabola(broken)


def test_it_leaves_its_input_alone_and_reads_any_layout():
    at = torch.randn(3, 2, dtype=torch.float64).T
    before = at.clone()
    found = numerical_gradient(curved, at)
    assert torch.equal(at, before) and not found.requires_grad
    torch.testing.assert_close(found, numerical_gradient(curved, before), rtol=0, atol=1e-9)


def test_no_numbers_have_no_slopes():
    assert numerical_gradient(lambda x: x.sum(), torch.zeros(0).double()).shape == (0,)


def test_it_refuses(monkeypatch):
    """The shapes' checker would refuse the first one earlier; readers run without it."""
    monkeypatch.setattr("jaxtyping.config.jaxtyping_disable", True)
    with pytest.raises(ValueError, match="pass them in float64"):
        numerical_gradient(curved, torch.zeros(2))
    with pytest.raises(ValueError, match="pass a small positive number"):
        numerical_gradient(curved, torch.zeros(2).double(), step=0.0)
