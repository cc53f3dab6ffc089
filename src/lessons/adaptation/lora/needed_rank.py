r"""How much of a change a low rank can make: known exactly, for one matrix.

The best change of rank :math:`r` in place of a change :math:`D` leaves the rest of its singular
values, and no other of this rank leaves less (in the sum of squares).

Reference: :cite:t:`eckart1936`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.tensors import widened


def share_left(change: Float[Tensor, "d_out d_in"], rank: int) -> Float[Tensor, ""]:
    r"""Return which share of a change no update of a rank can make, in squares.

    .. math:: \frac{\sum_{i > r} \sigma_i^2}{\sum_i \sigma_i^2}

    Args:
        change: The matrix by which the frozen one should change.
        rank: :math:`r`, at least 0.

    Raises:
        ValueError: The rank is negative.

    Source: :cite:t:`eckart1936`.

    >>> share_left(torch.diag(torch.tensor([3.0, 1.0])), rank=1)
    tensor(0.1000)
    """
    if rank < 0:
        raise ValueError(f"the rank is {rank}: pass 0 or more")
    squares = torch.linalg.svdvals(widened(change)).square()
    return squares[rank:].sum() / squares.sum()


def draw_change(
    size: int, rank: int, *, generator: torch.Generator
) -> Float[Tensor, "{size} {size}"]:
    r"""Draw a square change of a rank, of size 1 in the sum of squares, no direction larger.

    Args:
        size: Its rows and columns.
        rank: How many directions it has.
        generator: Where chance comes from.

    Raises:
        ValueError: The rank is not between 1 and the size.

    >>> torch.linalg.svdvals(draw_change(3, 1, generator=torch.Generator())).round(decimals=4)
    tensor([1., 0., 0.])
    """
    if not 1 <= rank <= size:
        raise ValueError(f"the rank is {rank}: pass 1 to {size}")
    left, right = (
        torch.linalg.qr(torch.randn(size, rank, generator=generator))[0] for _ in range(2)
    )
    return left @ right.mT / rank**0.5
