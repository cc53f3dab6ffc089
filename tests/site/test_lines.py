"""Attention as lines: all heads of a layer, all heads of a model, by any hand, moving and still."""

import pytest
import torch
from playwright.sync_api import expect

from lessons import plots
from support import visit
from support.figure_page import write_page

WORDS, KEYS = ["the", "dog", "sleeps", "."], ["le", "chien", "dort"]
OPACITY = """all => all.map((path) => {
  const { visibility, strokeOpacity } = getComputedStyle(path);
  return visibility === "visible" ? Number(strokeOpacity) : 0;
})"""
SHOWN = "all => all.flatMap((g, i) => (getComputedStyle(g).visibility === 'visible' ? [i] : []))"
COLORS = "all => [...new Set(all.map((path) => getComputedStyle(path).stroke))]"
LAYER, MODEL, CROSS = "#layer", "#model", "#cross"
CHAPTER = "book/lab/attention-under-the-hood.html"


def maps(layers: int, heads: int, keys: int) -> torch.Tensor:
    chance = torch.Generator().manual_seed(0)
    return torch.randn(layers, heads, len(WORDS), keys, generator=chance).mul(2).softmax(-1)


SELF, MANY, CROSSED = maps(2, 4, 4), maps(6, 12, 4), maps(2, 4, 3)


def write(folder, changed=None):
    figures = {
        "layer": plots.layer_lines(SELF, WORDS, layer=1, model="M"),
        "model": plots.model_lines(MANY, WORDS, layer=0, head=0, model="N"),
        "cross": plots.layer_lines(CROSSED, WORDS, KEYS, layer=0, model="T"),
    }
    write_page(folder, figures, changed)
    return visit.serve(folder)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    with write(tmp_path_factory.mktemp("lines")) as address:
        yield address


def strengths(figure) -> torch.Tensor:
    """Return how strong each line is: a row for each query, then its heads, then its keys."""
    seen = figure.locator("div > svg .live-arcs path").evaluate_all(OPACITY)
    return torch.tensor(seen, dtype=torch.float32)


def expected(of: torch.Tensor, hidden=()) -> torch.Tensor:
    """Return how strong the lines of heads should be, as `strengths` orders them."""
    of = of.clone()
    for head in hidden:
        of[head] = 0
    return (1.6 * of).clamp(max=1).transpose(0, 1).flatten()


