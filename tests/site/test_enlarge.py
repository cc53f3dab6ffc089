"""A drawing that a phone shows in part opens large, and comes back to its place."""

import pytest
import torch
from playwright.sync_api import expect

from lessons import plots
from support import visit
from support.figure_page import write_page

SCRIPT = '<script type="module" src="_static/live/enlarge.js"></script>'


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawings")
    maps = torch.randn(6, 12, 8, 8, generator=torch.Generator().manual_seed(0)).softmax(-1)
    words = ["cat", "sat"]
    figures = {
        "grid": plots.attention_grid(maps, title="All heads"),
        "map": plots.attention_map(torch.eye(2), words),
        "live": plots.head_chooser(maps, list("abcdefgh"), layer=0, head=0, model="M"),
    }
    write_page(folder, figures)
    page = folder / "index.html"
    page.write_text(page.read_text("utf-8") + SCRIPT, "utf-8")
    with visit.serve(folder) as address:
        yield address


def drawing(page, name="grid"):
    return page.locator(f"figure[id='{name}'] .lesson-figure svg").first


def button(page, name="grid"):
    return page.locator(f"figure[id='{name}'] .enlarge")


@pytest.mark.parametrize("how", ["tap", "key"])
def test_it_opens_larger_than_the_screen_and_comes_back(opened, how):
    page = opened(view="phone")
    place, before = drawing(page), page.locator("main").inner_html()
    wide, top = place.bounding_box()["width"], place.bounding_box()["y"]
    if how == "tap":
        place.click()
    else:
        button(page).focus()
        page.keyboard.press("Enter")
    large = page.locator("dialog.enlarged svg")
    expect(large).to_be_visible()
    assert large.bounding_box()["width"] > 1.5 * wide
    assert large.bounding_box()["width"] > 1.5 * page.viewport_size["width"]
    room = page.locator(".enlarged-room")
    assert room.evaluate("one => (one.scrollLeft = 1e6, one.scrollLeft)") > 300
    if how == "tap":
        page.get_by_role("button", name="Close").click()
    else:
        page.keyboard.press("Escape")
        expect(button(page)).to_be_focused()
    expect(page.locator("dialog.enlarged")).to_be_hidden()
    expect(place).to_be_visible()
    assert page.locator("main").inner_html().replace(' style=""', "") == before
    assert abs(place.bounding_box()["y"] - top) < 1
    assert page.errors == []


def test_what_is_seen_whole_and_what_answers_does_not_open(opened):
    page = opened(view="phone")
    expect(button(page)).to_be_visible()
    expect(button(page, "map")).to_be_hidden()
    drawing(page, "map").click()
    expect(page.locator("dialog.enlarged")).to_be_hidden()
    expect(button(page, "live")).to_have_count(0)


def test_on_a_wide_page_nothing_opens_until_it_gets_narrow(opened):
    page = opened()
    expect(button(page)).to_be_hidden()
    drawing(page).click()
    expect(page.locator("dialog.enlarged")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(button(page)).to_be_visible()
