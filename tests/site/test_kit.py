"""What every live figure has.

Sliders in line that say their value, a button that sets it back, a link to what is seen, its
numbers as a table, and room for fingers.
"""

import itertools
import json
import re

import pytest
import torch
from playwright.sync_api import expect

from bookbuild.stylesheet import words_of_scripts
from lessons import plots
from support import visit
from support.figure_page import STATIC, write_page

TEXT = "the trophy does not fit in the suitcase because it is too small ."
WORDS = ["[CLS]", *TEXT.split(), "[SEP]"]
ALL = ("heads", "heads-asked", "lookup", "rotary", "tokens", "next", "lines")
WITH_TABLE = tuple(name for name in ALL if name != "tokens")


def figures() -> dict[str, plots.ThemedFigure]:
    chance = torch.Generator().manual_seed(0)
    maps = torch.randn(3, 4, len(WORDS), len(WORDS), generator=chance).mul(2).softmax(-1)
    usual = {(i, j): torch.randn(32, generator=chance) for i in range(3) for j in range(4)}
    record = plots.HeadRecord("it to its noun", torch.rand(3, 4), 150, "3 ahead", 0.94)
    x = torch.tensor([1.0, 0.0])
    keys = torch.tensor([[0.0, 1.0], [-0.87, -0.5], [0.87, -0.5]])
    vocabulary = [f"word{i}" for i in range(40)]
    logits = torch.randn(40, generator=chance)
    powers = {
        (base, name): {"power": [b**i for i in range(9)], "same": [b**i for i in range(9)]}
        for base, b in (("half", 0.5), ("two", 2.0))
        for name in ("a", "b")
    }
    return {
        "heads": plots.head_chooser(maps, WORDS, layer=1, head=2, model="M", records=[record]),
        "heads-asked": plots.head_chooser(
            maps, WORDS, layer=0, head=0, model="M", reads=("encoder", TEXT), usual=usual
        ),
        "lookup": plots.soft_lookup_figure(torch.tensor([1.23, 0.91]), keys),
        "rotary": plots.rotary_figure(x, x, frequency=0.5, positions=(7, 6)),
        "tokens": plots.token_boxes(["a"], [64], merges=[(64, 65)], text="abab a"),
        "next": plots.next_token_figure(
            vocabulary, logits, logits, temperature=1.0, k=40, p=1.0, shown=6
        ),
        "lines": plots.lines_by_setting(
            range(9), powers, sliders=["base", "kind"], first=("two", "a"), at=3, log_y=True,
            x_label="x", y_label="y", notes={("two", "a"): "The first."},
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    write_page(folder, figures())
    with visit.serve(folder) as address:
        yield address


def figure_of(page, name):
    return page.locator(f"figure[id='{name}'] .lesson-figure")


def state(figure) -> list:
    """Return what is seen of a figure: what its drawing tells, and how its controls stand."""
    alt = figure.locator("svg[role=img]").evaluate_all("all => all.map(e => e.ariaLabel)")
    told = figure.locator(".live-controls .live-told").all_inner_texts()
    values = figure.locator("input:not([type=hidden]), textarea").evaluate_all(
        "all => all.map((e) => e.type === 'checkbox' ? e.checked : e.value)"
    )
    return [alt, told, values]


def move_all(figure):
    for i, slider in enumerate(figure.locator("input[type=range]").all()):
        slider.press("End" if i else "ArrowRight")
        slider.press("ArrowLeft")
    for field in figure.locator("textarea").all():
        field.fill("the animal does not cross the street because it is too tired .")


def crooked(page) -> list[str]:
    """Return the figures whose sliders do not stand in line, and those that say nothing."""
    found = []
    for name in ALL:
        figure = figure_of(page, name)
        boxes = [one.bounding_box() for one in figure.locator("input[type=range]").all()]
        if len({(round(box["x"]), round(box["width"])) for box in boxes}) > 1:
            found.append(f"{name} is crooked")
        for slider in figure.locator(".live-slider").all():
            for key in ("ArrowRight", "End", "Home"):
                slider.locator("input").press(key)
                shown = slider.locator(".live-value").inner_text()
                if not shown or slider.locator("input").get_attribute("aria-valuetext") != shown:
                    found.append(f"{name} says nothing")
    return found


def low(page) -> list[str]:
    """Return what can be pressed and is not as high as a finger is wide."""
    targets = page.locator(
        ".live button:visible, .live a, .live summary, .live input[type=range], .live .live-check"
    )
    assert targets.count() > 20
    return targets.evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 43.9)"
        ".map(e => e.textContent || e.type)"
    )


