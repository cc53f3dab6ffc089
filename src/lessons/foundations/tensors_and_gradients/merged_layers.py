r"""Why layers need something between them: two linear ones in a row are one."""

from jaxtyping import Float
from torch import Tensor


def merge_layers(
    w_first: Float[Tensor, "d_model d_ff"],
    b_first: Float[Tensor, " d_ff"],
    w_second: Float[Tensor, "d_ff d_out"],
    b_second: Float[Tensor, " d_out"],
) -> tuple[Float[Tensor, "d_model d_out"], Float[Tensor, " d_out"]]:
    r"""Return the weights and the bias of the one layer that two linear layers amount to.

    .. math:: (x W_1 + b_1) W_2 + b_2 = x (W_1 W_2) + (b_1 W_2 + b_2)

    Args:
        w_first: The weights of the layer that comes first.
        b_first: Its bias.
        w_second: The weights of the layer that reads what the first one returns.
        b_second: Its bias.

    >>> import torch
    >>> two, one = torch.full((1, 1), 2.0), torch.ones(1)
    >>> merge_layers(two, one, two, one)
    (tensor([[4.]]), tensor([3.]))
    """
    return w_first @ w_second, b_first @ w_second + b_second
