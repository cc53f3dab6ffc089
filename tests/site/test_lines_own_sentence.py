"""The lines read a sentence of the reader's own, as the models do in Python."""

import re

import pytest
import torch
from playwright.sync_api import expect

from lessons import models, plots
from lessons.interpretation import watch_reading, watch_translating
from lessons.models.loading.eight_bits import read_eight_bits
from lessons.plots.weight_lines import BANDS
from support import visit
from support.figure_page import write_page

READ = "the trophy does not fit in the suitcase because it is too small ."
TRANSLATED = "tom 's red car is old"
OPEN_ENGLISH = "The dog slept."
FIRST = {"layer": READ, "model": READ, "cross": TRANSLATED, "open": OPEN_ENGLISH}
SENTENCES = {
    "layer": ("the keys near the table are big .", "tom thanks ben ."),
    "model": ("the keys near the table are big .", "tom thanks ben ."),
    "cross": ("the big cat is old", "a cat sees the small dog"),
}
COUNT = "all => all.map((one) => one.getAttribute('d').split('M').length - 1)"


@pytest.fixture(scope="module")
def loaded():
    return {
        "encoder": models.load("encoder", source="book"),
        "translator": models.load("translator", source="book"),
        "minilm": models.load("encoder", source="wheel"),
    }


@pytest.fixture(scope="module")
def watched(loaded):
    """Return what a model reads where, by the figure's name."""
    return {
        "layer": lambda text: watch_reading(loaded["encoder"], text),
        "model": lambda text: watch_reading(loaded["encoder"], text),
        "cross": lambda text: watch_translating(loaded["translator"], text),
        "open": lambda text: watch_reading(loaded["minilm"], text),
    }


@pytest.fixture(scope="module")
def pages(tmp_path_factory, watched):
    """Return a function that writes the page with all four, or with what is broken in it."""

    def write(changed=None, names=("layer", "model", "cross")):
        seen = {name: watched[name](FIRST[name]) for name in names}
        drawn = {
            "layer": lambda w: plots.layer_lines(
                *w, layer=1, model="encoder", reads=("encoder", READ)
            ),
            "model": lambda w: plots.model_lines(
                *w, layer=0, head=0, model="encoder", reads=("encoder", READ)
            ),
            "cross": lambda w: plots.layer_lines(
                *w, layer=1, model="translator", reads=("translator", TRANSLATED)
            ),
            "open": lambda w: plots.model_lines(
                *w, layer=0, head=0, model="MiniLM", reads=("minilm", OPEN_ENGLISH)
            ),
        }
        folder = tmp_path_factory.mktemp("own")
        write_page(folder, {name: drawn[name](one) for name, one in seen.items()}, changed)
        return folder

    return write


@pytest.fixture(scope="module")
def origin(pages):
    with visit.serve(pages()) as address:
        yield address


def parts(page, name: str):
    """Return a figure, its field, and what is told below that."""
    figure = page.locator(f"#{name}")
    return figure, figure.locator("textarea"), figure.locator(".live-text > .live-told")


def names(figure):
    """Return where the queries stand beside the open head's lines."""
    return figure.locator("svg:has(.live-hit) .live-name")


def table(figure) -> torch.Tensor:
    """Return the weights that the table shows: a row for each query, or head and query."""
    return torch.tensor(
        figure.locator("tbody tr").evaluate_all(
            "all => all.map((row) => [...row.cells].slice(1).map((one) => Number(one.textContent)))"
        )
    )


def write(page, watched, name: str, text: str):
    """Write a sentence, and wait until its lines are there."""
    figure, field, _told = parts(page, name)
    field.fill(text)
    # A model reads for the first time, on a machine that may be busy.
    expect(names(figure)).to_have_text(["query", *watched[name](text).queries], timeout=15_000)
    return figure


def wrong_weights(page, watched, name: str) -> list[str]:
    """Write two sentences, open heads, and return where the table is not what Python says."""
    found = []
    figure = page.locator(f"#{name}")
    figure.locator("summary").click()
    for text in SENTENCES[name]:
        seen = watched[name](text)
        write(page, watched, name, text)
        layers = len(seen.weights)
        for layer in (0, layers - 1):
            figure.get_by_role("slider", name="Layer").press("Home" if layer == 0 else "End")
            if name == "model":
                figure.get_by_role("slider", name="Head").press("End")
                expected = seen.weights[layer, -1]
            else:
                expected = seen.weights[layer].flatten(0, 1)
            shown = table(figure)
            if shown.shape != expected.shape or (shown - expected).abs().max() > 0.00501:
                found.append(f"{text}, layer {layer}")
    return found


@pytest.mark.parametrize("name", SENTENCES)
def test_the_lines_are_those_of_python(opened, watched, name):
    page = opened()
    assert wrong_weights(page, watched, name) == []
    assert (page.errors, page.foreign) == ([], [])


