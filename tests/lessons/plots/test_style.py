"""Every figure is well-formed SVG that follows the page's theme and says what it shows."""

import functools
import itertools
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
import torch

from lessons import plots
from lessons.plots import style

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def random_weights(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).softmax(dim=-1)


@functools.cache
def figure(kind: str) -> plots.ThemedFigure:
    words = [f"word{i}" for i in range(10)]
    return {
        "map with numbers": lambda: plots.attention_map(random_weights(3, 3), ["a", "<b>", "c&d"]),
        "map": lambda: plots.attention_map(random_weights(10, 10), words, title='layer "0"'),
        "grid": lambda: plots.attention_grid(random_weights(2, 3, 5, 5), title="a <model>"),
        "lines": lambda: plots.lines(
            [1, 2, 4],
            {"rises": [1, 2, 4], "falls": [4, 2, -1], "stays": [1, 1, 1], "jumps": [0, 3, 0]},
            x_label="tokens",
            y_label="bytes",
        ),
        "bars": lambda: plots.bars(
            ["a", "b"],
            {"one": [1, 2], "two": [2, 1], "three": [1, 1], "four": [3, 1]},
            x_label="key",
            y_label="weight",
        ),
        "points": lambda: plots.points(
            {"one & all": [(1, 2), (2, 1)], "two": [(3, 1)]},
            curves={"best": [(1, 1), (3, 3)]},
            x_label="nats",
            y_label="reward",
        ),
        "diagram": lambda: plots.diagram("a&b -> [c<d]: e", title='A "drawing"'),
        "live": lambda: plots.soft_lookup_figure(torch.tensor([1.0, 2.0]), torch.eye(2)),
    }[kind]()


KINDS = ["map with numbers", "map", "grid", "lines", "bars", "points", "diagram", "live"]


def wrong_ids(*svgs: str) -> list[str]:
    """Return the ids that drawings of one page share, and the references that lead to none."""
    ids: list[str] = []
    problems = []
    for svg in svgs:
        own = re.findall(r'\bid="([^"]+)"', svg)
        asked = re.findall(r'href="#([^"]+)"', svg) + re.findall(r"url\(#([^)]+)\)", svg)
        problems += [f"there is no {name}" for name in asked if name not in own]
        ids += own
    return problems + [f"{name} is not unique" for name in set(ids) if ids.count(name) > 1]


def hard_coded_text(svg: str) -> list[str]:
    """Return the texts of a drawing that do not take the page's color."""
    inherited = [
        (element, f"{group.get('style', '')};{element.get('style', '')}")
        for group in ET.fromstring(svg).iter(f"{SVG}g")
        for element in group.findall(f"{SVG}text")
    ]
    return [
        element.text or ""
        for element, css in inherited
        if (color := re.search(r"(?<!-)\b(?:fill|color): *([^;]+)", css)) is None
        or color[1] != "currentColor"
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_svg_is_well_formed(kind):
    root = ET.fromstring(figure(kind).svg)
    assert root.tag == f"{SVG}svg"
    assert figure(kind).svg.rstrip().endswith("</svg>")


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_is_an_image_with_its_alternative_text(kind):
    root = ET.fromstring(figure(kind).svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == figure(kind).alt
    assert repr(figure(kind)) == f"Figure: {figure(kind).alt}"


@pytest.mark.parametrize("kind", KINDS)
def test_references_lead_to_their_own_drawing(kind):
    assert wrong_ids(figure(kind).svg) == []


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(KINDS, 2)))
def test_ids_of_two_figures_of_a_page_differ(one, other):
    assert wrong_ids(figure(one).svg, figure(other).svg) == []


def test_ids_of_figures_that_differ_in_numbers_alone_differ():
    first = plots.attention_map(random_weights(3, 3, seed=0), ["a", "b", "c"])
    second = plots.attention_map(random_weights(3, 3, seed=1), ["a", "b", "c"])
    assert wrong_ids(first.svg, second.svg) == []


def test_wrong_ids_are_found():
    assert wrong_ids('<g id="a"/><use href="#a"/>') == []
    assert wrong_ids('<g id="a"/><use href="#b"/>') == ["there is no b"]
    assert wrong_ids('<g id="a" clip-path="url(#c)"/>') == ["there is no c"]
    assert wrong_ids('<g id="a"/>', '<g id="a"/>') == ["a is not unique"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "map with numbers"])
def test_text_takes_the_color_of_the_page(kind):
    svg = figure(kind).svg
    assert "currentColor" in svg
    assert hard_coded_text(svg) == []


def test_labels_of_a_map_with_numbers_take_the_color_of_the_page():
    # The numbers stand on cells of a color of their own, and nothing else does.
    hard_coded = hard_coded_text(figure("map with numbers").svg)
    assert len(hard_coded) == 9
    assert all(re.fullmatch(r"\.\d\d|1", text) for text in hard_coded)


