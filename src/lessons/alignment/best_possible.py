r"""The line that no policy can pass: the most true reward at each distance from the reference.

Reference: :cite:t:`gao2023`, figure 1, for such planes.
"""

import torch

from lessons.alignment.playground import bernoulli_kl


def frontier(start: float, *, farthest: float = 30.0) -> list[tuple[float, float]]:
    r"""Return points of the best possible: nats, and the most good answers at that distance.

    Where the reward is 0 or 1, a policy with the share :math:`q` of good answers is at least
    :func:`~lessons.alignment.playground.bernoulli_kl` away. All of them cost
    :math:`-\ln p`; what is farther away can have no more.

    Args:
        start: :math:`p`, the share of good answers in the reference.
        farthest: Where the line ends, in nats.

    Raises:
        ValueError: `start` is no chance between 0 and 1, or `farthest` is on the way.

    Source: :cite:t:`rafailov2023`, equation 4, for a reward of 0 or 1.

    >>> [(round(nats, 3), share) for nats, share in frontier(0.5)[-2:]]
    [(0.693, 1.0), (30.0, 1.0)]
    """
    all_good = bernoulli_kl(1.0, start)
    if farthest < all_good:
        raise ValueError(f"farthest is {farthest}: pass {all_good:.2f} nats or more")
    first = start + 0.3 * (1 - start)  # on a logarithmic axis the way from here to zero is endless
    shares = torch.linspace(first, 1, 40, dtype=torch.float64).tolist()
    return [*((bernoulli_kl(share, start), share) for share in shares), (farthest, 1.0)]