def differ(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape != other.shape or not torch.allclose(one, other, atol=0.034)


def shown(figure) -> list[int]:
    return figure.locator("div > svg g.live-arcs").evaluate_all(SHOWN)


def told(figure):
    return figure.locator(".live-controls .live-told")


def panel(figure, layer: int, head: int):
    """Return what is pressed to open a head of the model view."""
    return figure.locator(f'[data-head="{layer}.{head}"] rect')


def wrong_heads(page) -> list[str]:
    """Untick heads by mouse and by keyboard, change the layer, and return what is not drawn so."""
    found = []
    for name, of, layer in ((LAYER, SELF, 1), (CROSS, CROSSED, 0)):
        figure = page.locator(name)
        boxes = figure.locator("input[type=checkbox]")
        found += [f"{name} at first"] if differ(strengths(figure), expected(of[layer])) else []
        boxes.nth(2).click()
        boxes.nth(0).focus()
        page.keyboard.press("Space")
        found += (
            [f"{name} hidden"] if differ(strengths(figure), expected(of[layer], (0, 2))) else []
        )
        figure.get_by_role("button", name="No head").click()
        found += [f"{name} none"] if strengths(figure).any() else []
        boxes.nth(3).press("Space")
        alone = expected(of[layer], (0, 1, 2))
        found += [f"{name} alone"] if differ(strengths(figure), alone) else []
        figure.get_by_role("button", name="All heads").press("Enter")
        figure.locator("input[type=range]").first.press("ArrowRight" if layer == 0 else "ArrowLeft")
        found += [f"{name} layer"] if differ(strengths(figure), expected(of[1 - layer])) else []
    return found


def wrong_tokens(page) -> list[str]:
    """Choose tokens by keyboard and by mouse, and return what does not answer."""
    found, figure = [], page.locator(LAYER)
    slider = figure.locator("input[type=range]").nth(1)
    for query, word in enumerate(WORDS):
        slider.press("ArrowRight")
        weights = (SELF[1, 3, query] * 100).round() / 100
        best = f"Head 3: “{word}” looks most at {WORDS[int(weights.argmax())]} {weights.max():.2f}"
        if shown(figure) != [query] or best not in told(figure).inner_text():
            found.append(f"{word} by keyboard")
    figure.locator(".live-hit").nth(1).hover()
    found += [] if shown(figure) == [1] else ["hover"]
    figure.locator(".live-hit").nth(2).click()
    page.mouse.move(0, 0)
    found += [] if shown(figure) == [2] else ["click"]
    figure.locator(".live-hit").nth(2).click()
    page.mouse.move(0, 0)
    return found + ([] if len(shown(figure)) == len(WORDS) else ["a second click"])


def wrong_panels(page) -> list[str]:
    """Open heads by mouse and by keyboard, and return those that are not the ones opened."""
    found, figure = [], page.locator(MODEL)
    sliders = figure.locator("input[type=range]")
    for layer, head, by in ((3, 1, "mouse"), (5, 11, "mouse"), (0, 7, "keys")):
        if by == "mouse":
            panel(figure, layer, head).click(position={"x": 9, "y": 9})
        else:
            sliders.nth(0).press("Home")
            sliders.nth(1).press("Home")
            for _ in range(head):
                sliders.nth(1).press("ArrowRight")
        if differ(strengths(figure), expected(MANY[layer, head][None])):
            found.append(f"{layer}.{head} by {by}")
        opened = figure.locator(".live-open").evaluate_all("all => all.map((g) => g.dataset.head)")
        if opened != [f"{layer}.{head}"]:
            found.append(f"{layer}.{head} is not marked")
        if f"layer {layer}, head {head}." not in told(figure).inner_text():
            found.append(f"{layer}.{head} is not told")
    return found


def test_heads_tokens_and_layers_answer_mouse_and_keyboard(opened):
    page = opened()
    assert wrong_tokens(page) == []
    assert wrong_heads(page) == []
    assert wrong_panels(page) == []
    assert len(page.locator(f"{LAYER} .live-arcs path").evaluate_all(COLORS)) == 4
    assert (page.errors, page.foreign) == ([], [])


BROKEN = [
    (wrong_heads, "live/head-map.js", "maps[head]?.[i][j]", "maps[0]?.[i][j]"),
    (wrong_heads, "live/head-map.js", "FAINT = 0.02", "FAINT = 0.2"),
    (wrong_heads, "live/layer-lines.js", "box.checked ? map(head) : null", "map(head)"),
    (wrong_tokens, "live/layer-lines.js", "lookOf(map(head)[query]", "lookOf(map(0)[query]"),
    (wrong_panels, "live/model-lines.js", "read.maps[row][column]", "read.maps[0][column]"),
    (wrong_panels, "live/model-lines.js", "heads.input.value = column", "heads.input.value = row"),
]


@pytest.mark.parametrize(
    "broken", BROKEN, ids=["head", "faint", "hidden", "told", "layer", "opened"]
)
def test_what_is_broken_is_found(opened, tmp_path, broken):
    check, file, right, wrong = broken
    with write(tmp_path, {file: (right, wrong)}) as address:
        assert check(opened(address=address)) != []


def test_a_finger_opens_a_head_and_finds_targets_wide_enough(opened):
    page = opened(view="phone")
    figure = page.locator(MODEL)
    # All heads are within the phone's width, at once, and each is as large as a finger needs.
    boxes = [one.bounding_box() for one in figure.locator(".live-panel rect").all()]
    assert len(boxes) == 72
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= visit.PHONE for box in boxes)
    assert max(b["y"] + b["height"] for b in boxes) - min(b["y"] for b in boxes) < 844
    panel(figure, 4, 9).tap(position={"x": 9, "y": 9})
    expect(told(figure)).to_contain_text("layer 4, head 9.")
    figure.locator(".live-hit").nth(1).tap()
    expect(told(figure)).to_contain_text("“dog” looks most at")
    page.locator(f"{LAYER} .live-check").nth(1).tap()
    expect(told(page.locator(LAYER))).to_contain_text("heads 0, 2, 3")
    targets = page.locator("main :is(input[type=range], .live-check, button, summary, a)")
    assert min(one.bounding_box()["height"] for one in targets.all()) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= visit.PHONE


