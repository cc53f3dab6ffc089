"""Copying by distance at equal places, and by place at equal distances."""

import pytest

from lessons.limits import repetition_hits


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_distance_costs_something_and_the_place_more(decoder, seed):
    near, far, late = (
        repetition_hits(decoder, words, before=before, seed=seed)[:, :9].double().mean()
        for words, before in ((10, 40), (50, 0), (10, 100))
    )
    assert near - 0.08 > far > 0.6 > 0.1 > late
