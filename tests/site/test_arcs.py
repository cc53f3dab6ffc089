"""The weights of a head as arcs beside its map: of all queries, or of one, by any hand."""

import pytest
import torch
from playwright.sync_api import expect

from lessons import plots
from support import visit
from support.figure_page import write_page

QUERIES, KEYS = ["le", "chat", "noir", "dort", "."], ["the", "black", "cat", "sleeps"]
OPACITY = "all => all.map((path) => Number(getComputedStyle(path).strokeOpacity))"
SHOWN = "all => all.flatMap((g, i) => (getComputedStyle(g).visibility === 'visible' ? [i] : []))"


def maps() -> torch.Tensor:
    chance = torch.Generator().manual_seed(0)
    return torch.randn(2, 3, len(QUERIES), len(KEYS), generator=chance).mul(2).softmax(-1)


def write(folder, changed=None):
    figure = plots.head_chooser(maps(), QUERIES, KEYS, layer=0, head=1, model="M")
    write_page(folder, {"heads": figure}, changed)
    return visit.serve(folder)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    with write(tmp_path_factory.mktemp("arcs")) as address:
        yield address


def shown(page) -> list[int]:
    return page.locator(".live-arcs").evaluate_all(SHOWN)


def wrong_arcs(page) -> list[str]:
    """Open heads, and return those whose arcs are not as their weights."""
    found = []
    layer_slider, head_slider, _ = page.locator("input[type=range]").all()
    for layer, head in ((0, 0), (1, 2)):
        layer_slider.fill(str(layer))
        head_slider.fill(str(head))
        seen = torch.tensor(page.locator(".live-arcs path").evaluate_all(OPACITY))
        expected = (1.6 * maps()[layer, head].flatten()).clamp(max=1)
        found += [] if torch.allclose(seen, expected, atol=0.017) else [f"{layer}.{head}"]
    return found


def wrong_choices(page) -> list[str]:
    """Choose queries by keyboard and by pointer, and return what does not answer."""
    found = []
    slider = page.locator("input[type=range]").nth(2)
    told = page.locator(".live-controls .live-told")
    slider.focus()
    for query, word in enumerate(QUERIES):
        page.keyboard.press("ArrowRight")
        weights = (maps()[0, 1, query] * 100).round() / 100
        best = f"“{word}” looks most at {KEYS[int(weights.argmax())]} {weights.max():.2f}"
        if shown(page) != [query] or best not in told.inner_text():
            found.append(f"{word} by keyboard")
        if slider.get_attribute("aria-valuetext") != word:
            found.append(f"{word} is not spoken")
    page.locator(".live-hit").nth(1).hover()
    found += [] if shown(page) == [1] else ["hover"]
    page.mouse.move(0, 0)
    found += [] if shown(page) == [len(QUERIES) - 1] else ["what is chosen stays"]
    page.locator(".live-hit").nth(2).click()
    page.mouse.move(0, 0)
    found += [] if shown(page) == [2] and slider.input_value() == "3" else ["click"]
    page.locator(".live-hit").nth(2).click()
    page.mouse.move(0, 0)
    found += [] if len(shown(page)) == len(QUERIES) else ["a second click"]
    return found


def test_arcs_are_as_strong_as_the_weights_and_of_the_chosen_query(opened):
    page = opened()
    assert shown(page) == list(range(len(QUERIES)))
    assert wrong_choices(page) == []
    assert wrong_arcs(page) == []
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []
    assert (page.errors, page.foreign) == ([], [])


def test_a_finger_chooses_and_a_link_leads_to_the_choice(opened):
    page = opened(view="phone")
    page.locator(".live-hit").nth(3).tap()
    told = page.locator(".live-controls .live-told")
    expect(told).to_contain_text("“dort” looks most at")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    link = page.get_by_role("link", name="Link to this state").get_attribute("href")
    other = opened(link.rpartition("/")[2].partition("#")[0])
    expect(other.locator(".live-controls .live-told")).to_have_text(told.inner_text())
    other.get_by_role("button", name="Reset").click()
    assert len(shown(other)) == len(QUERIES)
    odd = opened("index.html?figure=heads&from=1e9")
    expect(odd.locator(".live-controls .live-told")).to_contain_text("“.” looks most at")


def test_on_paper_the_arcs_stand_beside_the_map(opened):
    page = opened()
    page.emulate_media(media="print")
    assert page.locator("svg:visible").count() == 2
    assert page.locator(".live-hit").count() == len(QUERIES)


BROKEN = [
    (wrong_arcs, "live/head-map.js", "maps[head]?.[i][j]", "maps[head]?.[0][j]"),
    (wrong_choices, "live/head-map.js", "() => light(chosen)", "() => light(null)"),
    (wrong_choices, "live/head-chooser.js", "place ? place - 1 : null", "place || null"),
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=["weights", "chosen", "place"])
def test_what_is_broken_is_found(opened, tmp_path, broken):
    check, file, right, wrong = broken
    with write(tmp_path, {file: (right, wrong)}) as address:
        assert check(opened(address=address)) != []
