r"""A network of two layers, its loss, and its gradients by the chain rule, written by hand.

The way back visits the steps of the way forward in the opposite order. At each it needs the
gradient of what came out, and values that went in or came out: that is backpropagation.
Each gradient has the shape of what it is the gradient of.

Reference: :cite:t:`rumelhart1986`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional


class TwoLayers(NamedTuple):
    """What a network of two layers learns; or, in the same places, the gradients of that."""

    w_hidden: Float[Tensor, "d_model d_ff"]
    b_hidden: Float[Tensor, " d_ff"]
    w_output: Float[Tensor, "d_ff vocab"]
    b_output: Float[Tensor, " vocab"]


def draw_two_layers(
    d_model: int, d_ff: int, vocab: int, *, generator: torch.Generator
) -> TwoLayers:
    r"""Draw weights in float64, normal with variance 1 / inputs; biases begin at zero.

    Args:
        d_model: The numbers that go in.
        d_ff: The numbers between the layers.
        vocab: The answers between which the network chooses.
        generator: Where the numbers come from.

    >>> [tuple(one.shape) for one in draw_two_layers(3, 4, 2, generator=torch.Generator())]
    [(3, 4), (4,), (4, 2), (2,)]
    """
    w_hidden, w_output = (
        torch.randn(inputs, outputs, generator=generator, dtype=torch.float64) / inputs**0.5
        for inputs, outputs in ((d_model, d_ff), (d_ff, vocab))
    )
    return TwoLayers(w_hidden, w_hidden.new_zeros(d_ff), w_output, w_output.new_zeros(vocab))


def two_layer_logits(
    x: Float[Tensor, "batch d_model"], layers: TwoLayers
) -> Float[Tensor, "batch vocab"]:
    r"""Return a score for each answer.

    .. math:: h = \tanh(x W_1 + b_1), \qquad z = h W_2 + b_2

    Args:
        x: The inputs, one a row.
        layers: The weights and biases.

    >>> layers = draw_two_layers(3, 4, 2, generator=torch.Generator())
    >>> two_layer_logits(torch.zeros(1, 3).double(), layers)
    tensor([[0., 0.]], dtype=torch.float64)
    """
    hidden = torch.tanh(x @ layers.w_hidden + layers.b_hidden)
    return hidden @ layers.w_output + layers.b_output


def two_layer_loss(
    x: Float[Tensor, "batch d_model"], labels: Int64[Tensor, " batch"], layers: TwoLayers
) -> Float[Tensor, ""]:
    r"""Return the mean cross-entropy of the right answers, in nats.

    Args:
        x: The inputs, one a row.
        labels: The right answer to each.
        layers: The weights and biases.

    >>> layers = draw_two_layers(3, 4, 2, generator=torch.Generator())
    >>> two_layer_loss(torch.zeros(1, 3).double(), torch.tensor([1]), layers)  # ln 2
    tensor(0.6931, dtype=torch.float64)
    """
    return functional.cross_entropy(two_layer_logits(x, layers), labels)


def two_layer_gradients(
    x: Float[Tensor, "batch d_model"], labels: Int64[Tensor, " batch"], layers: TwoLayers
) -> TwoLayers:
    r"""Return the gradient of :func:`two_layer_loss` for each weight and bias, by hand.

    .. math:: \frac{\partial L}{\partial z} = \frac{\operatorname{softmax}(z) - y}{n}, \qquad
        \frac{\partial L}{\partial h} = \frac{\partial L}{\partial z} W_2^\top, \qquad
        \frac{\partial L}{\partial a} = \frac{\partial L}{\partial h} \odot (1 - h^2)

    Here :math:`y` is 1 at the right answer and 0 elsewhere, :math:`n` the number of rows, and
    :math:`a = x W_1 + b_1` what goes into the tanh. A weight's gradient is what went into its
    layer times the gradient of what came out; a bias's is the sum of the latter over the rows.

    Args:
        x: The inputs, one a row.
        labels: The right answer to each.
        layers: The weights and biases.

    Source: :cite:t:`rumelhart1986`.

    >>> layers = draw_two_layers(3, 4, 2, generator=torch.Generator())
    >>> gradients = two_layer_gradients(torch.zeros(1, 3).double(), torch.tensor([1]), layers)
    >>> gradients.b_output  # what it says, half and half, minus what is right
    tensor([ 0.5000, -0.5000], dtype=torch.float64)
    """
    hidden = torch.tanh(x @ layers.w_hidden + layers.b_hidden)
    logits = hidden @ layers.w_output + layers.b_output
    right = functional.one_hot(labels, logits.shape[-1])
    to_logits = (logits.softmax(dim=-1) - right) / len(x)
    to_hidden = to_logits @ layers.w_output.T
    to_sum = to_hidden * (1 - hidden**2)
    return TwoLayers(
        w_hidden=x.T @ to_sum,
        b_hidden=to_sum.sum(dim=0),
        w_output=hidden.T @ to_logits,
        b_output=to_logits.sum(dim=0),
    )
