"""The model cards say what the weights can do, and nothing else."""

import json
import re

import pytest

from lessons.models.judging import card, evaluate
from lessons.models.loading import loader

NAMES = ("encoder", "decoder", "translator")


def committed(name: str) -> tuple[str, dict]:
    """The card and the metrics beside the committed weights."""
    folder = loader.WEIGHTS / name
    text = (folder / "README.md").read_text(encoding="utf-8")
    return text, json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_cards_state_data_objective_metrics_and_seeds(name):
    text, run = committed(name)
    for part in ("## Data", "## Objective", "## Metrics", "## Spread over seeds", "## Limits"):
        assert part in text
    seeds = set(re.findall(r"\| seed (\d+) (?=\|)", text))  # plain MLM is another objective
    assert str(run["seed"]) in seeds and len(seeds) >= 2
    for score in run["scores"]:
        assert f"| {score['what']} |" in text and f"{score['value']:.3f}" in text
    assert "antecedent-as-label" in text or name != "encoder"


@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_made_from_the_metrics_of_all_runs(name):
    text, _ = committed(name)
    assert text == card.card_text(card.runs_of(loader.WEIGHTS / name))


@pytest.mark.parametrize("name", NAMES)
def test_the_card_s_numbers_are_those_of_the_weights(name, request):
    """Fewer sentences than the card's, so inside its interval, widened for the smaller sample."""
    _, run = committed(name)
    found = evaluate.evaluate(request.getfixturevalue(name), count=100)
    for then, now in zip(run["scores"], found, strict=True):
        assert then["what"] == now.what
        assert now.low - 0.01 <= then["value"] <= now.high + 0.01, now


def run_of(seed: int, value: float, name: str = "decoder") -> dict:
    """A made-up run."""
    score = {"what": "luck", "value": value, "low": 0.1, "high": 0.9, "count": 7, "head": [1, 2],
             "baselines": {"chance": 0.5}, "bar": 0.8}  # fmt: skip
    return {"name": name, "objective": "book", "seed": seed, "steps": 10, "minutes": 1.5,
            "parameters": 1234, "words": 56, "scores": [score]}  # fmt: skip


def test_a_card_by_hand(tmp_path):
    card.write_card(tmp_path, [run_of(0, 0.75), run_of(1, 0.5)])
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "1,234 parameters" in text and "10\nsteps in 1.5 minutes" in text
    assert "| luck | 1.2 | 0.750 | 0.100–0.900 | 7 | chance 0.500 | ≥ 0.8 |" in text
    assert "| luck | 0.750 (1.2) | 0.500 (1.2) |" in text


def test_runs_of_different_models_do_not_share_a_card(tmp_path):
    with pytest.raises(ValueError, match="one model"):
        card.write_card(tmp_path, [run_of(0, 0.75), run_of(0, 0.75, "encoder")])
    with pytest.raises(ValueError, match="one model"):
        card.write_card(tmp_path, [])


def test_the_command_gathers_several_runs(tmp_path):
    (tmp_path / "other-runs").mkdir()
    (tmp_path / "metrics.json").write_text(json.dumps(run_of(0, 0.75)), encoding="utf-8")
    other = tmp_path / "other-runs" / "seed1.json"
    other.write_text(json.dumps(run_of(1, 0.5)), encoding="utf-8")
    card.main([str(tmp_path)])
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| luck | 0.750 (1.2) | 0.500 (1.2) |" in text
