"""The flow's boxes are what passes in a model, its shapes a run's, its code the package's."""

import importlib
from pathlib import Path

import pytest
import torch

from lessons.plots import Run, flow_figure
from lessons.show import api_address, book_address
from support.flow_runs import TEXT, flow_runs

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return flow_runs()


@pytest.fixture(scope="module")
def models(runs) -> dict:
    script, data = flow_figure(TEXT, runs).live
    assert (script, data["text"]) == ("flow", TEXT)
    return data["models"]


def boxes_of(model: dict) -> list[tuple[str, dict]]:
    """Return all boxes, in the order of the steps, each with the whole name of its probe."""
    found = []
    for box in model["whole"]["boxes"]:
        found.append((box["probe"], box))
        if "inside" in box:
            parts = model["insides"][box["inside"]]["boxes"]
            found += [
                (f"{box['prefix']}.{part['probe']}", part) for part in parts if "told" in part
            ]
    return found


def test_every_probe_is_a_step_in_the_order_in_which_it_is_passed(runs, models):
    for name, model in models.items():
        steps = [probe for probe, box in boxes_of(model) if box["view"] != "tokens"]
        assert set(steps) == set(runs[name].seen)
        blocks = {box["probe"] for box in model["whole"]["boxes"] if "inside" in box}
        passed = [probe for probe in runs[name].seen if probe not in blocks]
        order = [probe for probe in steps if probe not in blocks]
        assert order == passed


def test_shapes_are_those_of_the_run_and_stand_in_the_still(runs, models):
    for name, model in models.items():
        for probe, value in runs[name].seen.items():
            assert model["shapes"][probe] == list(value.shape[1:])
    figure = flow_figure(TEXT, runs)
    for shape in ("8 × 289", "6 × 287", "8 × 370", "4 × 8 × 32", "8 × 512"):
        assert shape in figure.svg and shape in figure.alt
    assert "Memory (7 × 128) goes to decoder 1 (8 × 128)" in figure.alt


def test_code_is_in_the_package_and_on_its_page(models):
    paths = {
        path for model in models.values() for _, box in boxes_of(model) for path in box["code"]
    }
    assert len(paths) > 12
    for path in paths:
        module, _, name = path.rpartition(".")
        found = getattr(importlib.import_module(module), name)
        assert found.__module__ == module
        page = api_address(found).removeprefix(book_address()).split(".html#")[0]
        assert f".. automodule:: {module}\n" in (ROOT / f"{page}.md").read_text("utf-8")


def test_the_families_differ_in_what_is_told(models):
    told = {name: dict(boxes_of(model)) for name, model in models.items()}
    weights = {name: told[name]["layers.0.attention.weights"] for name in ("encoder", "decoder")}
    assert "Later tokens get none" in weights["decoder"]["told"]
    assert "Later" not in weights["encoder"]["told"]
    norms = {name: told[name]["layers.0.attended"]["code"][-1] for name in ("encoder", "decoder")}
    assert [norm.rsplit(".")[-1] for norm in norms.values()] == ["post_norm", "pre_norm"]
    assert "divided" in told["decoder"]["layers.0.attention.scores"]["told"]
    assert "not divide" in told["translator"]["decoder.0.cross.scores"]["told"]
    assert "Later" not in told["translator"]["decoder.0.cross.weights"]["told"]
    assert "Later" in told["translator"]["decoder.0.attention.weights"]["told"]


def test_bad_input(runs):
    with pytest.raises(ValueError, match="no page can run 'llama'"):
        flow_figure(TEXT, {"llama": runs["decoder"]})
    with pytest.raises(
        ValueError, match=r"translator has 2 lists of tokens: pass words=\[read, wr"
    ):
        flow_figure(TEXT, {"translator": Run([["a"]], runs["translator"].seen)})
    with pytest.raises(ValueError, match="decoder has 1 list of tokens"):
        flow_figure(TEXT, {"decoder": Run([["a"], ["b"]], runs["decoder"].seen)})
    less = {name: value for name, value in runs["decoder"].seen.items() if name != "logits"}
    with pytest.raises(ValueError, match="the run has no logits: pass all"):
        flow_figure(TEXT, runs | {"decoder": Run(runs["decoder"].words, less)})
    with pytest.raises(ValueError, match="nothing to set beside it"):
        run = Run([["a"]], {"embedded": torch.zeros(1, 1, 2), "logits": torch.zeros(1, 1, 3)})
        flow_figure(TEXT, {"decoder": run})
