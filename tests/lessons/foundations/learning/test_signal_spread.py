"""A signal through layers: what a linear start keeps, and what a broken measure misses."""

import pytest
import torch

from lessons.foundations import spread_by_layer
from support import same


def draw(*shape):
    return torch.randn(shape, dtype=torch.float64)


def check_by_hand(spread):
    """(3, 4) has the mean square 12.5; doubled, then cut at zero."""
    x, double = torch.tensor([[3.0, -4.0]]).double(), 2 * torch.eye(2).double()
    found = spread(x, [double, torch.eye(2).double()], activation=torch.relu)
    same(found, torch.tensor([12.5, 18.0, 18.0]).double().sqrt())


def centered(x, layers, *, activation=torch.tanh):
    """Subtracts the mean, as a standard deviation does."""
    found = [x.std(correction=0)]
    for weights in layers:
        x = activation(x @ weights)
        found.append(x.std(correction=0))
    return torch.stack(found)


def without_the_input(x, layers, *, activation=torch.tanh):
    return spread_by_layer(x, layers, activation=activation)[1:]


def before_the_bend(x, layers, *, activation=torch.tanh):
    found = [x.square().mean().sqrt()]
    for weights in layers:
        found.append((x @ weights).square().mean().sqrt())
        x = activation(x @ weights)
    return torch.stack(found)


def test_by_hand():
    check_by_hand(spread_by_layer)


@pytest.mark.parametrize("broken", [centered, without_the_input, before_the_bend])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_by_hand(broken)


@pytest.mark.parametrize(("activation", "gain"), [(lambda x: x, 1.0), (torch.relu, 2**0.5)])
def test_weights_of_this_size_keep_a_signal_s_size(activation, gain):
    d = 400
    layers = [gain * draw(d, d) / d**0.5 for _ in range(5)]
    found = spread_by_layer(draw(50, d), layers, activation=activation)
    assert (found - 1).abs().max() < 0.15
