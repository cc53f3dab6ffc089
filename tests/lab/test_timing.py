"""Step 4: a table whose numbers belong together, and words on how noisy they are."""

import pytest

from lab import time_generation
from lab.timing import _noise, _row


@pytest.fixture(scope="module")
def timed(decoder):
    return time_generation(decoder, "the keys near the table", [64, 8, 8], repeats=3)


def test_rows_belong_together(timed):
    rows = timed.facts["rows"]
    assert [(row["new"], row["cache"]) for row in rows] == [
        (8, "no"), (8, "yes"), (64, "no"), (64, "yes"),
    ]  # fmt: skip
    for row in rows:
        assert row["least_ms"] <= row["ms"] <= row["most_ms"]
        assert row["ms_per_token"] == pytest.approx(row["ms"] / row["new"], abs=0.02)
        assert row["tokens_per_second"] * row["ms"] / 1e3 == pytest.approx(row["new"], rel=0.05)
    assert rows[2]["least_ms"] > rows[3]["least_ms"]  # 64 tokens: the cache saves half and more


def test_the_table_tells_latency_throughput_and_noise(timed):
    for told in ("latency, ms per token", "throughput, tokens per second", "noise", "medians of 3"):
        assert told in timed.markdown
    assert timed.facts["device"] == "cpu"


def test_a_row_by_hand():
    row = _row([[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]], 2, "no")
    assert (row["ms"], row["least_ms"], row["most_ms"]) == (400, 200, 600)
    assert (row["ms_per_token"], row["tokens_per_second"], row["noise"]) == (200, 5, 1)


def test_noise_is_told_where_it_matters():
    quiet = [{"new": 8, "noise": 0.1, "least_ms": 5, "most_ms": 6},
             {"new": 8, "noise": 0.1, "least_ms": 1, "most_ms": 2}]  # fmt: skip
    loud = [quiet[0], {"new": 8, "noise": 0.6, "least_ms": 3, "most_ms": 5.5}]
    assert (
        _noise(quiet, 3) == "Noise is the span of the repeats over their median: at most 10% here."
    )
    assert "quieter machine" in _noise(loud, 3) and "nothing is decided: 8" in _noise(loud, 3)
    assert "do not tell" in _noise(quiet, 2)


@pytest.mark.parametrize(
    ("prompt", "lengths", "repeats", "message"),
    [
        ("the keys", [], 3, "at least one length"),
        ("the keys", [0, 3], 3, "at least one length"),
        ("the keys", [3], 0, "repeats of 1"),
        ("the keys", [3.5], 3, "whole numbers"),
        ("the keys", "many", 3, "such as"),
        ("the keys", None, 3, "such as"),
        ("the keys", 543, 3, "544 positions"),
        ("the keys", [543], 3, "544 positions: pass lengths up to 542"),
        ("", [3], 3, "the prompt: the text is empty"),
        ("the zebra", [3], 3, "does not know 'zebra'"),
    ],
)
def test_what_cannot_be_timed(decoder, prompt, lengths, repeats, message):
    with pytest.raises(ValueError, match=message):
        time_generation(decoder, prompt, lengths, repeats=repeats)
