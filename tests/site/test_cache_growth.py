"""A text grows with its cache, step by step, and what that saves is counted."""

import contextlib
from functools import partial
from pathlib import Path

import pytest
import torch
from playwright.sync_api import TimeoutError, expect

import bookbuild
from lessons import generation, plots
from lessons.generation import Sizes, cached_flops, step_flops, uncached_flops
from lessons.models import load
from lessons.models.loading.loader import WEIGHTS
from support import visit
from support.figure_page import write_page
from support.node import in_node

LIVE = Path(bookbuild.__file__).parent / "static" / "live"
TEXT = "tom thanks mary because"
GROWN = """
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { turned } from "./model/decoder.js";
import { readModel } from "./model/files.js";
import { grown } from "./model/grown.js";
import { Tokenizer } from "./model/tokenizer.js";
const { folder, texts } = JSON.parse(readFileSync(0, "utf8"));
const files = await readModel(async (name) => new Response(await readFile(`${folder}/${name}`)));
const tokenizer = new Tokenizer(files.tokenizer);
const model = turned(files);
const idsOf = (text) => tokenizer.encode(text).ids;
console.log(JSON.stringify(texts.map((text) => grown(idsOf(text), model, tokenizer))));
"""


def read_and_written(text: str) -> tuple[torch.Tensor, int]:
    """Return all tokens that the decoder reads while it writes, and how many were given."""
    model = load("decoder", source="book").model
    ids = load("decoder", source="book").tokenizer(text, return_tensors="pt").input_ids
    end = model.config.eos_token_id
    out = model.generate(ids, max_length=24, do_sample=False, eos_token_id=end, pad_token_id=end)
    kept = out[:, :-1] if out[0, -1] == end else out
    return kept, ids.shape[1]


@torch.no_grad()
def maps_of(tokens: torch.Tensor) -> torch.Tensor:
    return torch.cat(
        load("decoder", source="book").model(tokens, output_attentions=True).attentions
    )


TEXTS = [TEXT, "the dog sleeps because", "the key near the tables", "the"]


def apart(modules: dict[str, str], folder: Path) -> float:
    """Return the largest difference of a weight from PyTorch, which reads all at once."""
    answers = in_node(GROWN, {"folder": str(WEIGHTS / "decoder"), "texts": TEXTS}, modules, folder)
    tokenizer, worst = load("decoder", source="book").tokenizer, 0.0
    for text, answer in zip(TEXTS, answers, strict=True):
        tokens, given = read_and_written(text)
        assert answer["tokens"] == tokenizer.convert_ids_to_tokens(tokens[0])
        assert answer["given"] == given
        expected = maps_of(tokens)
        for layer, heads in enumerate(answer["maps"]):
            for head, rows in enumerate(heads):
                for i, row in enumerate(rows):
                    full = torch.tensor(row + [0.0] * (len(rows) - len(row)))
                    worst = max(worst, float((full - expected[layer, head, i]).abs().max()))
    return worst


def sources() -> dict[str, str]:
    names = ("attention.js", *(f"model/{path.name}" for path in (LIVE / "model").glob("*.js")))
    return {name: (LIVE / name).read_text("utf-8") for name in names}


def test_each_row_is_that_of_the_whole_text(tmp_path):
    assert apart(sources(), tmp_path) < 1e-5
    assert read_and_written(TEXTS[1])[0].shape[1] == 24  # one of them never ends


def test_a_row_without_the_cache_is_noticed(tmp_path):
    modules = sources()
    modules["model/grown.js"] = modules["model/grown.js"].replace(
        "model, step.cache", "model, null"
    )
    with pytest.raises(AssertionError):
        assert apart(modules, tmp_path) < 1e-5


def figure() -> plots.ThemedFigure:
    config = load("decoder", source="book").model.config
    sizes = Sizes(
        config.n_layer, config.n_embd, config.n_head, 4 * config.n_embd, config.vocab_size
    )
    tokens, given = read_and_written(TEXT)
    words = load("decoder", source="book").tokenizer.convert_ids_to_tokens(tokens[0])
    kept = partial(
        generation.cache_bytes, layers=sizes.layers, d_model=sizes.d_model, heads=4, kv_heads=4
    )
    return plots.cache_figure(
        maps_of(tokens), words, given=given, layer=1, head=1, model="the book's decoder",
        step=partial(step_flops, sizes=sizes), kept=kept,
    )  # fmt: skip


def counted(given: int, step: int) -> str:
    config = load("decoder", source="book").model.config
    sizes = Sizes(
        config.n_layer, config.n_embd, config.n_head, 4 * config.n_embd, config.vocab_size
    )
    saved, full = (count(given, step + 1, sizes) for count in (cached_flops, uncached_flops))
    return f"{saved:,} with the cache, {full:,} without, {full / saved:.1f} times as many"


@contextlib.contextmanager
def served(folder: Path, changed=None):
    write_page(folder, {"grows": figure()}, changed)
    with visit.serve(folder) as address:
        yield address


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    with served(tmp_path_factory.mktemp("figure")) as address:
        yield address


