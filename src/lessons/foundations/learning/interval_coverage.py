r"""How often an interval holds the truth, computed from all outcomes and their chances."""

import math
from collections.abc import Callable

from lessons.foundations.intervals import NORMAL_95, check_counts


def plus_minus_interval(hits: int, trials: int, *, z: float = NORMAL_95) -> tuple[float, float]:
    r"""Return the interval of the usual ±, which is not to be trusted near 0 and 1.

    .. math:: \hat p \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n}}

    Args:
        hits: How often it was so.
        trials: :math:`n`, how often it could have been.
        z: The quantile of the normal distribution; 1.96 gives 95 %.

    Raises:
        ValueError: There is no trial, or `hits` is not between 0 and `trials`.

    Source: :cite:t:`brown2001`, section 2, who show how it fails.

    >>> plus_minus_interval(50, 50)
    (1.0, 1.0)
    """
    check_counts(hits, trials)
    rate = hits / trials
    spread = z * math.sqrt(rate * (1 - rate) / trials)
    return rate - spread, rate + spread


def coverage(
    interval: Callable[[int, int], tuple[float, float]], *, rate: float, trials: int
) -> float:
    r"""Return how likely an interval is to hold the true rate, over all outcomes of the trials.

    .. math:: \sum_{k \,:\, p \,\in\, \text{interval}(k, n)} \binom{n}{k} p^k (1 - p)^{n - k}

    Args:
        interval: From hits and trials to a lower and an upper bound.
        rate: :math:`p`, the true rate.
        trials: :math:`n`.

    Raises:
        ValueError: The rate is not between 0 and 1, or there is no trial.

    >>> coverage(lambda hits, trials: (0.0, 0.9), rate=0.5, trials=2)  # it leaves nothing out
    1.0
    """
    if not 0 <= rate <= 1 or trials < 1:
        raise ValueError(f"a rate of {rate} in {trials} trials: pass 0 to 1, and at least one")
    held = 0.0
    for hits in range(trials + 1):
        low, high = interval(hits, trials)
        if low <= rate <= high:
            held += math.comb(trials, hits) * rate**hits * (1 - rate) ** (trials - hits)
    return held
