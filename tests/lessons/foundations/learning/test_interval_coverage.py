"""How often intervals hold the truth: exact sums, against draws and against a known table."""

import pytest
import torch

from lessons.foundations import coverage, plus_minus_interval, wilson_interval


def test_by_hand():
    """Two tosses of a fair coin: none, one or two hits with 1/4, 1/2 and 1/4."""
    intervals = {0: (0.0, 0.4), 1: (0.5, 1.0), 2: (0.6, 1.0)}
    assert coverage(lambda hits, trials: intervals[hits], rate=0.5, trials=2) == 0.5
    intervals[0] = (0.0, 0.5)  # a bound that is the truth holds it
    assert coverage(lambda hits, trials: intervals[hits], rate=0.5, trials=2) == 0.75
    assert coverage(lambda hits, trials: (0.6, 1.0), rate=0.5, trials=2) == 0.0


def test_as_drawn():
    drawn = torch.rand(20_000, 30, generator=torch.Generator().manual_seed(0)) < 0.9
    for interval in (wilson_interval, plus_minus_interval):
        bounds = [interval(hits, 30) for hits in range(31)]
        held = [low <= 0.9 <= high for low, high in bounds]
        share = sum(held[hits] for hits in drawn.sum(dim=1).tolist()) / 20_000
        assert coverage(interval, rate=0.9, trials=30) == pytest.approx(share, abs=0.01)


def test_the_usual_interval_near_one():
    # Brown, Cai and DasGupta (2001), section 2.1: at p = 0.2 and n = 30 it covers 0.946.
    assert coverage(plus_minus_interval, rate=0.2, trials=30) == pytest.approx(0.946, abs=5e-4)
    assert coverage(plus_minus_interval, rate=0.99, trials=50) < 0.4
    assert coverage(wilson_interval, rate=0.99, trials=50) > 0.9


def test_plus_minus_by_hand():
    low, high = plus_minus_interval(9, 10)
    assert (low, high) == pytest.approx((0.9 - 0.18594, 0.9 + 0.18594), abs=1e-5)
    assert plus_minus_interval(10, 10) == (1, 1)


def test_they_refuse():
    for hits, trials in [(0, 0), (3, 2), (-1, 2)]:
        with pytest.raises(ValueError, match="hits in"):
            plus_minus_interval(hits, trials)
    for rate, trials in ((1.1, 3), (-0.1, 3), (0.5, 0)):
        with pytest.raises(ValueError, match="pass 0 to 1, and at least one"):
            coverage(wilson_interval, rate=rate, trials=trials)
