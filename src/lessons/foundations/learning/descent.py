r"""Gradient descent: take a small step against the gradient, and again.

Reference: :cite:t:`rumelhart1986`; `fit`, with which the chapters train, adds to it what
:cite:t:`loshchilov2019` do.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor


def descent_step(
    weights: Float[Tensor, "*any"], gradient: Float[Tensor, "*any"], *, learning_rate: float
) -> Float[Tensor, "*any"]:
    r"""Return the weights after one step of gradient descent.

    .. math:: \theta \leftarrow \theta - \eta \frac{\partial L}{\partial \theta}

    Args:
        weights: :math:`\theta`.
        gradient: The loss's, at these weights.
        learning_rate: :math:`\eta`, how far to go for a gradient of one.

    >>> descent_step(torch.tensor([1.0, 2]), torch.tensor([10.0, -10]), learning_rate=0.1)
    tensor([0., 3.])
    """
    return weights - learning_rate * gradient


def descend(
    gradient_of: Callable[[Tensor], Tensor],
    start: Float[Tensor, "*any"],
    *,
    learning_rate: float,
    steps: int,
) -> Float[Tensor, "points *any"]:
    """Return where gradient descent comes by: the start, and the weights after each step.

    Args:
        gradient_of: From weights to the loss's gradient there.
        start: The weights to begin with.
        learning_rate: How far to go for a gradient of one.
        steps: How many steps to take.

    Raises:
        ValueError: The number of steps is negative.

    >>> descend(lambda weight: 2 * weight, torch.tensor(8.0), learning_rate=0.25, steps=3)
    tensor([8., 4., 2., 1.])
    """
    if steps < 0:
        raise ValueError(f"steps is {steps}: pass 0 or more")
    path = [start]
    for _ in range(steps):
        path.append(descent_step(path[-1], gradient_of(path[-1]), learning_rate=learning_rate))
    return torch.stack(path)
