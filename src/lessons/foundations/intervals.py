r"""Proportions with a confidence interval: how sure "right in 47 of 50" is.

The usual ± interval fails where it is needed most, near 0 and 1: after 50 hits of 50 it says
"1 ± 0". Wilson's doesn't.
"""

import math
from typing import NamedTuple

NORMAL_95 = 1.959964  # of normal draws, 95 % lie within so many standard deviations of the mean


class Proportion(NamedTuple):
    """Hits among trials."""

    hits: int
    trials: int

    @property
    def rate(self) -> float:
        """The share of hits."""
        return self.hits / self.trials

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of :func:`wilson_interval`."""
        return wilson_interval(self.hits, self.trials)


def check_counts(hits: int, trials: int) -> None:
    """Refuse hits and trials that cannot be.

    Raises:
        ValueError: There is no trial, or `hits` is not between 0 and `trials`.
    """
    if trials < 1 or not 0 <= hits <= trials:
        raise ValueError(
            f"{hits} hits in {trials} trials: pass at least one trial, and hits between 0 and that"
        )


def wilson_interval(hits: int, trials: int, *, z: float = NORMAL_95) -> tuple[float, float]:
    r"""Return the bounds between which the true rate lies, with 95 % confidence.

    .. math:: \frac{1}{1 + z^2/n} \left( \hat p + \frac{z^2}{2n} \pm
        z \sqrt{\frac{\hat p (1 - \hat p)}{n} + \frac{z^2}{4 n^2}} \right)

    Args:
        hits: How often it was so.
        trials: :math:`n`, how often it could have been.
        z: The quantile of the normal distribution; 1.96 gives 95 %.

    Raises:
        ValueError: There is no trial, or `hits` is not between 0 and `trials`.

    Source: :cite:t:`wilson1927`.

    >>> [round(bound, 3) for bound in wilson_interval(50, 50)]
    [0.929, 1.0]
    """
    check_counts(hits, trials)
    rate, square = hits / trials, z * z / trials
    middle = (rate + square / 2) / (1 + square)
    spread = math.sqrt(rate * (1 - rate) * square + square * square / 4) / (1 + square)
    low, high = middle - spread, middle + spread
    # Rounding must not push a bound past the rate itself.
    return max(0.0, min(low, rate)), min(1.0, max(high, rate))
