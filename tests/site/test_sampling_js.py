"""The browser's filters leave what the Python filters leave."""

from pathlib import Path

import pytest
import torch

import bookbuild
from lessons.generation import keep_top_k, keep_top_p, scale_by_temperature
from support.node import in_node

LIVE = Path(bookbuild.__file__).parent / "static" / "live"
RUN = """
import { filtered } from "./sampling.js";
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((c) => filtered(c.logits, c))));
"""


def sampled(cases: list[dict], folder: Path, source: str) -> list[list[float]]:
    attention = (LIVE / "attention.js").read_text("utf-8")
    return in_node(RUN, cases, {"attention.js": attention, "sampling.js": source}, folder)


def in_python(case: dict) -> torch.Tensor:
    logits = torch.tensor([case["logits"]], dtype=torch.float64)
    logits = keep_top_k(scale_by_temperature(logits, case["temperature"]), case["k"])
    return keep_top_p(logits, case["p"]).softmax(dim=-1)[0]


def difference(cases: list[dict], answers: list[list[float]]) -> float:
    worst = 0.0
    for case, answer in zip(cases, answers, strict=True):
        expected = in_python(case)
        got = torch.tensor(answer, dtype=torch.float64)
        assert got.shape == expected.shape
        worst = max(worst, (got - expected).abs().max().item())
    return worst


@pytest.fixture
def cases() -> list[dict]:
    chance = torch.Generator().manual_seed(3)
    made = []
    for vocab in (1, 2, 5, 40, 287):
        for k in (1, 4, 30, 400):
            for p in (0.01, 0.35, 0.9, 1.0):
                logits = 3 * torch.randn(vocab, generator=chance, dtype=torch.float64)
                temperature = 0.1 * 3 ** (len(made) % 4)
                made.append({"logits": logits.tolist(), "temperature": temperature, "k": k, "p": p})
    made.append({"logits": [1.0, 1.0, 0.0, 1.0], "temperature": 1.0, "k": 2, "p": 1.0})  # a tie
    made.append({"logits": [900.0, -900.0, 0.0], "temperature": 0.1, "k": 3, "p": 0.9})
    return made


def test_browser_leaves_what_the_filters_leave(cases, tmp_path):
    answers = sampled(cases, tmp_path, (LIVE / "sampling.js").read_text("utf-8"))
    assert difference(cases, answers) < 1e-12
    assert sum(0 in answer for answer in answers) > len(cases) / 2  # the filters do rule out


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("logit / temperature", "logit * temperature"),
        ("logit < lastKept", "logit <= lastKept"),
        ("(a, b) => b - a", "(a, b) => a - b"),
        ("tail <= 1 - p", "tail <= p"),
        (
            "keepTopP(keepTopK(scaleByTemperature(logits, temperature), k), p)",
            "scaleByTemperature(keepTopP(keepTopK(logits, k), p), temperature)",
        ),
    ],
)
def test_a_wrong_filter_is_noticed(cases, tmp_path, right, wrong):
    source = (LIVE / "sampling.js").read_text("utf-8")
    assert source.count(right) == 1
    answers = sampled(cases, tmp_path, source.replace(right, wrong))
    # NaN, which JSON writes as null, is a difference, too.
    answers = [[float("nan") if x is None else x for x in answer] for answer in answers]
    assert any(
        not torch.allclose(torch.tensor(answer, dtype=torch.float64), in_python(case), atol=1e-12)
        for case, answer in zip(cases, answers, strict=True)
    )


def test_a_token_is_drawn_as_often_as_its_share(tmp_path):
    shares = [0.0, 0.5, 0.0, 0.3, 0.2, 0.0]
    script = """
import { drawn } from "./sampling.js";
import { readFileSync } from "node:fs";
const { shares, chances } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(chances.map((chance) => drawn(shares, chance))));
"""
    chances = [i / 1000 for i in range(1001)]
    sources = {name: (LIVE / name).read_text("utf-8") for name in ("attention.js", "sampling.js")}
    places = in_node(script, {"shares": shares, "chances": chances}, sources, tmp_path)
    counts = [places.count(i) / 1000 for i in range(len(shares))]
    assert counts == pytest.approx(shares, abs=0.002)
    assert not {0, 2, 5} & set(places)
