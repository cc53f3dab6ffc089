r"""What first weights do to a signal: how widely its numbers spread after each layer."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def spread_by_layer(
    x: Float[Tensor, "batch d_model"],
    layers: Sequence[Float[Tensor, "d_model d_model"]],
    *,
    activation: Callable[[Tensor], Tensor] = torch.tanh,
) -> Float[Tensor, " points"]:
    r"""Return the root mean square of the numbers that go in, and of those after each layer.

    If inputs are independent, with a mean of zero and a variance of one, and so are the weights
    with the variance :math:`\sigma^2`, a sum of :math:`d` products has the variance
    :math:`d \sigma^2`. So :math:`\sigma = 1 / \sqrt{d}` keeps a signal's size.

    Args:
        x: The signal, one example a row.
        layers: The weights of each layer.
        activation: What stands after each layer's product.

    Source: :cite:t:`glorot2010`, equation 5.

    >>> spread_by_layer(torch.ones(1, 2), [torch.eye(2), 3 * torch.eye(2)], activation=torch.relu)
    tensor([1., 1., 3.])
    """
    spreads = [x.square().mean().sqrt()]
    for weights in layers:
        x = activation(x @ weights)
        spreads.append(x.square().mean().sqrt())
    return torch.stack(spreads)
