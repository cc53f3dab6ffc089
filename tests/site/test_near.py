"""What is far from the reader costs nothing: figures, questions and, on a phone, whole sections."""

import pytest
from playwright.sync_api import expect

CHAPTER = "book/attention/multi-head.html"
FIGURE = '[data-live="head-chooser"]'


def stand_before(element, screens: float) -> None:
    """Scroll to where an element begins so many screens below the top of the window."""
    page = element.page
    for _ in range(5):  # what is laid out on the way may be higher than it seemed
        page.evaluate(
            "by => scrollBy(0, by)",
            element.bounding_box()["y"] - screens * page.viewport_size["height"],
        )
        page.wait_for_timeout(100)


def test_a_figure_starts_when_the_reader_is_a_screen_away(visit):
    page = visit(CHAPTER, "phone")
    figure = page.locator(FIGURE)
    page.wait_for_load_state("networkidle")
    still = figure.inner_html()
    stand_before(figure, 2.2)
    assert figure.inner_html() == still
    page.context.set_offline(True)  # what it needs has been loaded
    stand_before(figure, 1.8)
    expect(figure).to_have_class("lesson-figure asks-minilm live")
    assert figure.bounding_box()["y"] > page.viewport_size["height"]  # before it is seen
    expect(figure.get_by_role("button", name="Reset")).to_be_visible()


def test_a_question_can_be_answered_when_the_reader_is_a_screen_away(visit):
    page = visit(CHAPTER, "phone")
    asked = page.locator(".question").last
    stand_before(asked, 2.2)
    expect(asked.locator("input")).to_have_count(0)
    stand_before(asked, 1.8)
    expect(asked.get_by_role("button", name="Check")).to_be_attached()
    assert asked.bounding_box()["y"] > page.viewport_size["height"]


SECTIONS = "article.bd-article > section > section"
LAID_OUT = """all => all.map((e) =>
  e.firstElementChild.checkVisibility({ contentVisibilityAuto: true }))"""
HEIGHTS = "all => all.map((e) => e.getBoundingClientRect().height)"


def test_on_a_phone_sections_are_laid_out_as_the_reader_comes(visit):
    page = visit(CHAPTER, "phone")
    sections = page.locator(SECTIONS)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # a second look at the page would lay out what it measures
    laid_out = sections.evaluate_all(LAID_OUT)
    assert laid_out[0]
    assert not any(laid_out[3:-1])
    guessed = sections.evaluate_all(HEIGHTS)
    for section in sections.all():
        section.scroll_into_view_if_needed()
        expect(section.locator("> h2")).to_be_visible()
    page.add_style_tag(content=f"{SECTIONS} {{ content-visibility: visible }}")
    heights = sections.evaluate_all(HEIGHTS)
    # What a scrollbar shows, and where one comes to after a reload, hang on it.
    assert sum(guessed) == pytest.approx(sum(heights), rel=0.15)
    ratios = sorted(one / other for one, other in zip(guessed, heights, strict=True))
    assert 0.5 < ratios[len(ratios) // 10] <= ratios[-len(ratios) // 10] < 2


@pytest.mark.parametrize("way", ["link", "reload", "find"])
def test_on_a_phone_one_comes_to_the_place_that_one_wanted(visit, way):
    page = visit(f"{CHAPTER}#take-heads-away" if way == "link" else CHAPTER, "phone")
    heading = page.locator("#take-heads-away > h2")
    if way == "reload":
        heading.scroll_into_view_if_needed()
        page.evaluate("scrollBy(0, 700)")
        page.wait_for_timeout(500)
        before = heading.bounding_box()["y"]
        page.reload()
        page.wait_for_timeout(500)
        # What stands above is as high as is guessed.
        assert abs(heading.bounding_box()["y"] - before) < page.viewport_size["height"] / 3
    elif way == "find":
        assert page.evaluate("find('Take heads away', true)")
        expect(heading).to_be_in_viewport()
    else:
        expect(heading).to_be_in_viewport()
        assert 0 <= heading.bounding_box()["y"] < 200


@pytest.mark.parametrize("how", ["desktop", "print"])
def test_elsewhere_all_is_laid_out(visit, how):
    page = visit(CHAPTER, "light" if how == "desktop" else "phone")
    if how == "print":
        page.emulate_media(media="print")
    page.wait_for_timeout(300)
    assert all(page.locator(SECTIONS).evaluate_all(LAID_OUT))


STOPS = """all => all.filter((e) => e.checkVisibility()).map((e) => [e.tabIndex,
  e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight])"""


@pytest.mark.parametrize(("view", "other"), [("light", 330), ("phone", 1300)])
def test_code_is_a_stop_of_the_tab_key_where_it_scrolls(visit, view, other):
    page = visit(CHAPTER, view)
    page.add_style_tag(content=f"{SECTIONS} {{ content-visibility: visible !important }}")
    page.wait_for_timeout(500)
    boxes = page.locator("pre, .cell_output > .output")
    stops = boxes.evaluate_all(STOPS)
    assert len(stops) > 20
    assert all((index == 0) == scrolls for index, scrolls in stops)
    page.set_viewport_size({"width": other, "height": 800})
    page.wait_for_timeout(500)
    changed = boxes.evaluate_all(STOPS)
    assert changed != stops
    assert all((index == 0) == scrolls for index, scrolls in changed)


@pytest.mark.parametrize("by", ["keys", "address"])
def test_who_comes_another_way_finds_it_started(visit, by):
    name = visit(CHAPTER).locator(f"figure:has({FIGURE})").get_attribute("id")
    page = visit(CHAPTER + (f"?figure={name}&layer=1" if by == "address" else ""))
    if by == "keys":
        page.locator(FIGURE).focus()
    expect(page.locator(f"{FIGURE}.live")).to_have_count(1)
    expect(page.locator(FIGURE).get_by_role("button", name="Reset")).to_be_attached()