def test_a_page_that_becomes_narrow_turns_the_small_heads(opened):
    page = opened()
    figure = page.locator(MODEL)
    panel(figure, 3, 1).click()
    right = panel(figure, 3, 2).bounding_box()["x"] > panel(figure, 3, 1).bounding_box()["x"]
    lines = figure.locator('[data-head="3.1"] path[d]').count()
    page.set_viewport_size({"width": visit.PHONE, "height": 844})
    expect(figure.get_by_text("head ↓")).to_be_visible()  # drawn anew, which is told a frame later
    expect(figure.locator('.live-open[data-head="3.1"]')).to_have_count(1)
    one, below = (panel(figure, 3, head).bounding_box() for head in (1, 2))
    assert right
    assert below["y"] > one["y"]
    assert below["x"] == pytest.approx(one["x"], abs=2)  # the open one has a wider frame
    assert figure.locator('[data-head="3.1"] path[d]').count() == lines == 4
    assert figure.locator(".live-panel").count() == 72


def test_the_table_and_a_link_tell_what_is_seen(opened):
    page = opened()
    figure = page.locator(LAYER)
    figure.locator("input[type=checkbox]").nth(0).click()
    figure.locator("input[type=range]").nth(1).press("End")
    figure.locator("summary").click()
    rows = figure.locator("tbody tr")
    expect(rows).to_have_count(3)
    weights = [f"{weight:.2f}" for weight in ((SELF[1, 2, 3] * 100).round() / 100).tolist()]
    assert rows.nth(1).locator("th, td").all_inner_texts() == ["2: .", *weights]
    link = figure.get_by_role("link", name="Link to this state").get_attribute("href")
    other = opened(link.rpartition("/")[2].partition("#")[0])
    expect(told(other.locator(LAYER))).to_have_text(told(figure).inner_text())
    other.locator(LAYER).get_by_role("button", name="Reset").click()
    assert not differ(strengths(other.locator(LAYER)), expected(SELF[1]))
    figure = page.locator(MODEL)
    figure.locator("summary").click()
    expect(figure.locator("tbody tr")).to_have_count(len(WORDS))
    odd = opened("index.html?figure=model&layer=99&head=-3&from=x")
    expect(told(odd.locator(MODEL))).to_contain_text("layer 5, head 0.")


@pytest.mark.parametrize("view", ["light", "dark", "phone"])
def test_axe_finds_nothing_where_a_token_is_chosen(opened, view):
    page = opened(view=view)
    for name in (LAYER, MODEL, CROSS):
        page.locator(f"{name} input[type=range]").last.press("End")
        page.locator(f"{name} summary").click()
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []


def test_without_scripts_and_in_print_the_lines_stand(opened):
    still = opened(java_script_enabled=False)
    for name, heads in ((LAYER, 4), (CROSS, 4)):
        drawing = still.locator(f"{name} svg[role=img]")
        expect(drawing).to_be_visible()
        for head in range(heads):
            expect(drawing.get_by_text(f"head {head}", exact=True)).to_be_visible()
    assert still.locator(f'{MODEL} [id*="-panel-"]').count() == 72
    assert still.locator("input, button").count() == 0
    page = opened()
    page.emulate_media(media="print")
    assert page.locator("main > figure > div svg[role=img]:visible").count() >= 3
    assert page.locator(":is(input, button, summary):visible").count() == 0
    expect(page.locator(f"{LAYER} legend")).to_have_text("M, layer 1: heads")
    expect(page.locator(f"{LAYER} .live-heads .live-sample")).to_have_count(4)
    expect(page.locator(f"{LAYER} .live-heads .live-sample").last).to_be_visible()


def test_the_lab_shows_all_three_and_frames_nothing(opened, site):
    """On the page the answers are covered at first; by its address one finds them drawn."""
    assert not [file for file in site.rglob("*.html") if "<iframe" in file.read_text("utf-8")]
    with visit.serve(site) as address:
        page = opened(f"{CHAPTER}?figure=", address=address)  # by it, all start at once
        figures = page.locator("[data-live$=-lines]")
        expect(figures).to_have_count(3)
        for place, (kind, size) in enumerate((("layer", 4), ("model", 72), ("layer", 4))):
            figure = figures.nth(place)
            assert figure.get_attribute("data-live") == f"{kind}-lines"
            found = figure.locator("input[type=checkbox]" if kind == "layer" else ".live-panel")
            expect(found).to_have_count(size)
        assert (page.errors, page.foreign) == ([], [])
