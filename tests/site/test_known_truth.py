"""The translator's cells beside the words that the grammar knows to be rendered."""

import contextlib
from pathlib import Path

import pytest
import torch
from playwright.sync_api import expect

import bookbuild
from lessons import interpretation, plots
from lessons.models import load
from lessons.models.grammar.draws import draw_translations
from lessons.plots.maps import truth_told
from support import visit
from support.figure_page import write_page
from support.node import in_node

LIVE = Path(bookbuild.__file__).parent / "static" / "live"
SCRIPT = """
import { truthTold } from "./maps.js";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const told = given.map(({ map, marked, queries, keys }) => truthTold(map, marked, queries, keys));
console.log(JSON.stringify(told));
"""


def test_it_is_told_as_in_python(tmp_path):
    chance = torch.Generator().manual_seed(0)
    given = []
    for _ in range(30):
        rows, columns = torch.randint(1, 6, (2,), generator=chance).tolist()
        links = torch.randint(0, rows * columns, (4,), generator=chance).tolist()
        given.append({
            "map": torch.rand(rows, columns, generator=chance, dtype=torch.float64).tolist(),
            "marked": sorted({divmod(link, columns) for link in links}),
            "queries": [f"q{i}" for i in range(rows)],
            "keys": [f"k{j}" for j in range(columns)],
        })  # fmt: skip
    modules = {"maps.js": (LIVE / "maps.js").read_text("utf-8")}
    expected = [
        truth_told(torch.tensor(one["map"], dtype=torch.float64), *(
            one[part] for part in ("marked", "queries", "keys")
        ))
        for one in given
    ]  # fmt: skip
    assert in_node(SCRIPT, given, modules, tmp_path) == expected
    assert any("Elsewhere" in one for one in expected)


PLACES = """(all, inset) => all.map(
  (e) => ["x", "y"].map((of) => Math.round(Number(e.getAttribute(of)) - inset)).join())"""


@pytest.fixture(scope="module")
def known() -> dict:
    translator = load("translator", source="book")
    pairs = {}
    for one in draw_translations(30, seed=5):
        watched = interpretation.watch_translating(translator, one.source.text)
        if list(one.target) == watched.queries[:-1] and len(one.source.tokens) < 20:
            pairs[one.source.text] = (one.target, one.alignment, watched)
    return dict(list(pairs.items())[:4])


def figure(known: dict) -> plots.ThemedFigure:
    text, (_, _, watched) = next(iter(known.items()))
    truths = {text: (target, links) for text, (target, links, _) in known.items()}
    return plots.head_chooser(
        *watched, layer=1, head=2, model="M", reads=("translator", text), known=truths
    )


def wrong_frames(page, known: dict) -> list[str]:
    """Go through the sentences whose truth is known, and return those that are told wrongly."""
    shown = page.locator(".lesson-figure")
    told = shown.locator(".live-controls .live-told")
    found = []
    again = shown.get_by_role("button", name="Another sentence with known truth")
    for text, (_, links, watched) in [*known.items(), next(iter(known.items()))]:
        expect(shown.locator("textarea")).to_have_value(text)
        expect(shown.locator("svg[role=img] .live-name")).to_have_text(list(watched.queries))
        expected = truth_told(watched.weights[1, 2], links, watched.queries, watched.keys)
        if not told.inner_text().endswith(expected):
            found.append(told.inner_text())
        cells = shown.locator(".live-cell").evaluate_all(PLACES, 0)
        frames = shown.locator(".live-true-wide").evaluate_all(PLACES, 2)
        places = {divmod(cells.index(frame), len(watched.keys)) for frame in frames}
        found += [] if places == set(links) else [f"{text}: {places}"]
        again.focus()
        page.keyboard.press("Enter")
    return found


@contextlib.contextmanager
def served(folder: Path, known, changed=None):
    write_page(folder, {"truth": figure(known)}, changed)
    with visit.serve(folder) as address:
        yield address


@pytest.fixture(scope="module")
def origin(tmp_path_factory, known):
    with served(tmp_path_factory.mktemp("figure"), known) as address:
        yield address


def test_true_cells_are_framed_and_follow_the_sentence(opened, known):
    page = opened()
    assert wrong_frames(page, known) == []
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []
    assert (page.errors, page.foreign) == ([], [])


BROKEN = [
    ("live/head-map.js", "y: CELL * i + 2,", "y: 2,"),
    ("live/head-chooser.js", "(place + 1) % known.length", "0"),
    ("live/maps.js", "order.length - missed.length", "missed.length"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one[0])
def test_what_is_broken_is_found(opened, known, tmp_path, broken):
    file, right, wrong = broken
    with served(tmp_path, known, {file: (right, wrong)}) as address:
        try:
            assert wrong_frames(opened(address=address), known)
        except AssertionError as error:
            assert "Locator expected" in str(error)  # the next sentence never came


def test_of_another_sentence_the_truth_is_not_known(opened, known):
    page = opened(view="phone")
    shown = page.locator(".lesson-figure")
    shown.locator("textarea").fill("tom sees the car")
    told = shown.locator(".live-controls .live-told")
    expect(told).to_contain_text("Of this sentence the truth is not known.")
    assert shown.locator(".live-true").count() == 0
    shown.get_by_role("button", name="Another sentence with known truth").tap()
    expect(told).to_contain_text("Brightest at the true word")
    assert shown.locator(".live-true").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_without_scripts_the_truth_stands_too(opened, known):
    page = opened(java_script_enabled=False)
    alt = page.locator("svg[role=img]").get_attribute("aria-label")
    assert "Brightest at the true word" in alt
