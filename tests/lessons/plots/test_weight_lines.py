"""Weights as lines: every line stands where its weight is, and the page gets all weights."""

import re

import pytest
import torch

from lessons.plots import layer_lines, model_lines
from lessons.plots.weight_lines import BANDS

TOKENS = ["tom", "thanks", "ben"]
LAYER, MODEL = {"layer": 1, "model": "M"}, {"layer": 1, "head": 2, "model": "M"}
BOTH = [(layer_lines, LAYER), (model_lines, MODEL)]


def weights(layers=2, heads=4, queries=3, keys=3) -> torch.Tensor:
    scores = torch.randn(layers, heads, queries, keys, generator=torch.Generator().manual_seed(0))
    return (2 * scores).softmax(-1)


def drawn(svg: str) -> list[tuple[float, float]]:
    """Return where each line of a drawing begins and ends, from top to bottom."""
    # Ticks, frames and samples are no slanted or level lines from one side to the other.
    paths = re.findall(r'<path d="([^"]*)" clip-path', svg)
    found = []
    for path in paths:
        ends = re.findall(r"M (\S+) (\S+) \nL (\S+) (\S+) \n(?!L)", path)
        found += [(float(y), float(z)) for _, y, _, z in ends]
    return found


@pytest.mark.parametrize(("draw", "first"), BOTH)
def test_each_weight_above_the_least_is_a_line(draw, first):
    seen = weights()[first["layer"]] if draw is layer_lines else weights()
    assert len(drawn(draw(weights(), TOKENS, **first).svg)) == int((seen >= BANDS[0]).sum())


def test_lines_lead_from_the_query_to_the_key():
    one = torch.eye(3)[[2, 0, 1]].expand(1, 1, 3, 3)
    lines = sorted(drawn(layer_lines(one, TOKENS, layer=0, model="M").svg))
    places = sorted(y for y, _ in lines)
    assert [places.index(z) for _, z in lines] == [2, 0, 1]
    level = drawn(layer_lines(torch.eye(3).expand(1, 1, 3, 3), TOKENS, layer=0, model="M").svg)
    assert all(y == z for y, z in level) and any(y != z for y, z in lines)


@pytest.mark.parametrize(("draw", "first"), BOTH)
def test_the_page_gets_every_head_in_hundredths(draw, first):
    given = weights(keys=2)
    script, data = draw(given, TOKENS, ["a", "b"], **first).live
    assert script == draw.__name__.replace("_", "-")
    assert (torch.tensor(data["weights"]) / 100 - given).abs().max() <= 0.005001
    assert (data["queries"], data["keys"]) == (TOKENS, ["a", "b"])
    assert {name: data[name] for name in first} == first
    assert draw(weights(), TOKENS, **first).live[1]["keys"] == TOKENS


def test_the_alternative_text_tells_what_is_strongest():
    sharp = weights()
    sharp[1, 2] = torch.eye(3)[[1, 1, 1]] * torch.tensor([0.9, 0.8, 0.95])[:, None]
    told = layer_lines(sharp, TOKENS, **LAYER).alt
    assert "2 from ben to thanks 0.95" in told and told.count(" from ") == 4
    assert "Sharpest is layer" in model_lines(sharp, TOKENS, **MODEL).alt


def test_every_head_has_a_panel_with_its_name():
    svg = model_lines(weights(6, 12), TOKENS, **MODEL).svg
    names = re.findall(r'<g id="f\w+-panel-(\d+)-(\d+)">\s*<title>layer (\d+), head (\d+)<', svg)
    assert len(names) == 72 and all(name[:2] == name[2:] for name in names)


def test_what_minilm_weighs_on_a_page():
    many = weights(6, 12, 16, 16)
    assert len(model_lines(many, ["token"] * 16, **MODEL)._repr_html_()) < 400_000


@pytest.mark.parametrize(("draw", "first"), BOTH)
def test_bad_input(draw, first):
    with pytest.raises(ValueError, match="pass a layer from 0 to 1"):
        draw(weights(), TOKENS, **{**first, "layer": 2})
    with pytest.raises(ValueError, match="do not fit 2 query tokens"):
        draw(weights(), TOKENS[:2], TOKENS, **first)
    with pytest.raises(ValueError, match="no tokens"):
        draw(weights(), [], **first)
    with pytest.raises(ValueError, match="shorter sentence"):
        draw(weights(12, 12, 40, 40), ["a"] * 40, **first)


@pytest.mark.parametrize(("draw", "first"), BOTH)
def test_the_page_is_told_who_reads_another_sentence(draw, first):
    assert "reads" not in draw(weights(), TOKENS, **first).live[1]
    for kind in ("encoder", "translator", "minilm"):
        data = draw(weights(), TOKENS, **first, reads=(kind, "tom thanks ben")).live[1]
        assert data["reads"] == {"kind": kind, "text": "tom thanks ben"}
    with pytest.raises(ValueError, match="no page can run 'oracle'"):
        draw(weights(), TOKENS, **first, reads=("oracle", "tom"))
