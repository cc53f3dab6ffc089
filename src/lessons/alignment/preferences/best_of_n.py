r"""Best of n: draw n answers, keep the best one. No training, and hard to beat.

References: :cite:t:`stiennon2020`, appendix G; :cite:t:`beirami2024`.
"""

import math


def best_of_n_share(start: float, n: int) -> float:
    r"""Return the share of good answers when a good one is kept wherever there is one.

    .. math:: 1 - (1 - p)^n

    Its divergence from the reference is that of two coins,
    :func:`~lessons.alignment.playground.bernoulli_kl`: among good answers, as among bad ones, the
    proportions stay, if ties are broken by chance. So best of n lies on the frontier of a reward
    of 0 or 1.

    Args:
        start: :math:`p`, the share of good answers in one draw.
        n: How many are drawn.

    Raises:
        ValueError: `n` is less than 1.

    >>> best_of_n_share(0.5, 3)
    0.875
    """
    if n < 1:
        raise ValueError(f"n is {n}: pass at least 1")
    return 1 - (1 - start) ** n


def best_of_n_bound(n: int) -> float:
    r"""Return the divergence that best of n never exceeds, in nats, whatever the reward.

    .. math:: \ln n - \frac{n - 1}{n}

    It is reached where no two answers have one reward and no answer is likely by itself.

    Args:
        n: How many are drawn.

    Raises:
        ValueError: `n` is less than 1.

    Source: :cite:t:`beirami2024`, theorem 1.

    >>> round(best_of_n_bound(4), 3)
    0.636
    """
    if n < 1:
        raise ValueError(f"n is {n}: pass at least 1")
    return math.log(n) - (n - 1) / n
