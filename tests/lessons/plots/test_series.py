"""Lines and bars tell their numbers in words, and no reader depends on color."""

import re
import xml.etree.ElementTree as ET

import pytest

from lessons.plots import bars, lines
from lessons.plots.style import SERIES

SVG = "{http://www.w3.org/2000/svg}"
LABELS = {"x_label": "tokens", "y_label": "bytes"}


def four(length: int) -> dict[str, list[int]]:
    return {f"s{i}": [i + n + 1 for n in range(length)] for i in range(4)}


def told_points(alt: str) -> dict[str, list[tuple[float, float]]]:
    """Return the points that an alternative text tells, as (x, y) by the name of the series."""
    series = alt.split(". ", 1)[1].removesuffix(".").split("; ")
    return {
        name: [(float(x), float(y)) for y, x in re.findall(r"(\S+) at ([^,\s]+)", points)]
        for name, points in (one.split(": ") for one in series)
    }


def styles_of_lines(svg: str) -> list[tuple[str, str]]:
    """Return the dash pattern and the marker's shape of each line of a drawing."""
    root = ET.fromstring(svg)
    shapes = {
        path.get("id"): re.sub(r"[-\d. ]+", " ", path.get("d"))
        for path in root.iter(f"{SVG}path")
        if path.get("id")
    }
    styles = []
    for group in root.iter(f"{SVG}g"):
        path, marked = group.find(f"{SVG}path"), group.find(f"{SVG}g/{SVG}use")
        if not re.search(r"-line2d_\d+$", group.get("id", "")) or path is None or marked is None:
            continue
        css = path.get("style") or ""
        if "var(--figure-" in css:
            dash = re.search(r"stroke-dasharray: ([^;]+)", css)
            marker = marked.get("href") or marked.get("{http://www.w3.org/1999/xlink}href")
            styles.append((dash[1] if dash else "solid", shapes[marker.removeprefix("#")]))
    return styles


def test_alternative_text_tells_the_points():
    figure = lines([1, 2, 4], {"up": [1, 2, 4], "down": [0.5, 0, -0.25]}, **LABELS)
    assert figure.alt.startswith("Line plot of bytes against tokens. ")
    assert told_points(figure.alt) == {
        "up": [(1, 1), (2, 2), (4, 4)],
        "down": [(1, 0.5), (2, 0), (4, -0.25)],
    }


def test_alternative_text_tells_some_of_very_many_points():
    x = list(range(100))
    points = told_points(lines(x, {"square": [n * n for n in x]}, **LABELS).alt)["square"]
    assert 8 <= len(points) <= 10
    assert all(abs(y - x * x) <= 0.005 * y for x, y in points)


def test_wrong_points_would_be_told_apart():
    assert told_points("Line plot. up: 1 at 2, 3 at 4.") != {"up": [(1, 2), (3, 4)]}


def test_lines_differ_without_color():
    styles = styles_of_lines(lines([1, 2, 4], four(3), **LABELS).svg)
    # Each line stands in the plot, and once more in the legend.
    assert len(styles) == 8
    dashes, markers = {dash for dash, _ in styles}, {marker for _, marker in styles}
    assert len(dashes) == 4
    assert len(markers) >= 2
    assert len(set(styles)) == 4


def test_a_drawing_whose_lines_differ_in_color_alone_is_found(monkeypatch):
    monkeypatch.setattr("lessons.plots.series.LINE_STYLES", ("-",) * 4)
    monkeypatch.setattr("lessons.plots.series.MARKERS", ("o",) * 4)
    assert len(set(styles_of_lines(lines([1, 2, 4], four(3), **LABELS).svg))) == 1


def test_bars_differ_without_color():
    svg = bars(["a", "b"], four(2), **LABELS).svg
    fills = re.findall(r"fill: (url\(#[^)]+\)|var\(--figure-\w+, #\w+\))", svg)
    hatches = {fill for fill in fills if fill.startswith("url")}
    assert len(hatches) == 3  # the fourth series has none
    assert len({fill for fill in fills if fill.startswith("var")}) >= 1


def test_alternative_text_tells_all_bars():
    figure = bars(["a", "b"], {"one": [1, 0.123456], "two": [3, -4]}, **LABELS)
    assert figure.alt == "Bar plot of bytes by tokens. one: a 1, b 0.123; two: a 3, b -4."


@pytest.mark.parametrize("draw", [lines, bars])
def test_axes_and_series_are_named(draw):
    first = [1, 2] if draw is lines else ["a", "b"]
    texts = [
        element.text
        for element in ET.fromstring(draw(first, four(2), **LABELS).svg).iter(f"{SVG}text")
    ]
    assert {"tokens", "bytes", *four(2)} <= set(texts)
    alone = draw(first, {"only": [1, 2]}, **LABELS).svg
    assert ">only</text>" not in alone, "one series needs no legend"


def test_logarithmic_axes_name_the_positions():
    svg = lines([1, 8, 1024], {"a": [1, 10, 1000]}, log_x=True, log_y=True, **LABELS).svg
    texts = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]
    assert {"1", "8", "1024"} <= set(texts)


def test_zero_is_marked_where_lines_cross_it():
    crossing, above = (lines([1, 2], {"a": y}, **LABELS).svg for y in ([-1, 1], [1, 2]))
    assert crossing.count("currentColor") > above.count("currentColor")


@pytest.mark.parametrize(
    ("draw", "series", "message"),
    [
        (lines, {}, "0 series: pass one to four"),
        (bars, {}, "0 series: pass one to four"),
        (lines, {str(i): [1, 2] for i in range(5)}, "5 series: pass one to four"),
        (bars, {str(i): [1, 2] for i in range(5)}, "5 series: pass one to four"),
        (lines, {"short": [1]}, "series 'short' has 1 values for 2 positions"),
        (bars, {"right": [1, 2], "long": [1, 2, 3]}, "series 'long' has 3 values for 2"),
    ],
)
def test_bad_input(draw, series, message):
    with pytest.raises(ValueError, match=message):
        draw([1, 2] if draw is lines else ["a", "b"], series, **LABELS)


@pytest.mark.parametrize("draw", [lines, bars])
def test_an_empty_figure_is_refused_with_a_sentence(draw):
    with pytest.raises(ValueError, match="pass"):
        draw([], {"none": []}, **LABELS)


def test_as_many_styles_as_colors():
    from lessons.plots.style import LINE_STYLES, MARKERS

    assert len(SERIES) == len(set(LINE_STYLES)) == len(set(MARKERS)) == 4


@pytest.mark.parametrize(
    ("names", "upright"),
    [
        (["a", "b"], False),
        (["English", "Greek"], False),
        (["English", "a long language"], True),
        (["English", "Spanish", "Finnish", "Russian", "Chinese", "Swedish", "Turkish"] * 2, True),
    ],
)
def test_names_that_would_overlap_stand_upright(names, upright):
    svg = bars(names, {"a": [1] * len(names), "b": [2] * len(names)}, **LABELS).svg
    label = re.search(rf"<text[^>]*>{names[-1]}</text>", svg)[0]
    assert ("rotate(-90" in label) == upright
