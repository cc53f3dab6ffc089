"""The next token that a reader can touch: by keyboard, on a phone, and still without scripts."""

import re

import pytest
from playwright.sync_api import expect

from support.visit import come_to

CHAPTER = "book/generation/decoding.html"
FIGURE = '[data-live="next-token"]'


def shares(figure) -> list[float]:
    """Return the probabilities that the drawing tells, after the filters."""
    alt = figure.locator("svg[role=img]").get_attribute("aria-label")
    return [float(one) for one in re.findall(r" (\d\.\d\d) \(", alt)]


def offered(figure) -> list[float]:
    alt = figure.locator("svg[role=img]").get_attribute("aria-label")
    return [float(one) for one in re.findall(r"\((\d\.\d\d)\)", alt)]


def left(figure) -> int:
    return int(re.match(r"(\d+) of", figure.locator(".live-controls .live-told").inner_text())[1])


def press(page, slider, key, times=1):
    slider.focus()
    for _ in range(times):
        page.keyboard.press(key)


@pytest.mark.parametrize("view", ["light", "phone"])
def test_the_three_sliders_answer_the_keyboard(visit, view):
    page = visit(CHAPTER, view)
    figure = come_to(page, FIGURE)
    temperature, k, p = figure.locator("input[type=range]").all()
    model = offered(figure)
    press(page, k, "End")
    press(page, p, "End")
    expect(k).to_have_attribute("aria-valuetext", "off")
    everything = left(figure)
    assert everything > 200
    press(page, temperature, "Home")
    assert shares(figure)[0] > 0.7 > model[0]  # sharpened
    press(page, temperature, "End")
    flat = shares(figure)
    assert flat[0] < model[0] and flat[-1] > model[-1]  # the others have grown
    press(page, k, "Home")
    assert (left(figure), shares(figure)[0]) == (1, 1.0)
    press(page, k, "ArrowRight", 4)
    assert left(figure) == 5
    press(page, p, "Home")
    assert left(figure) == 1
    for told in (model, flat, shares(figure)):
        assert sum(told) == pytest.approx(1, abs=0.06)  # each is told with two digits
    assert offered(figure) == model
    assert (page.errors, page.foreign) == ([], [])


def test_a_bar_is_as_long_as_its_share(visit):
    figure = come_to(visit(CHAPTER), FIGURE)
    bars = [float(bar.get_attribute("width")) for bar in figure.locator(".live-bar").all()]
    told = shares(figure)
    assert len(bars) == len(told)
    scale = bars[0] / told[0]
    assert bars == pytest.approx([scale * share for share in told], abs=0.01 * scale)


def test_a_finger_on_the_drawing_scrolls(visit):
    page = visit(CHAPTER, "phone")
    drawing = come_to(page, FIGURE).locator("svg")
    assert drawing.evaluate("e => getComputedStyle(e).touchAction") == "auto"
    assert drawing.bounding_box()["width"] <= 390


def test_it_begins_as_the_still_figure(visit):
    still, live = visit(CHAPTER, java_script_enabled=False), visit(CHAPTER)
    drawing = still.locator(f"{FIGURE} svg[role=img]")
    expect(drawing).to_be_visible()
    assert still.locator(f"{FIGURE} input").count() == 0
    for read in (shares, offered):
        numbers = read(live.locator(FIGURE))
        assert len(numbers) >= 10
        # The page gets logits with four decimals.
        assert numbers == pytest.approx(read(still.locator(FIGURE)), abs=0.011)
