"""What pages use of Bootstrap: menus, tips, the mark of the section in view, back to the top."""

import re

import pytest
from playwright.sync_api import expect

CHAPTER = "book/attention/multi-head.html"
# The menu of what leads to the repository, in the bar above a chapter.
MENU = ".dropdown-source-buttons"
ASKS = re.compile(r'data-bs-((?:toggle|spy|dismiss|slide|ride)="[^"]*)"')
FOCUSED = "document.activeElement.textContent.trim()"


def test_a_menu_opens_by_a_click_and_closes_by_the_next_one_anywhere(visit):
    page = visit(CHAPTER)
    button, items = page.locator(f"{MENU} > button"), page.locator(f"{MENU} .dropdown-menu")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.mouse.move(5, 500)  # the theme shows it under a pointer, too
    expect(items).to_be_visible()
    page.mouse.click(5, 500)
    expect(items).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    page.locator(".dropdown-launch-buttons > button").click()
    page.mouse.move(5, 500)
    expect(items).to_be_hidden()  # there is one at a time
    assert page.errors == []


def test_a_menu_answers_the_keyboard(visit):
    page = visit(CHAPTER)
    button, items = page.locator(f"{MENU} > button"), page.locator(f"{MENU} .dropdown-menu")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(items).to_be_visible()
    assert page.evaluate(FOCUSED) == "Repository"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # there is nothing below the last
    assert page.evaluate(FOCUSED) == "Open issue"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == "Suggest edit"
    page.keyboard.press("Escape")
    expect(items).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == "Open issue"
    page.keyboard.press("Tab")
    expect(items).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(items).to_be_visible()


def test_menus_stay_within_a_phone(visit):
    page = visit(CHAPTER, "phone")
    for menu in page.locator(".article-header-buttons .dropdown").all():
        menu.locator("button").first.tap()
        items = menu.locator(".dropdown-menu")
        expect(items).to_be_visible()
        box = items.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_a_button_tells_its_name_in_a_tip(visit, by):
    page = visit(CHAPTER)
    button = page.locator(".btn-fullscreen-button")
    expect(button).to_have_attribute("aria-label", "Fullscreen mode")
    assert button.get_attribute("title") is None  # or there would be two tips
    if by == "pointer":
        button.hover()
    else:
        button.focus()
    tip = page.locator("[role=tooltip].show")
    expect(tip).to_have_text("Fullscreen mode")
    expect(button).to_have_attribute("aria-describedby", tip.get_attribute("id"))
    box, beside = tip.bounding_box(), button.bounding_box()
    assert 0 < box["y"] - (beside["y"] + beside["height"]) < 12  # just below
    assert abs(box["x"] + box["width"] / 2 - (beside["x"] + beside["width"] / 2)) < 2
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    assert button.get_attribute("aria-describedby") is None


def test_a_tip_goes_with_the_pointer(visit):
    page = visit(CHAPTER)
    page.locator(".btn-fullscreen-button").hover()
    tip = page.locator("[role=tooltip].show")
    expect(tip).to_be_visible()
    page.mouse.move(300, 500)
    expect(tip).to_have_count(0)


def test_a_tip_stays_within_the_window(visit):
    page = visit(CHAPTER)
    page.locator(f"{MENU} > button").click()
    page.locator(f"{MENU} .dropdown-item").first.hover()
    tip = page.locator("[role=tooltip].show")
    expect(tip).to_have_text("Source repository")
    box, item = tip.bounding_box(), page.locator(f"{MENU} .dropdown-item").first.bounding_box()
    assert box["x"] + box["width"] < item["x"]  # the theme asks for the left
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".btn-fullscreen-button").hover()
    expect(tip).to_have_text("Fullscreen mode")
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_the_section_in_view_is_marked_in_the_list_of_sections(visit):
    page = visit(CHAPTER)
    marked = page.locator(".bd-toc-nav a.active")
    expect(marked).to_have_count(0)  # the page begins with its question
    for section in ("the-code", "take-heads-away", "the-equation"):
        page.evaluate(f"document.getElementById('{section}').scrollIntoView()")
        expect(marked).to_have_attribute("href", f"#{section}")
        expect(page.locator(".bd-toc-nav li.active")).to_have_count(1)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(marked).to_have_attribute("href", "#sources")


def test_the_way_back_to_the_top_is_offered_to_those_who_scroll_up(visit):
    # Wide windows do not get it from the theme; on this page no figure comes late and moves it.
    page = visit("book/reference/notation.html", "phone", bypass_csp=True)
    button = page.locator("#pst-back-to-top")
    for place, is_offered in ((1500, False), (1000, True), (1200, False), (1100, True)):
        page.evaluate(f"scrollTo({{ top: {place}, behavior: 'instant' }})")
        expect(button).to_be_visible(visible=is_offered)
    button.click()
    page.wait_for_function("scrollY === 0")
    expect(button).to_be_hidden()


def test_pages_ask_nothing_else_of_bootstrap(pages):
    """A theme of another version may; then `bootstrap.js` has to do that, too."""
    asked = {one.replace('"', "") for page in pages.values() for one in ASKS.findall(page.text)}
    assert asked == {"toggle=tooltip", "toggle=dropdown", "spy=scroll"}


def test_the_sheet_knows_what_is_made_here(site):
    css = (site / "_static" / "book.css").read_text("utf8")
    for name in ("tooltip-arrow", "tooltip-inner", "bs-tooltip-auto"):
        assert re.search(rf"\.{name}\b", css), name