def trapping(page) -> list[str]:
    """Return the figures on which a finger does not scroll the page."""
    return page.locator(".live svg").evaluate_all(
        "all => all.filter(e => getComputedStyle(e).touchAction !== 'auto')"
        ".map(e => e.closest('figure').id)"
    )


def not_reset(page) -> list[str]:
    """Return the figures that do not come back to their first state."""
    found = []
    for name in ALL:
        figure = figure_of(page, name)
        if name == "heads-asked":
            continue  # its model answers later
        before = state(figure)
        move_all(figure)
        assert state(figure) != before
        figure.get_by_role("button", name="Reset").click()
        found += [name] if state(figure) != before else []
    return found


@pytest.mark.parametrize("view", ["light", "phone"])
def test_sliders_stand_in_line_and_fingers_have_room(opened, view):
    page = opened(view=view)
    assert (crooked(page), low(page), trapping(page)) == ([], [], ["lookup"])
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert (page.errors, page.foreign) == ([], [])


def test_reset_brings_the_first_state_back(opened):
    page = opened()
    assert not_reset(page) == []
    assert page.errors == []


BROKEN = [
    (
        crooked,
        "house.css",
        "grid-template-columns: minmax(0, 5fr)",
        "grid-template-columns: auto",
    ),
    (crooked, "live/elements.js", 'input.setAttribute("aria-valuetext", text)', ""),
    (low, "house.css", ".live-table > summary {\n  align-content: center;", ".live-none {"),
    (trapping, "house.css", "svg.live-drag {", "svg {"),
    (not_reset, "live/kit.js", "first?.();", ""),
    (not_reset, "live/kit.js", "write(initial);", ""),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one[0].__name__}-{one[2][:12]}")
def test_what_is_broken_is_found(chrome, tmp_path, broken):
    check, file, right, wrong = broken
    write_page(tmp_path, figures(), {file: (right, wrong)})
    with visit.serve(tmp_path) as address:
        context = visit.open_view(chrome, "light")
        page = context.new_page()
        page.goto(f"{address}/index.html")
        assert check(page) != (["lookup"] if check is trapping else [])
        context.close()


def test_reset_lets_the_model_read_the_first_sentence(opened):
    page = opened()
    figure = figure_of(page, "heads-asked")
    before, told = state(figure), figure.locator(".live-text .live-told")
    move_all(figure)
    expect(told).to_contain_text("animal")
    figure.get_by_role("button", name="Reset").click()
    expect(told).to_contain_text("suitcase")
    assert state(figure)[1:] == before[1:]
    assert page.errors == []


@pytest.mark.parametrize("name", ALL)
def test_a_link_leads_to_what_is_seen(opened, name):
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    figure = figure_of(page, name)
    move_all(figure)
    if name == "heads-asked":
        figure.get_by_role("checkbox").check()
        expect(figure.locator(".live-text .live-told")).to_contain_text("With all heads")
    elif name == "heads":
        expect(figure.locator(".live-records")).to_be_visible()
    link = figure.get_by_role("link", name="Link to this state")
    link.focus()
    page.keyboard.press("Enter")
    expect(figure.locator(".live-foot [role=status]")).to_contain_text("copied")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.url == link.evaluate("e => e.href")
    other = opened(address)
    again = figure_of(other, name)
    if name == "heads-asked":
        expect(again.locator(".live-text .live-told")).to_contain_text("With all heads")
    assert state(again) == state(figure)
    elsewhere = "next" if name == "lines" else "lines"  # a link sets one figure
    assert state(figure_of(other, elsewhere)) == state(figure_of(page, elsewhere))
    assert other.errors == []