def wrong_small_heads(page, watched) -> list[str]:
    """Return which small heads have not as many lines as Python has weights for them."""
    text = SENTENCES["model"][0]
    seen = watched["model"](text)
    figure = write(page, watched, "model", text)
    found = []
    for layer, heads in enumerate(seen.weights):
        for head, weights in enumerate(heads):
            drawn = figure.locator(f'[data-head="{layer}.{head}"] path').evaluate_all(COUNT)
            ends = torch.tensor(BANDS[1:-1])
            bands = torch.bucketize(weights[weights >= BANDS[0]], ends, right=True)
            if drawn != torch.bincount(bands, minlength=4).tolist():
                found.append(f"{layer}.{head}")
    told = plots.model_lines(*seen, layer=0, head=0, model="encoder").alt
    alt = figure.locator("svg[role=img]").first.get_attribute("aria-label")
    return found + ([] if alt == told else [f"{alt} instead of {told}"])


def test_the_small_heads_are_drawn_anew_and_told_as_the_still_tells(opened, watched):
    assert wrong_small_heads(opened(), watched) == []


BROKEN = [
    ("layer-lines.js", "{ read = answer; update", "{ update", "layer"),
    ("model-lines.js", "=> read.maps[row]", "=> fractions(still.weights)[row]", "model"),
    ("head-grid.js", "linesOf(maps[layer][head], room)", "linesOf(maps[0][head], room)", ""),
    ("head-grid.js", "if (maps !== drawn) linesOf", "if (drawn === null) linesOf", ""),
    ("maps.js", "[1, -1]", "[1, 1]", ""),
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=["still", "opened", "layer", "stale", "told"])
def test_what_is_broken_is_found(opened, watched, pages, broken):
    file, right, wrong, name = broken
    with visit.serve(pages({f"live/{file}": (right, wrong)}, ("layer", "model"))) as address:
        page = opened(address=address)
        page.set_default_timeout(1500)
        try:
            found = wrong_weights(page, watched, name) if name else wrong_small_heads(page, watched)
        except AssertionError:  # the sentence never came
            found = ["it does not read"]
    assert found != []


WRONG = {  # what is told of a word stands between signs that keep its direction to itself
    "": "write at least one word",
    "   ": "write at least one word",
    "🙂 مرحبا": "It does not know “\u2068🙂\u2069”, “\u2068مرحبا\u2069”. ",
    "the dog " * 2000: "tokens: this figure shows 24 at most",
    "the anmial sleeps": "It does not know “\u2068anmial\u2069” (“animal”?). ",
    "<img src=x onerror=alert(1)>": "It does not know ",
}


@pytest.mark.parametrize("name", ["layer", "model"])
def test_what_cannot_be_read_is_told_and_the_lines_stay(opened, watched, name):
    page = opened()
    for text, said in WRONG.items():
        figure = write(page, watched, name, "the dog sleeps")
        before = names(figure).all_inner_texts()
        _, field, told = parts(page, name)
        field.fill(text)
        expect(told).to_contain_text(said)
        if "does not know" not in said:
            assert names(figure).all_inner_texts() == before
        assert figure.locator("img").count() == 0
    assert page.errors == []


def test_the_translator_writes_below_its_field_and_says_what_it_does_not_know(opened):
    page = opened()
    figure, field, told = parts(page, "cross")
    before = names(figure).all_inner_texts()
    field.fill("")
    expect(told).to_contain_text("write at least one word")
    assert names(figure).all_inner_texts() == before
    field.fill("the zebra is old")
    expect(told).to_contain_text("It does not know “\u2068zebra\u2069”. It writes: ")
    assert names(figure).all_inner_texts() != before


@pytest.mark.parametrize("broken", ["lost", "cut off"])
def test_nothing_comes_before_the_first_edit_and_what_does_not_arrive_is_told(
    opened, watched, broken
):
    page = opened()
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    figure, field, told = parts(page, "layer")
    figure.scroll_into_view_if_needed()
    figure.get_by_role("slider", name="Layer").press("Home")
    before = names(figure).all_inner_texts()
    assert not [url for url in asked if "models/" in url or "worker" in url]

    def answer(route):
        if broken == "lost":
            route.abort()
        else:
            route.fulfill(body=b"\x99\x19\x00\x00\x00\x00\x00\x00{}")

    page.context.route("**/model.safetensors", answer)
    field.fill("the dog sleeps")
    expect(told).to_contain_text("The model did not read this")
    assert names(figure).all_inner_texts() == before
    page.context.unroute("**/model.safetensors")
    write(page, watched, "layer", "the dog sleeps .")
    page.context.set_offline(True)  # what has come serves all figures of the page
    write(page, watched, "model", "the dogs sleep")


