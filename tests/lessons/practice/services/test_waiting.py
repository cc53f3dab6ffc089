"""Waits grow to a cap, and a rush serves everybody."""

from collections import Counter

import pytest
from hypothesis import given, strategies as some

from lessons.practice import backoff, rush


def test_waits_by_hand():
    assert [backoff(attempt, 0.5, base=3.0, cap=10.0) for attempt in range(4)] == [
        1.5,
        3.0,
        5.0,
        5.0,
    ]
    assert backoff(1000, 1.0) == 32.0 and backoff(3, 0.0) == 0.0


@pytest.mark.parametrize("wrong", [(-1, 0.5), (0, 1.5), (0, -0.1)])
def test_impossible_waits_are_told(wrong):
    with pytest.raises(ValueError, match="pass numbers from 0"):
        backoff(*wrong)


@given(clients=some.integers(1, 30), served=some.integers(1, 6), seed=some.integers(0, 9))
def test_all_are_served_and_none_too_often(clients, served, seed):
    asked = rush(clients, served, [0.2, 0.7, 1.0], seed=seed)
    assert asked[0] == clients and asked[-1] > 0
    assert sum(min(one, served) for one in asked) == clients


def test_equal_waits_bring_all_back_together():
    asked = rush(12, 3, [1.0], seed=0)
    assert Counter(asked) == Counter({12: 1, 9: 1, 6: 1, 3: 1, 0: len(asked) - 4})
    assert [at for at, one in enumerate(asked) if one] == [0, 1, 3, 7]


def test_callers_who_begin_apart():
    assert rush(6, 2, [1.0], seed=0, over=3) == [2, 2, 2]
    assert rush(5, 1, [1.0], seed=0, over=2)[:2] == [3, 4]
    assert rush(12, 3, [1.0], seed=0, over=1) == rush(12, 3, [1.0], seed=0)
    with pytest.raises(ValueError, match="over=0"):
        rush(1, 1, [1.0], seed=0, over=0)


@pytest.mark.parametrize("wrong", [(0, 1, [1.0]), (1, 0, [1.0]), (1, 1, [])])
def test_an_impossible_rush_is_told(wrong):
    with pytest.raises(ValueError, match="at least 1 of each"):
        rush(*wrong, seed=0)
