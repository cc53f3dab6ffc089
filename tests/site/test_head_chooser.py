"""All heads on one sentence: any can be opened, by keyboard and on a phone."""

import json

import pytest
from playwright.sync_api import expect

from support.visit import come_to, peaks

CHAPTER = "book/interpretation/what-heads-do.html"
FIGURE = '[data-live="head-chooser"]'


def choose(page, slider, place: int):
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(place):
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("view", ["light", "phone"])
def test_every_head_can_be_opened(visit, view):
    page = visit(CHAPTER, view)
    figure = come_to(page, FIGURE)
    data = json.loads(figure.get_attribute("data-figure"))
    layer_slider, head_slider, _ = figure.locator("input[type=range]").all()
    for layer, heads in enumerate(data["weights"]):
        choose(page, layer_slider, layer)
        for head, table in enumerate(heads):
            choose(page, head_slider, head)
            assert peaks(figure) == pytest.approx([max(row) / 100 for row in table], abs=0.001)
            expect(figure.locator(".live-controls .live-told")).to_contain_text(
                f"layer {layer}, head {head}"
            )
        choose(page, head_slider, len(heads))
        means = [
            max(sum(head[i][j] for head in heads) / len(heads) for j in range(len(heads[0][i])))
            for i in range(len(heads[0]))
        ]
        assert peaks(figure) == pytest.approx([mean / 100 for mean in means], abs=0.0051)
        expect(head_slider).to_have_attribute("aria-valuetext", "mean")
    assert figure.locator("svg").first.bounding_box()["width"] <= page.viewport_size["width"]
    assert (page.errors, page.foreign) == ([], [])


def test_a_heavier_cell_is_lighter(visit):
    figure = come_to(visit(CHAPTER), FIGURE)
    data = json.loads(figure.get_attribute("data-figure"))
    table = data["weights"][data["layer"]][data["head"]]
    shares = [
        float(cell.evaluate("e => e.style.getPropertyValue('--weight')").rstrip("%"))
        for cell in figure.locator(".live-cell").all()
    ]
    assert shares == [weight for row in table for weight in row]
    colors = figure.locator(".live-cell").evaluate_all(
        "cells => cells.map((cell) => getComputedStyle(cell).fill)"
    )
    assert len(set(colors)) > 10


def test_it_begins_as_the_still_map(visit):
    still, live = visit(CHAPTER, java_script_enabled=False), visit(CHAPTER)
    drawing = still.locator(f"{FIGURE} svg[role=img]")
    expect(drawing).to_be_visible()
    assert still.locator(f"{FIGURE} input").count() == 0
    assert peaks(live.locator(FIGURE)) == pytest.approx(peaks(still.locator(FIGURE)), abs=0.011)
