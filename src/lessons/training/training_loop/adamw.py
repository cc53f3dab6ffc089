r"""One step of AdamW, and the learning rate of the 2017 paper.

Training in the chapters uses torch's own AdamW; this one is there to be read, and the tests
compare the two.

References: :cite:t:`kingma2015`, algorithm 1; :cite:t:`loshchilov2019`, algorithm 2.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class Moments(NamedTuple):
    """What Adam remembers of the gradients so far: two numbers for each parameter."""

    mean: Tensor
    square: Tensor
    steps: int


def no_moments(weights: Float[Tensor, "*any"]) -> Moments:
    """Return the memory before the first step.

    >>> no_moments(torch.ones(2)).steps
    0
    """
    return Moments(torch.zeros_like(weights), torch.zeros_like(weights), 0)


def adamw_step(
    weights: Float[Tensor, "*any"],
    gradient: Float[Tensor, "*any"],
    moments: Moments,
    *,
    learning_rate: float,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
    weight_decay: float = 0.01,
) -> tuple[Float[Tensor, "*any"], Moments]:
    r"""Return the weights after a step, and the new memory.

    .. math::
        \begin{aligned}
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
        v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \\
        \theta &\leftarrow \theta - \eta \lambda \theta - \eta\,
        \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}
        \end{aligned}

    Args:
        weights: :math:`\theta`.
        gradient: :math:`g`, of the loss by the weights.
        moments: :math:`m`, :math:`v` and the number of steps done.
        learning_rate: :math:`\eta`.
        betas: :math:`\beta_1` and :math:`\beta_2`: how slowly the memory forgets.
        epsilon: Keeps the division from zero.
        weight_decay: :math:`\lambda`: the weights shrink by this share of the learning rate,
            whatever the gradient.

    Source: :cite:t:`loshchilov2019`, algorithm 2.

    >>> weights = torch.tensor([1.0, 1.0])
    >>> gradient = torch.tensor([100.0, -0.01])  # very different in size
    >>> adamw_step(weights, gradient, no_moments(weights), learning_rate=0.1, weight_decay=0.0)[0]
    tensor([0.9000, 1.1000])
    """
    steps = moments.steps + 1
    mean = betas[0] * moments.mean + (1 - betas[0]) * gradient
    square = betas[1] * moments.square + (1 - betas[1]) * gradient.square()
    direction = mean / (1 - betas[0] ** steps)
    size = (square / (1 - betas[1] ** steps)).sqrt() + epsilon
    shrunk = weights - learning_rate * weight_decay * weights
    return shrunk - learning_rate * direction / size, Moments(mean, square, steps)


def inverse_root_rate(step: int, d_model: int, *, warm_up: int = 4000) -> float:
    r"""Return the 2017 transformer's learning rate: it rises linearly, then falls like a root.

    .. math:: \eta_t = d_\text{model}^{-1/2} \min(t^{-1/2},\; t \cdot \text{warm\_up}^{-3/2})

    Args:
        step: :math:`t`, counted from 1.
        d_model: The numbers in a token's vector.
        warm_up: The steps in which the rate rises.

    Raises:
        ValueError: `step` is less than 1.

    Source: :cite:t:`vaswani2017`, equation 3.

    >>> round(inverse_root_rate(4000, d_model=512), 5)
    0.0007
    """
    if step < 1:
        raise ValueError(f"step is {step}: steps are counted from 1 here")
    return min(1 / math.sqrt(step), step * warm_up**-1.5) / math.sqrt(d_model)
