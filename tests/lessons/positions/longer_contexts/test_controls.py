"""The controls change what they say, and nothing else."""

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.positions import (
    Alibi,
    Ending,
    Parted,
    RelativeBias,
    Rotary,
    Shifted,
    SinusoidalPositions,
    rotate_halves,
)
from support import few, same

sizes = st.integers(1, 9)


@few
@given(tokens=sizes, by=st.integers(0, 40), start=st.integers(0, 5))
def test_shifted_positions_are_those_that_follow(tokens, by, start):
    x = torch.randn(2, tokens, 6)
    plain = SinusoidalPositions()
    same(Shifted(plain, by=by)(x, start=start), plain(x, start=start + by))
    longer = torch.cat([torch.zeros(2, by, 6), x], dim=1)
    same(Shifted(plain, by=by)(x), plain(longer)[:, by:])


@few
@given(tokens=sizes, at=st.integers(0, 9), by=st.integers(0, 40), start=st.integers(0, 5))
def test_parted_positions_skip_those_in_the_gap(tokens, at, by, start):
    x = torch.randn(2, tokens, 6, dtype=torch.float64)
    found = Parted(at=at, by=by)(x, start=start)
    for i in range(tokens):
        place = start + i
        same(found[:, [i]], Rotary()(x[:, [i]], start=place + by * (place >= at)))


def test_parted_positions_turn_as_the_model_does():
    x, own = torch.randn(2, 5, 6, dtype=torch.float64), Rotary(base=50.0, rotate=rotate_halves)
    found = Parted(at=2, by=7, rotary=own)(x)
    same(found[:, :2], own(x[:, :2]))
    same(found[:, 2:], own(x[:, 2:], start=9))
    assert not torch.allclose(found, Parted(at=2, by=7)(x))


@few
@given(chosen=st.lists(st.booleans(), min_size=3, max_size=3), by=st.integers(1, 30_000))
def test_the_pairs_that_skip_turn_by_the_gap_and_the_others_do_not(chosen, by):
    x, pairs = torch.randn(4, 6, dtype=torch.float64), torch.tensor(chosen)
    found = Parted(at=1, by=by, pairs=pairs)(x)
    parted, whole = Parted(at=1, by=by)(x), Rotary()(x)
    skip = pairs.repeat_interleave(2)  # two numbers are a pair
    same(found, torch.where(skip, parted, whole))


@few
@given(queries=sizes, before=sizes, reach=st.integers(0, 20))
@pytest.mark.parametrize(
    "bias",
    [Alibi(3), RelativeBias(3, buckets=8, max_distance=12, causal=True)],
    ids=["ALiBi", "T5"],
)
def test_an_ending_bias_in_plain_python(bias, queries, before, reach):
    keys = queries + before
    ended, whole = Ending(bias, reach=reach)(queries, keys), bias(keys, keys)
    for i in range(queries):
        query = before + i
        for key in range(query + 1):
            nearest = max(key, query - reach)
            same(ended[:, i, key], whole[:, query, nearest])
