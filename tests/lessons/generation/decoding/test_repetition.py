"""What was said before in a text, counted by hand."""

import pytest

from lessons.generation import said_before


@pytest.mark.parametrize(
    ("tokens", "n", "share"),
    [
        ([1, 2, 3], 3, 0.0),
        ([1, 1, 1, 1], 3, 0.5),  # two runs, the second one again
        ([1, 2, 1, 2, 1, 2], 2, 0.6),
        ([1, 2, 3, 1, 2, 3], 3, 0.25),
        ([7, 7, 7], 1, 2 / 3),
    ],
)
def test_by_hand(tokens, n, share):
    assert said_before(tokens, n=n) == pytest.approx(share)


@pytest.mark.parametrize(("tokens", "n"), [([1, 2], 3), ([], 1), ([1], 0)])
def test_texts_without_a_run_are_refused(tokens, n):
    with pytest.raises(ValueError, match="pass at least one run"):
        said_before(tokens, n=n)
