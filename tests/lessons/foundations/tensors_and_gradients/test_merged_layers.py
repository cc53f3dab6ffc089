"""Two linear layers in a row are one."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.foundations import merge_layers
from support import few, same

sizes = st.integers(1, 5)


def draw(*shape):
    return torch.randn(shape, dtype=torch.float64)


def check_one_layer_does_what_two_do(merge, inputs, between, outputs):
    layers = (
        draw(inputs, between),
        draw(between),
        draw(between, outputs),
        draw(outputs),
    )
    x = draw(7, inputs)
    weights, bias = merge(*layers)
    w_first, b_first, w_second, b_second = layers
    same(x @ weights + bias, (x @ w_first + b_first) @ w_second + b_second)


@few
@given(sizes, sizes, sizes)
def test_one_layer_does_what_two_do(inputs, between, outputs):
    check_one_layer_does_what_two_do(merge_layers, inputs, between, outputs)


def without_first_bias(w_first, b_first, w_second, b_second):
    return w_first @ w_second, b_second


def with_biases_added(w_first, b_first, w_second, b_second):
    return w_first @ w_second, b_first.sum() + b_second


@pytest.mark.parametrize("broken", [without_first_bias, with_biases_added])
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_one_layer_does_what_two_do(broken, 3, 4, 2)


def test_with_a_bend_between_they_are_not_one():
    """The sum of the outputs at (0, 0) and (1, 1) is that at (0, 1) and (1, 0) for linear ones."""
    switches = torch.tensor([[0.0, 0], [1, 1], [0, 1], [1, 0]], dtype=torch.float64)
    w_first, b_first, w_second, b_second = draw(2, 3), draw(3), draw(3, 1), draw(1)
    for activation, linear in ((torch.relu, False), (lambda x: x, True)):
        out = activation(switches @ w_first + b_first) @ w_second + b_second
        apart = (out[0] + out[1] - out[2] - out[3]).abs().item()
        assert (apart < 1e-12) == linear
