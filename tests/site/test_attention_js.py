"""The browser's arithmetic gives the numbers of the Python lesson."""

from pathlib import Path

import pytest
import torch

import bookbuild
from lessons.attention import soft_lookup
from support.node import in_node

SCRIPT = Path(bookbuild.__file__).parent / "static" / "live" / "attention.js"
RUN = """
import { softLookup } from "./attention.js";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
const answers = cases.map(c => softLookup(c.query, c.keys, c.values, c.temperature));
console.log(JSON.stringify(answers));
"""


def soft_lookups(cases: list[dict], folder: Path, source: str) -> list[dict]:
    return in_node(RUN, cases, {"attention.js": source}, folder)


def difference(cases: list[dict], answers: list[dict]) -> float:
    """Return the largest difference from the lesson, of a number between about −10 and 10."""
    worst = 0.0
    for case, answer in zip(cases, answers, strict=True):
        query, keys, values = (
            torch.tensor(case[name], dtype=torch.float64) for name in ("query", "keys", "values")
        )
        mixed, weights = soft_lookup(query, keys, values, temperature=case["temperature"])
        for expected, got in ((mixed, answer["mixed"]), (weights, answer["weights"])):
            got = torch.tensor(got, dtype=torch.float64)
            assert got.shape == expected.shape
            worst = max(worst, (got - expected).abs().max().item())
    return worst


@pytest.fixture
def cases() -> list[dict]:
    chance = torch.Generator().manual_seed(7)

    def normal(*sizes):
        return torch.randn(*sizes, generator=chance, dtype=torch.float64).tolist()

    sizes = [(keys, d, value) for keys in (1, 2, 3, 17) for d in (1, 2, 8) for value in (1, 2, 5)]
    return [
        {
            "query": normal(d),
            "keys": normal(keys, d),
            "values": normal(keys, value),
            "temperature": 0.05 * 3 ** (i % 6),
        }
        for i, (keys, d, value) in enumerate(sizes)
    ]


def test_browser_gives_the_lesson_s_numbers(cases, tmp_path):
    answers = soft_lookups(cases, tmp_path, SCRIPT.read_text("utf-8"))
    assert difference(cases, answers) < 1e-12


def test_large_scores_do_not_overflow(tmp_path):
    case = {
        "query": [800.0, 0.0],
        "keys": [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]],
        "values": [[1.0], [2.0], [3.0]],
        "temperature": 0.5,
    }
    answers = soft_lookups([case], tmp_path, SCRIPT.read_text("utf-8"))
    assert difference([case], answers) < 1e-12


@pytest.mark.parametrize(
    ("right", "wrong"), [("/ temperature", "* temperature"), ("(a, b) => a + b", "(a, b) => a - b")]
)
def test_a_wrong_formula_is_noticed(cases, tmp_path, right, wrong):
    source = SCRIPT.read_text("utf-8")
    assert right in source
    answers = soft_lookups(cases, tmp_path, source.replace(right, wrong))
    assert not difference(cases, answers) < 1e-12  # nor is NaN