ODD = (
    "figure=heads&layer=99&head=-7",
    "figure=heads&layer=two&head=",
    "figure=heads-asked&silent=9.9,x,0.0.0,<b>&text=" + "the%20dog%20" * 100,
    "figure=nowhere&layer=1",
    "figure=lines&set1=1e9&set2=NaN&at=Infinity",
    "figure=lookup&direction=-1e400&length=abc",
    "figure=next&k=&p=-3&temperature=%F0%9F%99%82",
)


def test_a_link_without_another_sentence_needs_no_model(opened):
    page = opened("index.html?figure=heads-asked&layer=2")
    figure = figure_of(page, "heads-asked")
    expect(figure.locator(".live-controls .live-told")).to_contain_text("layer 2")
    figure.get_by_role("button", name="Reset").click()
    expect(figure.locator(".live-text .live-told")).to_have_text("")


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_link_shows_a_figure_all_the_same(opened, odd):
    page = opened(f"index.html?{odd}")
    for name in ALL:
        told = json.dumps(state(figure_of(page, name)))
        assert "NaN" not in told and "undefined" not in told
    assert len(figure_of(page, "heads-asked").locator("textarea").input_value()) <= 200
    assert page.errors == []


@pytest.mark.parametrize("name", WITH_TABLE)
def test_the_numbers_are_a_table_that_follows(opened, name):
    page = opened()
    figure = figure_of(page, name)
    folded = figure.locator(".live-table")
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    table = folded.get_by_role("table")
    expect(table).to_be_visible()
    assert table.locator("caption").inner_text()
    head = table.get_by_role("columnheader").all_inner_texts()
    rows = [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]
    assert len(rows) > 1 and all(len(row) == len(head) for row in rows)
    assert table.get_by_role("rowheader").count() == len(rows)
    before = table.inner_text()
    move_all(figure)
    expect(table).not_to_have_text(re.compile(f"^{re.escape(before)}$"))
    if name == "heads":  # each row sums to one
        layer, head, _ = (
            int(one.input_value()) for one in figure.locator("input[type=range]").all()
        )
        script = json.loads(figure.get_attribute("data-figure"))
        weights = script["weights"][layer][head]
        cells = table.locator("tbody tr").first.locator("td").all_inner_texts()
        assert [float(cell) for cell in cells] == [weight / 100 for weight in weights[0]]
    page.evaluate(visit.AXE_SCRIPT)
    assert page.evaluate(visit.AXE, [visit.AXE_TAGS, False]) == []
    assert page.errors == []


def test_a_map_has_a_scale_with_its_title(opened):
    page = opened()
    assert figure_of(page, "heads").locator(".live-scale").inner_text().split() == [
        "weight:",
        "0",
        "1",
    ]


@pytest.mark.parametrize("view", ["light", "phone"])
def test_a_cell_that_is_pointed_at_tells_its_weight_and_goes_on_telling(opened, view):
    figure = figure_of(opened(view=view), "heads")
    data = json.loads(figure.get_attribute("data-figure"))
    cell = figure.locator(".live-cell").nth(3 * len(WORDS) + 2)
    cell.tap() if view == "phone" else cell.hover()
    point = figure.locator(".live-point")
    weight = data["weights"][1][2][3][2] / 100
    expect(point).to_have_text(f"{WORDS[3]} → {WORDS[2]}: {weight:.2f}")
    figure.locator("input[type=range]").nth(1).fill("0")
    weight = data["weights"][1][0][3][2] / 100
    expect(point).to_have_text(f"{WORDS[3]} → {WORDS[2]}: {weight:.2f}")


def test_a_query_of_length_zero_keeps_its_direction(opened):
    figure = figure_of(opened(), "lookup")
    direction, length = figure.locator("input[type=range]").all()
    before = direction.input_value()
    length.press("Home")
    assert (direction.input_value(), length.input_value()) == (before, "0")
    told = figure.locator(".live-controls .live-told")
    expect(told).to_contain_text("key 1 0.33, key 2 0.33, key 3 0.33: a query of length 0")
    length.press("ArrowRight")
    assert direction.input_value() == before


