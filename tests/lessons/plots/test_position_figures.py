"""Figures of positions tell their numbers, and draw the turned vectors as the lesson turns them."""

import html
import json
import re

import pytest
import torch

from lessons.plots import position_map, rotary_figure
from lessons.positions import Rotary, sinusoids


def test_map_tells_its_size_range_and_changes():
    figure = position_map(sinusoids(64, 32))
    assert figure.alt.startswith("Map of 64 positions by 32 numbers, from -1.00 to 1.00.")
    # sin p changes its sign at each multiple of π below 64.
    assert "column 0 20, column 16 0, column 31 0." in figure.alt
    assert 'role="img"' in figure.svg
    with pytest.raises(ValueError, match="the table is empty"):
        position_map(torch.zeros(0, 4))


@pytest.mark.parametrize("places", [(7, 3), (0, 0), (12, 40)])
def test_score_is_that_of_the_lesson(places):
    query, key = torch.tensor([0.6, 0.8]), torch.tensor([0.0, 1.0])
    figure = rotary_figure(query, key, frequency=1.0, positions=places)
    # A head of two numbers has one pair, which turns by 1 radian a token.
    turned = [Rotary()(x[None], start=p) for x, p in zip((query, key), places, strict=True)]
    score = (turned[0] @ turned[1].T).item()
    told = re.search(r"score (-?\d\.\d\d)", figure.alt)
    assert float(told[1]) == pytest.approx(score, abs=0.006)
    assert f"query at {places[0]}, key at {places[1]}, offset {places[1] - places[0]}" in figure.alt


def test_live_figure_gets_what_was_drawn():
    query, key = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    figure = rotary_figure(query, key, frequency=0.3, positions=(7, 3))
    script, data = figure.live
    assert script == "rotate"
    assert (data["query"], data["key"], data["positions"]) == ([1, 0], [0, 1], [7, 3])
    written = re.search(r'data-figure="([^"]*)"', figure._repr_html_())[1]
    assert json.loads(html.unescape(written)) == data


def test_positions_out_of_range():
    x = torch.ones(2)
    with pytest.raises(ValueError, match="pass two from 0 to 40"):
        rotary_figure(x, x, frequency=0.3, positions=(41, 0))
