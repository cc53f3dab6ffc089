"""Ways through the book by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from support.visit import come_to

CHAPTER = "book/attention/multi-head.html"
FOCUSED = "document.activeElement"
STOPS = 40


def tab_into(page, place: str) -> None:
    """Press the tab key until what has the focus stands in a place; a few stops must do."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(f"place => !!{FOCUSED}.closest(place)", place):
            return
    pytest.fail(f"after {STOPS} stops {place} is not reached")


def test_a_few_stops_lead_to_the_end_of_the_sections(visit):
    page = visit(CHAPTER)
    last = page.locator(".bd-toc-nav a").last
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the sections of this page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    expect(last).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/*{last.get_attribute('href')}")
    assert page.errors == []


@pytest.mark.parametrize(
    "page_path",
    [CHAPTER, "exercises/attention.html", "index.html", "book/reference/api/attention.html"],
)
def test_the_sections_come_before_the_text_without_any_skip(page_path, visit):
    page = visit(page_path)
    tab_into(page, ".bd-toc-nav, .bd-article")
    assert page.evaluate(f"!!{FOCUSED}.closest('.bd-toc-nav')")
    page.keyboard.press("End")
    expect(page.locator(".bd-toc-nav a:visible").last).to_be_focused()


def test_sections_that_are_put_away_are_no_stop_until_they_are_opened(visit):
    page = visit(CHAPTER, view="phone")
    expect(page.locator("#skip-to-sections")).to_be_hidden()
    sections = page.locator(".bd-toc-nav a")
    expect(sections.last).to_be_hidden()
    page.locator(".bd-header-article .secondary-toggle").click()
    expect(sections.last).to_be_visible()


@pytest.mark.parametrize("page_path", ["index.html", CHAPTER, "book/reference/glossary.html"])
def test_a_few_stops_lead_past_both_lists(page_path, visit):
    tab_into(visit(page_path), ".bd-article")


def test_arrows_move_among_the_chapters_and_tab_leaves_them(visit):
    page = visit(CHAPTER)
    chapters = page.locator(".bd-docs-nav")
    here = chapters.locator("a.current")
    here.focus()
    page.keyboard.press("ArrowUp")
    before = page.evaluate(f"{FOCUSED}.href")
    assert before.endswith("scaled-dot-product.html")
    page.keyboard.press("Home")
    assert page.evaluate(f"{FOCUSED}.href").endswith("index.html")
    page.keyboard.press("ArrowUp")  # there is nothing above
    assert page.evaluate(f"{FOCUSED}.href").endswith("index.html")
    page.keyboard.press("Tab")
    assert not page.evaluate(f"!!{FOCUSED}.closest('.bd-docs-nav')")
    page.keyboard.press("Shift+Tab")  # back to where one was
    assert page.evaluate(f"{FOCUSED}.href").endswith("index.html")


def test_arrows_lead_to_the_pages_beside(visit):
    page = visit(CHAPTER)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/exercises/attention.html")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/{CHAPTER}")
    link = page.locator(".prev-next-area .right-next")
    expect(link).to_have_attribute("aria-keyshortcuts", "ArrowRight")


@pytest.mark.parametrize("what", [".cell_input pre", "input[type=range]", ".copybtn"])
def test_arrows_stay_with_what_uses_them(what, visit):
    page = visit("book/attention/scaled-dot-product.html")
    come_to(page, "[data-live]")
    page.locator(what).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+ArrowRight")
    page.wait_for_timeout(300)
    assert re.search("scaled-dot-product", page.url)


def test_arrows_stay_with_marked_text(visit):
    page = visit(CHAPTER)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('main p'))")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.url.endswith(CHAPTER)