def test_the_end_of_a_slider_says_what_it_did(opened):
    figure = figure_of(opened(), "rotary")
    figure.locator("input[type=range]").nth(2).press("End")
    told = figure.locator(".live-controls .live-told")
    expect(told).to_contain_text("Both stop here: 40 is the last position.")


def test_names_do_not_overprint_each_other(opened):
    figure = figure_of(opened(), "rotary")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight"):
        figure.locator("input[type=range]").first.press(key)
        one, other = (label.bounding_box() for label in figure.locator(".live-label").all())
        apart = abs(one["y"] - other["y"]) >= 0.8 * one["height"] or (
            min(one["x"] + one["width"], other["x"] + other["width"]) < max(one["x"], other["x"])
        )
        assert apart


def test_a_head_s_record_follows_and_the_mean_has_none(opened):
    figure = figure_of(opened(), "heads")
    data = json.loads(figure.get_attribute("data-figure"))["records"][0]
    records = figure.locator(".live-records")
    _, head, _ = figure.locator("input[type=range]").all()
    for place, rate in enumerate(data["rates"][1]):
        head.fill(str(place))
        expect(records).to_contain_text(f"layer 1, head {place} is right")
        expect(records).to_contain_text(
            f"{data['what']}: {rate:.2f}; best simple rule (3 ahead): 0.94"
        )
    head.fill("4")
    expect(records).to_be_hidden()


def test_every_class_of_a_live_figure_is_named_whole_in_a_script():
    """The site's stylesheet keeps the classes that some page or script names."""
    styled = set(re.findall(r"\.(live-[\w-]+)", (STATIC / "house.css").read_text("utf-8")))
    assert len(styled) > 30
    assert styled - words_of_scripts(STATIC) == set()


def test_two_equal_lines_are_both_seen(opened):
    figure = figure_of(opened(), "lines")
    one, other = figure.locator("svg[role=img] .live-curve").all()
    assert one.get_attribute("d") == other.get_attribute("d")
    dashes = [line.evaluate("e => getComputedStyle(e).strokeDasharray") for line in (one, other)]
    colors = {line.evaluate("e => getComputedStyle(e).stroke") for line in (one, other)}
    assert len(colors) == 2
    assert dashes[0] == "none" != dashes[1]  # the lower one is whole, and shows between the dashes


def test_lines_are_those_of_the_data(opened):
    page = opened()
    figure = figure_of(page, "lines")
    base, kind, at = figure.locator("input[type=range]").all()
    expect(figure.locator(".live-controls .live-told")).to_have_text(
        "The first. At 3: power 8, same 8."
    )
    base.press("Home")
    at.press("End")
    expect(figure.locator(".live-controls .live-told")).to_have_text(
        "At 8: power 0.00391, same 0.00391."
    )
    expect(base).to_have_attribute("aria-valuetext", "half")
    kind.press("End")
    assert "kind b" in figure.locator("svg[role=img]").get_attribute("aria-label")
    path = figure.locator("svg[role=img] .live-curve").first.get_attribute("d")
    points = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    steps = [b - a for a, b in itertools.pairwise(points)]
    assert len(points) == 9 and max(steps) - min(steps) < 0.21  # an exponential is straight here
    assert page.errors == []


def test_without_scripts_the_stills_stand(opened):
    page = opened(java_script_enabled=False)
    for name in ALL:
        figure = figure_of(page, name)
        expect(figure.locator("svg[role=img]").first).to_be_visible()
        assert figure.locator("input, button").count() == 0
    expect(figure_of(page, "heads").locator(".lesson-record")).to_contain_text("best simple rule")


def test_on_paper_no_controls_stand(opened):
    page = opened()
    page.emulate_media(media="print")
    answering = page.locator(".live button, .live a, .live summary, .live input, .live-point")
    assert not any(one.is_visible() for one in answering.all())
    assert page.locator(".live svg[role=img]:visible").count() == len(ALL) - 1  # tokens are a list
