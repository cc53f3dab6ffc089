"""The browser turns queries and keys as the Python lesson does."""

import math
from pathlib import Path

import pytest
import torch

import bookbuild
from lessons.plots.position_figures import _name_places
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


def test_names_stand_where_the_still_figure_has_them_and_never_on_each_other(tmp_path):
    angles = [0.4 * i for i in range(16)]
    cases = [
        [[math.cos(one), math.sin(one)], [math.cos(other), math.sin(other)]]
        for one in angles
        for other in angles
    ]
    run = """
import { namePlaces } from "./rotary.js";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((hands) => namePlaces(...hands))));
"""
    answers = in_node(run, cases, {"rotary.js": SCRIPT.read_text("utf-8")}, tmp_path)
    for hands, answer in zip(cases, answers, strict=True):
        (x1, y1), (x2, y2) = answer
        assert abs(x1 - x2) > 0.39 or abs(y1 - y2) > 0.15
        for place, expected in zip(answer, _name_places(hands), strict=True):
            assert place == pytest.approx(expected, abs=1e-9)
