"""bertviz's views on the built page: they draw, they answer, and they ask no other host."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from support.visit import AXE, AXE_TAGS

CHAPTER = "book/lab/attention-under-the-hood.html"
HEADS, MODEL, CROSSED = range(3)  # the page's views, in order
LINES = "#attention line"


def view(page, number: int):
    """Return what stands inside a view's frame, once it has drawn."""
    frame = page.locator("iframe.bertviz-view").nth(number)
    frame.scroll_into_view_if_needed()
    inside = frame.element_handle().content_frame()
    expect(inside.locator("svg line").first).to_be_attached()
    return inside


def drawn(inside) -> list[float]:
    """Return how dark each line of a head view is, unless it is hidden."""
    return inside.locator(LINES).evaluate_all(
        "all => all.filter((e) => getComputedStyle(e).visibility === 'visible')"
        ".map((e) => Number(e.getAttribute('stroke-opacity')))"
    )


def predict(page):
    """Predict something in each step, so that all answers are shown."""
    while page.locator(".live-predict").count():
        field = page.locator(".live-predict input").first
        field.fill("1")
        field.press("Enter")


@pytest.fixture
def lab(visit):
    def open_lab(view="light"):
        page = visit(CHAPTER, view)
        predict(page)
        return page

    return open_lab


def quiet(page):
    assert (page.errors, page.foreign) == ([], [])


def test_a_head_view_answers_a_pointer_and_clicks(lab):
    page = lab()
    inside = view(page, HEADS)
    tokens = inside.locator("#left text").all_text_contents()
    every = drawn(inside)
    assert "suitcase" in tokens and len(every) == 4 * len(tokens) ** 2

    # A pointer over a token leaves that token's lines.
    inside.locator("#left text").nth(tokens.index("it")).hover()
    assert len(drawn(inside)) == 4 * len(tokens)
    inside.locator("select").hover()
    assert len(drawn(inside)) == len(every)

    # A click hides a head; its square stays, paler.
    square = inside.locator("svg > g > rect").first
    before = square.get_attribute("fill")
    square.click()
    assert square.get_attribute("fill") != before
    left = drawn(inside)
    assert left[: len(every) // 4] == [0.0] * (len(every) // 4) and max(left) > 0

    # Another layer has other weights.
    inside.locator("select").select_option("2")
    assert drawn(inside) != left
    quiet(page)


def test_a_model_view_opens_the_head_that_is_clicked(lab):
    page = lab()
    inside = view(page, MODEL)
    expect(inside.locator("rect.attn_background")).to_have_count(72)
    assert inside.locator("text.detail").count() == 0
    inside.locator("#attn_background_3_1 ~ rect").click()
    expect(inside.locator("text.detail")).to_have_text("Layer 3, Head 1")
    quiet(page)


def test_cross_attention_joins_two_texts(lab):
    page = lab()
    inside = view(page, CROSSED)
    left, right = (
        inside.locator(f"{side} text").all_text_contents() for side in ("#left", "#right")
    )
    assert "voiture" in left and "car" in right
    assert len(drawn(inside)) == 4 * len(left) * len(right)
    quiet(page)


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_inside_a_frame_all_is_legible_and_within_reach(lab, look):
    page = lab(look)
    for number in (HEADS, MODEL, CROSSED):
        inside = view(page, number)
        inside.evaluate(AXE_SCRIPT)
        violations = inside.evaluate(AXE, [AXE_TAGS, False])
        # A frame belongs to a page, and needs no title of its own.
        assert [one for one in violations if not one.startswith("page-has-heading-one")] == []
        tall, high, wide, broad = inside.evaluate(
            "() => { const e = document.documentElement;"
            " return [e.scrollHeight, innerHeight, e.scrollWidth, innerWidth]; }"
        )
        assert tall <= high and wide <= broad
        background = inside.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert background == "rgb(255, 255, 255)"
    quiet(page)


def test_libraries_come_only_when_a_view_comes_near(visit, lab):
    asked = []
    page = visit("index.html")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(re.sub(r"index\.html.*", CHAPTER, page.url), wait_until="load")
    page.wait_for_timeout(300)
    assert not [url for url in asked if "_static/bertviz" in url]
    predict(page)
    view(page, HEADS)
    names = {url.rsplit("/", 1)[1] for url in asked if "_static/bertviz" in url}
    assert names == {"d3.min.js", "jquery.slim.min.js"}


def test_views_are_light_and_named_on_the_page_alone(pages):
    """What a page carries for its views; each has a name, and the libraries are files."""
    with_views = {
        path: page.soup.select("iframe.bertviz-view")
        for path, page in pages.items()
        if "bertviz-view" in page.text  # most pages have none, and need not be parsed to see it
    }
    assert len(with_views[CHAPTER]) == 3
    for path, frames in with_views.items():
        assert sum(len(str(frame)) for frame in frames) < 400_000, path
        assert all(len(frame["title"]) > 30 for frame in frames)
        assert len({frame["title"] for frame in frames}) == len(frames)
