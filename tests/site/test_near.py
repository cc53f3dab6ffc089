"""A live figure costs nothing until its reader is near."""

import pytest
from playwright.sync_api import expect

CHAPTER = "book/attention/multi-head.html"
FIGURE = '[data-live="head-chooser"]'


def test_it_starts_when_the_reader_is_a_screen_away(visit):
    page = visit(CHAPTER, "phone")
    figure = page.locator(FIGURE)
    page.wait_for_load_state("networkidle")
    still = figure.inner_html()
    height, top = page.viewport_size["height"], figure.bounding_box()["y"]
    page.evaluate("to => scrollTo(0, to)", top - 2.2 * height)
    page.wait_for_timeout(300)  # nothing is to happen
    assert figure.inner_html() == still
    page.context.set_offline(True)  # what it needs has been loaded
    page.evaluate("to => scrollTo(0, to)", top - 1.8 * height)
    expect(figure).to_have_class("lesson-figure asks-minilm live")
    assert figure.bounding_box()["y"] > height  # before it is seen
    expect(figure.get_by_role("button", name="Reset")).to_be_visible()


@pytest.mark.parametrize("by", ["keys", "address"])
def test_who_comes_another_way_finds_it_started(visit, by):
    name = visit(CHAPTER).locator(f"figure:has({FIGURE})").get_attribute("id")
    page = visit(CHAPTER + (f"?figure={name}&layer=1" if by == "address" else ""))
    if by == "keys":
        page.locator(FIGURE).focus()
    expect(page.locator(f"{FIGURE}.live")).to_have_count(1)
    expect(page.locator(FIGURE).get_by_role("button", name="Reset")).to_be_attached()
