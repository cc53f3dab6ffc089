r"""A power law with a floor, fitted to the losses of models of several sizes.

.. math:: L(N) = E + A \, N^{-\alpha}

References: :cite:t:`kaplan2020`, equation 1.1, has no floor, and :cite:t:`hoffmann2022`,
equation 2, has one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class PowerLaw(NamedTuple):
    """What a loss falls to, by how much it is above that at size 1, and how fast that shrinks."""

    floor: float
    factor: float
    exponent: float

    def at(self, size: float | int) -> float:
        """Return the loss that the law foretells for a size.

        >>> PowerLaw(floor=1.0, factor=8.0, exponent=0.5).at(16)
        3.0
        """
        return self.floor + self.factor * size**-self.exponent


def fit_power_law(
    sizes: Sequence[float | int], losses: Sequence[float], *, with_floor: bool = True
) -> PowerLaw:
    r"""Return the law with the smallest squared errors.

    Each exponent from 0.01 to 2 is tried. With the exponent given the law is a straight line in
    :math:`N^{-\alpha}`, and the best line is known; its floor is kept from below zero.

    Args:
        sizes: Numbers of parameters, or of tokens, all positive.
        losses: The loss that belongs to each.
        with_floor: Whether the loss may tend to something else than zero.

    Raises:
        ValueError: There are fewer different sizes than the law has numbers, a size has no loss,
            or a size is not positive.

    Source: :cite:t:`hoffmann2022`, section 3.3, for what is fitted; they minimize another error.

    >>> law = PowerLaw(floor=1.0, factor=8.0, exponent=0.5)
    >>> found = fit_power_law([1, 4, 16, 64], [law.at(size) for size in (1, 4, 16, 64)])
    >>> [round(number, 6) for number in found]
    [1.0, 8.0, 0.5]
    """
    needed = 3 if with_floor else 2
    if len(sizes) != len(losses) or len(set(sizes)) < needed or min(sizes) <= 0:
        raise ValueError(
            f"{len(sizes)} sizes and {len(losses)} losses: pass a loss for each size, and at least "
            f"{needed} different sizes, all positive"
        )
    exponents = torch.arange(1, 201, dtype=torch.double) / 100
    small = torch.tensor(sizes, dtype=torch.double)[None] ** -exponents[:, None]
    found = torch.tensor(losses, dtype=torch.double)
    shift = small.mean(1, keepdim=True) if with_floor else 0
    centered = small - shift
    factors = (centered * found).sum(1) / (centered * centered).sum(1)
    floors = found.mean() - factors * small.mean(1) if with_floor else torch.zeros(200)
    through_zero = (small * found).sum(1) / (small * small).sum(1)
    factors = torch.where(floors < 0, through_zero, factors)
    floors = floors.clamp(min=0)
    errors = (floors[:, None] + factors[:, None] * small - found).square().sum(1)
    best = int(errors.argmin())
    return PowerLaw(floors[best].item(), factors[best].item(), exponents[best].item())


def bootstrap_laws(
    sizes: Sequence[float | int],
    losses: Float[Tensor, "models seeds"],
    *,
    draws: int = 400,
    seed: int = 0,
) -> list[PowerLaw]:
    """Fit a law to the mean loss of each size, over seeds that are drawn again for each size.

    Args:
        sizes: The size of each model.
        losses: What each model came to with each seed.
        draws: How many laws.
        seed: Decides which seeds are drawn.

    Raises:
        ValueError: As :func:`fit_power_law` does.

    Source: :cite:t:`efron1979`.

    >>> laws = bootstrap_laws([1, 4, 16], torch.tensor([[9.0, 9.0], [5.0, 5.0], [3.0, 3.0]]))
    >>> len(laws), len(set(laws))
    (400, 1)
    """
    chance = torch.Generator().manual_seed(seed)
    models, seeds = losses.shape
    chosen = torch.randint(seeds, (draws, models, seeds), generator=chance)
    means = losses.expand(draws, -1, -1).gather(2, chosen).mean(dim=2)
    return [fit_power_law(sizes, one) for one in means.tolist()]


def interval(values: Sequence[float], *, share: float = 0.95) -> tuple[float, float]:
    """Return where the middle share of some values begins and ends.

    >>> interval([float(n) for n in range(101)], share=0.5)
    (25.0, 75.0)
    """
    found = torch.tensor(values, dtype=torch.double)
    ends = torch.tensor([(1 - share) / 2, (1 + share) / 2], dtype=torch.double)
    low, high = found.quantile(ends).tolist()
    return low, high
