r"""How much of a change a low rank can make: known exactly, for one matrix, and tried on many.

The best change of rank :math:`r` in place of a change :math:`D` leaves the rest of its singular
values, and no other of this rank leaves less (in the sum of squares).

Reference: :cite:t:`eckart1936`.
"""

from collections.abc import Sequence
from copy import deepcopy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.adaptation.lora.low_rank import layers_named
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


def cut_change(model: nn.Module, base: nn.Module, names: Sequence[str], *, rank: int) -> nn.Module:
    r"""Return a copy of a trained model in which each matrix's change is the best of a rank.

    .. math:: W + \sum_{i \le r} \sigma_i u_i v_i^\top, \qquad
        W' - W = \sum_i \sigma_i u_i v_i^\top

    Args:
        model: What was trained; it is left as it is.
        base: What it was before, with the matrices :math:`W`.
        names: Ends of the names of the linear layers that are cut; others stay as trained.
        rank: :math:`r`; 0 undoes the change.

    Raises:
        ValueError: The rank is negative, or no linear layer has such a name.

    Source: :cite:t:`eckart1936`.

    >>> base, model = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))
    >>> model[0].weight.data = base[0].weight.data + torch.diag(torch.tensor([3.0, 1.0]))
    >>> (cut_change(model, base, ["0"], rank=1)[0].weight - base[0].weight).abs().round(decimals=4)
    tensor([[3., 0.],
            [0., 0.]], grad_fn=<RoundBackward1>)
    """
    if rank < 0:
        raise ValueError(f"the rank is {rank}: pass 0 or more")
    cut, before = deepcopy(model), layers_named(base, names)
    for name, layer in layers_named(cut, names).items():
        own = before[name].weight.detach()
        left, sizes, right = torch.linalg.svd(layer.weight.detach() - own, full_matrices=False)
        layer.weight.data = own + left[:, :rank] * sizes[:rank] @ right[:rank]
    return cut