@pytest.fixture
def opened(chrome, origin):
    with visit.opening(chrome, origin) as open_page:
        yield lambda state="", *view, **options: open_page(
            f"index.html?figure=grows&{state}", *view, **options
        )


def wrong_steps(page) -> list[str]:
    """Go back to the beginning and forth again, and return what is told or drawn wrongly."""
    shown, found = page.locator(".lesson-figure"), []
    told = shown.locator(".live-controls .live-told")
    tokens, given = read_and_written(TEXT)
    last = tokens.shape[1] - given
    order = [*range(last, -1, -1), *range(1, last + 1)]
    for at, step in enumerate(order):
        seen = given + step
        weights = shown.locator(".live-cell").evaluate_all(
            "all => all.map((e) => parseFloat(e.style.getPropertyValue('--weight')))"
        )
        rows = [weights[i * seen : (i + 1) * seen] for i in range(len(weights) // seen)]
        if len(weights) != seen**2 or any(any(row[i + 1 :]) for i, row in enumerate(rows)):
            found.append(f"step {step} is no causal triangle of {seen}")
        if (
            f"Step {step}." not in told.inner_text()
            or counted(given, step) not in told.inner_text()
        ):
            found.append(told.inner_text())
        framed = shown.locator(".live-true-wide").count()
        if framed != (seen if step else seen * (seen + 1) // 2):
            found.append(f"step {step} frames {framed}")
        if at < len(order) - 1:
            button = shown.get_by_role("button", name="Back" if at < last else "Next")
            button.focus()
            page.keyboard.press("Enter")
    return found


def test_steps_back_and_forth_by_keyboard(opened):
    page = opened()
    assert wrong_steps(page) == []
    assert (page.errors, page.foreign) == ([], [])


BROKEN = [
    ("live/cache-growth.js", "step === 0 ? all : one", "all"),
    ("live/cache-growth.js", "table[i][j] ?? 0", "table[i][words.length - 1 - j] ?? 0"),
    ("live/cache-growth.js", "i < first ? []", "i < 0 ? []"),
    ("live/cache-growth.js", "go(step() - 1)", "go(step() - 2)"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one[1])
def test_what_is_broken_is_found(opened, tmp_path, broken):
    file, right, wrong = broken
    with served(tmp_path, {file: (right, wrong)}) as address:
        page = opened(address=address)
        page.context.set_default_timeout(1000)
        try:
            found = wrong_steps(page)
        except TimeoutError as error:  # a button that ends too early cannot be pressed
            found = [str(error)]
    assert found


def test_another_beginning_grows_here(opened):
    page = opened(view="phone")
    shown = page.locator(".lesson-figure")
    text = TEXTS[2]
    shown.locator("textarea").fill(text)
    tokens, given = read_and_written(text)
    words = load("decoder", source="book").tokenizer.convert_ids_to_tokens(tokens[0])
    expect(shown.locator(".live-text .live-told")).to_have_text(
        f"It writes: {' '.join(words[given:])}"
    )
    slider = shown.locator(".live-slider input").first
    slider.press("End")
    expect(shown.locator(".live-controls .live-told")).to_contain_text(
        counted(given, len(words) - given)
    )
    slider.press("Home")
    expect(shown.locator(".live-controls .live-told")).to_contain_text(
        "The beginning is read at once"
    )
    shown.locator("textarea").fill("")
    expect(shown.locator(".live-text .live-told")).to_contain_text("write at least one word")
    shown.get_by_role("button", name="Reset").click()
    expect(shown.locator(".live-controls .live-told")).to_contain_text("Step 4.")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.errors == []


@pytest.mark.parametrize(
    ("state", "view"),
    [("", "light"), ("step=0", "phone"), ("step=2&layer=2&head=3", "light")],
)
def test_axe_finds_nothing_and_fingers_have_room(opened, state, view):
    page = opened(state, view)
    page.locator(".live-table summary").click()
    rows = page.locator(".live-table tbody tr")
    expect(rows).to_have_count(5)
    targets = page.locator(".live button:visible, .live a, .live summary, .live input[type=range]")
    heights = targets.evaluate_all("all => all.map((e) => e.getBoundingClientRect().height)")
    assert min(heights) >= 43.9
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []
    if state.startswith("step=2"):
        told = page.locator(".live-controls .live-told")
        expect(told).to_contain_text("Step 2.")
        link = page.get_by_role("link", name="Link to this state")
        assert "step=2&layer=2&head=3" in link.get_attribute("href")


def test_without_scripts_and_on_paper(opened):
    page = opened(java_script_enabled=False)
    expect(page.locator("svg[role=img]")).to_be_visible()
    expect(page.locator(".lesson-record")).to_contain_text("with the cache")
    assert page.locator(".lesson-figure").locator("button, input").count() == 0
    printed = opened()
    printed.emulate_media(media="print")
    assert not any(one.is_visible() for one in printed.locator(".live button, .live input").all())
    expect(printed.locator(".live svg[role=img]")).to_be_visible()
