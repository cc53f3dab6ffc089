"""The browser turns queries and keys as the Python lesson does."""

from pathlib import Path

import pytest
import torch

import bookbuild
from lessons.positions import rotate_neighbors
from support.node import in_node

SCRIPT = Path(bookbuild.__file__).parent / "static" / "live" / "rotary.js"
RUN = """
import { rotaryScore } from "./rotary.js";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
const answers = cases.map(c => rotaryScore(c.query, c.key, c.frequency, ...c.positions));
console.log(JSON.stringify(answers));
"""


def scores(cases: list[dict], folder: Path, source: str) -> list[dict]:
    return in_node(RUN, cases, {"rotary.js": source}, folder)


def difference(cases: list[dict], answers: list[dict]) -> float:
    """Return the largest difference from the lesson."""
    worst = 0.0
    for case, answer in zip(cases, answers, strict=True):
        vectors = torch.tensor([case["query"], case["key"]], dtype=torch.float64)
        angles = case["frequency"] * torch.tensor(case["positions"], dtype=torch.float64)
        hands = rotate_neighbors(vectors, angles[:, None])
        got = torch.tensor([answer["query"], answer["key"]], dtype=torch.float64)
        worst = max(worst, (got - hands).abs().max().item())
        worst = max(worst, abs((hands[0] @ hands[1]).item() - answer["score"]))
    return worst


@pytest.fixture
def cases() -> list[dict]:
    chance = torch.Generator().manual_seed(7)
    return [
        {
            "query": torch.randn(2, generator=chance, dtype=torch.float64).tolist(),
            "key": torch.randn(2, generator=chance, dtype=torch.float64).tolist(),
            "frequency": 0.01 * 3 ** (i % 5),
            "positions": torch.randint(41, (2,), generator=chance).tolist(),
        }
        for i in range(20)
    ]


def test_browser_gives_the_lesson_s_numbers(cases, tmp_path):
    assert difference(cases, scores(cases, tmp_path, SCRIPT.read_text("utf-8"))) < 1e-12


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x * cosine - y * sine", "x * cosine + y * sine"),
        ("turned(key, frequency * keyPosition)", "key"),
        ("q[0] * k[0] +", "q[0] * k[0] -"),
    ],
)
def test_a_wrong_formula_is_noticed(cases, tmp_path, right, wrong):
    source = SCRIPT.read_text("utf-8")
    assert right in source
    answers = scores(cases, tmp_path, source.replace(right, wrong))
    assert not difference(cases, answers) < 1e-12