def test_a_link_brings_the_sentence_and_reset_the_first_one(opened, watched):
    page = opened()
    figure = write(page, watched, "layer", "the dog sleeps")
    figure.locator("input[type=checkbox]").nth(1).press("Space")
    figure.get_by_role("slider", name="Lines from").press("End")
    link = figure.get_by_role("link", name="Link to this state").get_attribute("href")
    other = opened(link.rpartition("/")[2].partition("#")[0])
    again, field, _ = parts(other, "layer")
    expect(field).to_have_value("the dog sleeps")
    told = again.locator(".live-controls .live-told")
    expect(told).to_have_text(figure.locator(".live-controls .live-told").inner_text())
    again.get_by_role("button", name="Reset").press("Enter")
    expect(field).to_have_value(READ)
    expect(names(again).filter(has_text="trophy")).to_be_visible()
    odd = opened("index.html?figure=model&layer=9&from=99&text=" + "x" * 300)
    _, field, told = parts(odd, "model")
    expect(told).to_contain_text("It does not know")
    assert len(field.input_value()) == 200


def test_the_first_sentence_comes_back_by_its_button(opened, watched):
    page = opened()
    figure = write(page, watched, "model", "the dog sleeps")
    figure.get_by_role("button", name="First sentence").click()
    expect(names(figure).filter(has_text="trophy")).to_be_visible()


def test_a_finger_writes_opens_a_head_and_presses_a_token(opened, watched):
    page = opened(view="phone")
    figure, field, _ = parts(page, "model")
    field.tap()
    write(page, watched, "model", "the dog sleeps")
    boxes = [one.bounding_box() for one in figure.locator(".live-panel rect").all()]
    assert len(boxes) == 12
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= visit.PHONE for box in boxes)
    figure.locator('[data-head="2.3"] rect').tap()
    figure.locator(".live-hit").nth(2).tap()
    seen = watched["model"]("the dog sleeps")
    place = seen.queries.index("dog")
    told = figure.locator(".live-controls .live-told")
    best = seen.weights[2, 3, place]
    expect(told).to_contain_text(
        f"layer 2, head 3. “dog” looks most at {seen.keys[int(best.argmax())]} {best.max():.2f}"
    )
    targets = page.locator("main :is(input[type=range], textarea, .live-check, button, summary, a)")
    heights = [one.bounding_box()["height"] for one in targets.all() if one.is_visible()]
    assert min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= visit.PHONE


@pytest.mark.parametrize("view", ["light", "dark", "phone"])
def test_axe_finds_nothing_where_a_sentence_is_written_or_refused(opened, watched, view):
    page = opened(view=view)
    for name, text in (
        ("layer", "the dog [MASK]"),
        ("model", "tom thanks ben ."),
        ("cross", "the big cat is old"),
    ):
        figure = write(page, watched, name, text)
        figure.locator("summary").click()
    parts(page, "layer")[1].fill("")
    expect(parts(page, "layer")[2]).to_contain_text("write at least one word")
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []


def test_without_scripts_and_in_print_the_lines_stand(opened, watched):
    still = opened(java_script_enabled=False)
    assert still.locator("svg[role=img]:visible").count() == 3
    assert still.locator("input, button, textarea").count() == 0
    page = opened()
    write(page, watched, "cross", "the big cat is old")
    page.emulate_media(media="print")
    assert page.locator("main > figure svg[role=img]:visible").count() == 4
    assert page.locator(":is(input, button, summary):visible").count() == 0
    expect(page.locator("#cross svg .live-name").filter(has_text="chat")).to_be_visible()


def test_minilm_draws_all_its_heads_once_it_is_loaded(opened, pages, watched, loaded):
    folder = pages(names=("open",))
    text = "A kitten unmasks the ñandú!"
    with visit.serve(folder) as address:
        page = opened(address=address)
        figure, field, told = parts(page, "open")
        before = figure.locator("svg[role=img]").first.get_attribute("aria-label")
        field.fill(text)
        expect(told).to_contain_text("load the model to read yours")
        assert figure.locator("svg[role=img]").first.get_attribute("aria-label") == before
        figure.get_by_role("button", name=re.compile("Load MiniLM")).click()
        expect(told).to_have_text("It reads 11 tokens.")
        figure.locator('[data-head="3.1"] rect').click()
        figure.locator("summary").click()
        shown = table(figure)
        assert figure.locator(".live-panel").count() == 72
    [file] = (folder / "_static" / "models" / "minilm").glob("*.safetensors")
    loaded["minilm"].model.load_state_dict(read_eight_bits(file), strict=False)
    expected = watched["open"](text).weights[3, 1]
    assert (shown - expected).abs().max() < 0.00501
