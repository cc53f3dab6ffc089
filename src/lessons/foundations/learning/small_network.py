r"""Dropout, and a small network that has it between its two layers.

In training a network with dropout loses some of its numbers, other ones in each step, so that no
number can count on a particular other one. When it answers, it has all of them.

Reference: :cite:t:`srivastava2014`.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def drop(
    x: Float[Tensor, "*any"], share: float, *, generator: torch.Generator | None = None
) -> Float[Tensor, "*any"]:
    r"""Set a share of the numbers to zero by chance, and enlarge the others to make up for it.

    .. math:: x_i \mapsto \frac{m_i}{1 - p} x_i, \qquad m_i = 0 \text{ with probability } p,
        \text{ otherwise } 1

    Divided by :math:`1 - p`, a number keeps its mean, so a network answers with the same weights.

    Args:
        x: The numbers.
        share: :math:`p`, how likely each is to become zero.
        generator: Where chance comes from; torch's own unless you pass one.

    Raises:
        ValueError: The share is not at least 0 and below 1.

    Source: :cite:t:`srivastava2014`, section 10.

    >>> drop(torch.ones(6), 0.5, generator=torch.Generator().manual_seed(0))
    tensor([0., 2., 0., 0., 0., 2.])
    """
    if not 0 <= share < 1:
        raise ValueError(f"share is {share}: pass a number from 0 on and below 1")
    draws = torch.rand(x.shape, generator=generator, device=x.device)
    return torch.where(draws < share, 0, x / (1 - share))


class Dropout(nn.Module):
    """Dropout while a network trains, and nothing when it answers."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
        """Return the numbers with some of them dropped in training mode, as they are otherwise."""
        return drop(x, self.share) if self.training else x


def small_network(
    numbers: int, d_ff: int, *, between: nn.Module | None = None, share: float = 0.0, seed: int = 0
) -> nn.Sequential:
    """Return two linear layers that choose between two answers, ReLU and dropout between them.

    Args:
        numbers: How many numbers an example has.
        d_ff: How many numbers stand between the layers.
        between: What bends them; ReLU unless you pass another module.
        share: Which share of them is dropped in training.
        seed: Decides the first weights, and what is dropped.

    >>> network = small_network(6, 8, share=0.5)
    >>> network(torch.zeros(3, 6)).shape
    torch.Size([3, 2])
    """
    torch.manual_seed(seed)
    between = nn.ReLU() if between is None else between
    return nn.Sequential(nn.Linear(numbers, d_ff), between, Dropout(share), nn.Linear(d_ff, 2))
