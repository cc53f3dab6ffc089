"""The way back by hand is autograd's, to the last digits, and slips in it are caught."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.nn import functional

from lessons.foundations import (
    TwoLayers,
    draw_two_layers,
    numerical_gradient,
    two_layer_gradients,
    two_layer_logits,
    two_layer_loss,
)
from support import few, same

sizes = st.integers(1, 5)


def drawn(batch, d_model, d_ff, vocab):
    layers = draw_two_layers(d_model, d_ff, vocab, generator=torch.Generator().manual_seed(0))
    layers = TwoLayers(*(one + 0.3 * torch.randn_like(one) for one in layers))
    x = torch.randn(batch, d_model, dtype=torch.float64)
    return x, torch.randint(vocab, (batch,)), layers


def slip(**changes):
    """Return the way back with one of its lines exchanged."""

    def gradients(x, labels, layers):
        hidden = torch.tanh(x @ layers.w_hidden + layers.b_hidden)
        logits = hidden @ layers.w_output + layers.b_output
        right = functional.one_hot(labels, logits.shape[-1])
        to_logits = (logits.softmax(dim=changes.get("dim", -1)) - right) / changes.get(
            "rows", len(x)
        )
        to_sum = (to_logits @ layers.w_output.T) * changes.get("slope", lambda h: 1 - h**2)(hidden)
        to_output_bias = to_logits.mean(dim=0) if "mean" in changes else to_logits.sum(dim=0)
        return TwoLayers(x.T @ to_sum, to_sum.sum(dim=0), hidden.T @ to_logits, to_output_bias)

    return gradients


BROKEN = {
    "without the tanh's slope": slip(slope=lambda hidden: 1),
    "the slope of a sigmoid": slip(slope=lambda hidden: hidden * (1 - hidden)),
    "a slope without the square": slip(slope=lambda hidden: 1 - hidden),
    "a sum for a mean": slip(rows=1),
    "a mean for a sum": slip(mean=True),
    "softmax over the rows": slip(dim=0),
}


def check_as_autograd(gradients_of, case):
    x, labels, layers = case
    leaves = TwoLayers(*(one.clone().requires_grad_() for one in layers))
    expected = torch.autograd.grad(two_layer_loss(x, labels, leaves), leaves)
    for own, other in zip(gradients_of(x, labels, layers), expected, strict=True):
        same(own, other)


@few
@given(sizes, sizes, sizes, sizes)
def test_as_autograd(batch, d_model, d_ff, vocab):
    check_as_autograd(two_layer_gradients, drawn(batch, d_model, d_ff, vocab))


def test_the_broken_ones_would_be_right_without_their_slip():
    check_as_autograd(slip(), drawn(5, 3, 4, 2))


@pytest.mark.parametrize("name", BROKEN)
def test_broken_ones_are_caught(name):
    with pytest.raises(AssertionError):
        check_as_autograd(BROKEN[name], drawn(5, 3, 4, 2))


def test_as_by_differences():
    x, labels, layers = drawn(5, 3, 4, 2)
    found = two_layer_gradients(x, labels, layers)
    for name, own in found._asdict().items():

        def loss_of(one, name=name):
            return two_layer_loss(x, labels, layers._replace(**{name: one}))

        by_differences = numerical_gradient(loss_of, getattr(layers, name))
        torch.testing.assert_close(own, by_differences, rtol=0, atol=1e-8)


def test_forward_as_torch_s_layers():
    x, labels, layers = drawn(5, 3, 4, 2)
    theirs = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    rows = (layers.w_hidden.T, layers.b_hidden, layers.w_output.T, layers.b_output)
    theirs.load_state_dict(dict(zip(theirs.state_dict(), rows, strict=True)))
    same(two_layer_logits(x, layers), theirs(x))
    same(two_layer_loss(x, labels, layers), functional.cross_entropy(theirs(x), labels))


def test_by_hand():
    """All weights zero: half and half, so ln 2, and the last bias is pulled by half a unit."""
    zeros = TwoLayers(*(torch.zeros_like(one) for one in drawn(1, 3, 4, 2)[2]))
    x, labels = torch.ones(1, 3, dtype=torch.float64), torch.tensor([1])
    same(two_layer_loss(x, labels, zeros), torch.tensor(2.0).double().log())
    gradients = two_layer_gradients(x, labels, zeros)
    same(gradients.b_output, torch.tensor([0.5, -0.5]).double())
    assert not any(one.any() for one in gradients[:3])


def test_first_weights_have_one_over_the_inputs_as_variance():
    layers = draw_two_layers(400, 100, 300, generator=torch.Generator().manual_seed(0))
    for weights in (layers.w_hidden, layers.w_output):
        assert weights.var().item() * len(weights) == pytest.approx(1, rel=0.03)
    assert not layers.b_hidden.any() and not layers.b_output.any()
