"""A chart's ticks are round, its places true, and its numbers written so that they can be read."""

import itertools
from pathlib import Path

import pytest

import bookbuild
from support.node import in_node

SCRIPT = Path(bookbuild.__file__).parent / "static" / "live" / "chart.js"
RUN = """
import { decades, placed, powerOfTen, scale, ticks, written } from "./chart.js";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({
  written: given.numbers.map(written),
  placed: given.numbers.map(placed),
  ticks: given.ranges.map(([least, most]) => ticks(least, most)),
  decades: given.positive.map(([least, most]) => decades(least, most)),
  straight: [0, 5, 10].map(scale([0, 10], [100, 0], false)),
  log: [1, 10, 1000].map(scale([1, 1000], [0, 90], true)),
  power: powerOfTen(-12),
}));
"""
NUMBERS = [0, 1, -0.5, 0.12345, 1024, 131072, 99999, 123456, 1.5e9, 2e-5, None]
RANGES = [[0, 1], [-2.53, 3.9], [0, 5.01], [480, 543], [-10, 10], [3, 3], [0, 0.007]]
POSITIVE = [[1, 1000], [5e-10, 6e6], [0.2, 0.9], [1, 1]]


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    def ask(source):
        given = {"numbers": NUMBERS, "ranges": RANGES, "positive": POSITIVE}
        return in_node(RUN, given, {"chart.js": source}, tmp_path_factory.mktemp("node"))

    return ask


def test_numbers_can_be_read(answer):
    told = answer(SCRIPT.read_text("utf-8"))
    assert told["written"] == [
        "0", "1", "-0.5", "0.123", "1020", "1.31 · 10⁵", "100000", "1.23 · 10⁵", "1.5 · 10⁹",
        "2 · 10⁻⁵", "–",
    ]  # fmt: skip
    assert told["placed"][4:6] == ["1,024", "131,072"]
    assert told["power"] == "10⁻¹²"


def problems(told) -> list:
    """Return the ranges whose ticks lie outside, are not evenly spaced, or too few or too many."""
    found = []
    for (least, most), ticks in zip(RANGES, told["ticks"], strict=True):
        steps = [b - a for a, b in itertools.pairwise(ticks)]
        even = not steps or max(steps) - min(steps) < 1e-9
        inside = all(least - 1e-9 <= tick <= most + 1e-9 for tick in ticks)
        if not (even and inside and (least == most or 3 <= len(ticks) <= 6)):
            found.append([least, most])
    for (least, most), ticks in zip(POSITIVE, told["decades"], strict=True):
        if len(ticks) > 6 or any(not least <= tick <= most * 1.001 for tick in ticks):
            found.append([least, most])
    ends = (told["straight"], [round(place, 9) for place in told["log"]])
    return found if ends == ([100, 50, 0], [0, 30, 90]) else [*found, ends]


def test_ticks_are_round_and_places_true(answer):
    assert problems(answer(SCRIPT.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Math.ceil(least / step - 1e-9)", "Math.floor(least / step)"),
        ("one * power >= rough", "one * power >= 4 * rough"),
        ("isLog ? Math.log", "isLog ? Math.sqrt"),
        ("(last - first) / 5", "(last - first) / 50"),
    ],
)
def test_a_wrong_formula_is_noticed(answer, right, wrong):
    source = SCRIPT.read_text("utf-8")
    assert right in source
    assert problems(answer(source.replace(right, wrong)))