@pytest.mark.parametrize(
    ("css", "found"),
    [
        ("fill: currentColor", []),
        ("fill: #000", ["t"]),
        ("font: 9px sans; fill: white", ["t"]),
        ("font: 9px sans", ["t"]),
        ("fill-rule: currentColor", ["t"]),
    ],
)
def test_hard_coded_text_is_found(css, found):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><g><text style="{css}">t</text></g></svg>'
    assert hard_coded_text(svg) == found


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_drawn_in_a_color_that_only_one_theme_shows(kind):
    colors = set(re.findall(r"(?:fill|stroke): *(#[0-9a-f]{6})\b", figure(kind).svg))
    numbers_on_cells = {"#ffffff"} if kind == "map with numbers" else set()
    assert not colors & {"#ffffff", "#000000", style.INK, *style.SERIES.values()} - numbers_on_cells


@pytest.mark.parametrize("kind", ["lines", "bars"])
def test_series_take_the_colors_of_the_page_with_fallbacks(kind):
    for name, color in style.SERIES.items():
        assert f"var(--figure-{name}, {color})" in figure(kind).svg


@pytest.mark.parametrize("kind", KINDS)
def test_figure_brings_no_font_and_no_address_of_another_host(kind):
    svg = re.sub(r'xmlns(:\w+)?="[^"]*"', "", figure(kind).svg)
    assert "font-family" not in svg
    assert not re.search(r"https?://", svg)


def test_coordinates_are_shortened_and_no_number_of_a_text():
    canvas = style.new_figure(3.0, 2.0)
    canvas.subplots().set_yticks([0.025, 0.0755])
    drawn = ET.fromstring(style.finish(canvas, "two ticks").svg)
    assert {"0.0250", "0.0755"} <= {text.text for text in drawn.iter(f"{SVG}text")}
    paths = " ".join(path.get("d") for path in drawn.iter(f"{SVG}path"))
    assert re.search(r"\d\.\d\d\b", paths) and not re.search(r"\d\.\d{3}", paths)


@pytest.mark.parametrize("kind", KINDS)
def test_figure_is_no_larger_than_a_page_shows(kind):
    root = ET.fromstring(figure(kind).svg)
    assert float(root.get("width").removesuffix("pt")) <= 6 * 72
    assert f"--width: {root.get('width')}" in root.get("style")


def test_the_same_figure_is_drawn_as_the_same_bytes():
    drawn = [plots.attention_map(random_weights(4, 4), list("abcd")).svg for _ in range(2)]
    assert drawn[0] == drawn[1]


class FirstTag(HTMLParser):
    """Keeps the attributes of the first tag it is fed."""

    attributes = None

    def handle_starttag(self, tag, attrs):
        self.attributes = self.attributes or dict(attrs)


@pytest.mark.parametrize(
    "data", [{"query": [1.0, -2.5]}, {"tokens": ['"', "'", "<b>", "a&amp;b", "é", "</div>"]}]
)
def test_data_of_a_live_figure_arrives_as_it_was(data):
    live = plots.ThemedFigure("<svg></svg>", "A figure.", live=("soft-lookup", data))
    html = live._repr_html_()
    tag = FirstTag()
    tag.feed(html)
    assert tag.attributes["data-live"] == "soft-lookup"
    assert json.loads(tag.attributes["data-figure"]) == data
    assert html.endswith("><svg></svg></div>")
    assert html.count("<") == 4, "what is in the data opens no tag"


def test_soft_lookup_hands_over_its_query_and_keys():
    live = plots.soft_lookup_figure(torch.tensor([1.5, 2.0]), torch.eye(2))
    assert live.live == ("soft-lookup", {"query": [1.5, 2.0], "keys": [[1.0, 0.0], [0.0, 1.0]]})


def test_soft_lookup_tells_its_weights():
    # The scores are 0 and ln 3, so the weights are as 1 : 3.
    query = torch.tensor([torch.tensor(3.0).log(), 0.0])
    still = plots.soft_lookup_figure(query, torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    assert still.alt == "A query among 2 keys. Weights: key 1 0.25, key 2 0.75."
    texts = [element.text for element in ET.fromstring(still.svg).iter(f"{SVG}text")]
    assert {"key 1: 0.25", "key 2: 0.75"} <= set(texts)


def test_a_still_figure_has_no_data():
    assert plots.ThemedFigure("<svg></svg>", "A.")._repr_html_() == (
        '<div class="lesson-figure"><svg></svg></div>'
    )


@pytest.mark.parametrize("size", [(0.0, 3.0), (3.0, 0.0), (6.1, 3.0), (3.0, 6.1), (-1.0, 3.0)])
def test_figure_that_does_not_fit_is_refused(size):
    with pytest.raises(ValueError, match="pass at most 6 × 6"):
        style.new_figure(*size)


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_figure_without_alternative_text_is_refused(alt):
    with pytest.raises(ValueError, match="say in words what the figure shows"):
        style.finish(style.new_figure(2.0, 2.0), alt)
