"""Gradient descent: torch's own steps, and the bound on the rate in a bowl."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn

from lessons.foundations import descend, descent_step
from support import few, same


def bowl(*steepness):
    turn, _ = torch.linalg.qr(torch.randn(len(steepness), len(steepness)).double())
    return turn @ torch.diag(torch.tensor(steepness, dtype=torch.float64)) @ turn.T


def check_as_torch_s(step):
    weights = nn.Parameter(torch.randn(3, 2, dtype=torch.float64))
    before, optimizer = weights.detach().clone(), torch.optim.SGD([weights], lr=0.3)
    weights.pow(4).sum().backward()
    optimizer.step()
    same(step(before, weights.grad, learning_rate=0.3), weights.detach())


def uphill(weights, gradient, *, learning_rate):
    return weights + learning_rate * gradient


def by_sign(weights, gradient, *, learning_rate):
    return weights - learning_rate * gradient.sign()


def test_as_torch_s():
    check_as_torch_s(descent_step)


@pytest.mark.parametrize("broken", [uphill, by_sign])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_as_torch_s(broken)


@few
@given(st.floats(0.5, 20), st.floats(0.01, 0.5))
def test_the_steepest_direction_bounds_the_rate(steepest, flat):
    matrix, start = bowl(steepest, flat), torch.ones(2, dtype=torch.float64)
    for share, fades in ((0.98, True), (1.02, False)):
        path = descend(
            lambda weights: weights @ matrix, start, learning_rate=share * 2 / steepest, steps=900
        )
        steep = (path @ matrix).norm(dim=1)  # the gradient, which the steep direction rules
        assert (steep[-1] < steep[0]) == fades


def test_the_path_has_the_start_and_a_point_for_each_step():
    path = descend(
        lambda weights: 2 * weights, torch.tensor([8.0, 4.0]), learning_rate=0.25, steps=3
    )
    assert path.tolist() == [[8, 4], [4, 2], [2, 1], [1, 0.5]]
    start = torch.randn(2, 3)
    assert torch.equal(descend(torch.sin, start, learning_rate=1.0, steps=0), start[None])


def test_it_refuses():
    with pytest.raises(ValueError, match="pass 0 or more"):
        descend(torch.sin, torch.ones(1), learning_rate=0.1, steps=-1)
