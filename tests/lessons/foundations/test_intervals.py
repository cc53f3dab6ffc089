"""How sure a share of hits is."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from lessons.foundations import Proportion, wilson_interval

few = settings(deadline=None, max_examples=25)


def test_wilson_by_hand():
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for hits, trials, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (9, 10, 0.5958, 0.9821),  # by hand: (0.9 + 1.92/10) / (1 + 3.84/10) is the center
    ]:
        assert wilson_interval(hits, trials) == pytest.approx((low, high), abs=5e-5)


@few
@given(trials=st.integers(1, 500), data=st.data())
def test_wilson_solves_its_equation(trials, data):
    """At each bound, the observed rate is z standard errors away."""
    hits = data.draw(st.integers(0, trials))
    low, high = Proportion(hits, trials).interval
    rate, z = hits / trials, 1.959964
    assert 0 <= low <= rate <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:
            error = z * math.sqrt(bound * (1 - bound) / trials)
            assert abs(rate - bound) == pytest.approx(error, abs=1e-9)


def test_wilson_refuses():
    for hits, trials in [(0, 0), (3, 2), (-1, 2)]:
        with pytest.raises(ValueError, match="hits in"):
            wilson_interval(hits, trials)
