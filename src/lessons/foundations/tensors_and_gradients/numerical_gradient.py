r"""The gradient without calculus: move one number a little, and see what the loss does."""

from collections.abc import Callable

import torch
from jaxtyping import Float64
from torch import Tensor


@torch.no_grad()
def numerical_gradient(
    loss_of: Callable[[Tensor], Tensor], at: Float64[Tensor, "*any"], *, step: float = 1e-5
) -> Float64[Tensor, "*any"]:
    r"""Return how fast a loss changes with each number of a tensor, by central differences.

    .. math:: \frac{\partial L}{\partial \theta_i} \approx
        \frac{L(\theta + \epsilon e_i) - L(\theta - \epsilon e_i)}{2 \epsilon}

    It calls the loss twice for each number: good for a check, hopeless for training.

    Args:
        loss_of: From a tensor to a loss, a scalar.
        at: :math:`\theta`, in float64: in float32 the difference of two losses that nearly agree
            keeps too few digits.
        step: :math:`\epsilon`. The error falls with its square, until rounding takes over.

    Raises:
        ValueError: The tensor is not in float64, or the step is not positive.

    >>> at = torch.tensor([1.0, -3], dtype=torch.float64)
    >>> numerical_gradient(lambda x: x.square().sum(), at).round(decimals=6)
    tensor([ 2., -6.], dtype=torch.float64)
    """
    if at.dtype != torch.float64:
        raise ValueError(f"the numbers are in {at.dtype}: pass them in float64, with `.double()`")
    if step <= 0:
        raise ValueError(f"step is {step}: pass a small positive number")
    shifts = step * torch.eye(at.numel(), dtype=at.dtype, device=at.device)
    slopes = at.new_empty(at.numel())
    for place, shift in enumerate(shifts.view(at.numel(), *at.shape)):
        slopes[place] = (loss_of(at + shift) - loss_of(at - shift)) / (2 * step)
    return slopes.view_as(at)
