"""Diagrams: what flows where, drawn from a few lines of text, with the shapes of a real run.

A line says from what to what: `query, key -> scores -> weights: softmax`. What nothing leads to
stands lowest, and each box above all that lead to it, as the field draws its models. The shapes
come from tensors that a run recorded, so a drawing cannot disagree with the code.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from torch import Tensor

from lessons.plots.style import INK, SERIES, STYLE, ThemedFigure, finish, new_figure

WIDTH, HEIGHT = 1.2, 0.62  # inches between the centers of two boxes
WIDE, BOX = 0.8, 0.38  # a box's width, in columns, and its height, in inches
LETTERS = 14  # what fits into a box
LOOKS: dict[str, dict[str, Any]] = {
    "data": {"boxstyle": "square,pad=0", "facecolor": "none", "linewidth": 0.8},
    "step": {"boxstyle": "round,pad=0,rounding_size=0.12", "facecolor": "none", "linewidth": 1.4},
}


class Arrow(NamedTuple):
    """One way that something goes, with a word on it or none."""

    start: str
    end: str
    label: str


def arrows_of(flow: str) -> list[Arrow]:
    """Read the lines of a diagram.

    A line is `a, b -> c, d -> e: label`: an arrow from each on the left to each on the right, and
    from there on. The label is optional and stands on the last arrows. A name in brackets, such as
    `[softmax]`, is a step, which changes what passes. Of boxes that say the same, each has a
    number of its own that is not drawn: `[norm]#1`, `[norm]#2`.

    Raises:
        ValueError: A line is not of this form.

    >>> arrows_of("query, key -> [compare]")
    [Arrow(start='query', end='[compare]', label=''), Arrow(start='key', end='[compare]', label='')]
    """
    found = []
    for line in filter(None, map(str.strip, flow.splitlines())):
        way, _, label = (part.strip() for part in line.partition(":"))
        stops = [re.split(r"\s*,\s*", part.strip()) for part in way.split("->")]
        if len(stops) < 2 or not all(map(all, stops)):
            raise ValueError(f"{line!r}: write a line as `from, from -> to, to: label`")
        for starts, ends in pairwise(stops):
            told = label if ends is stops[-1] else ""
            found += [Arrow(start, end, told) for start in starts for end in ends]
    if not found:
        raise ValueError("there is nothing to draw: pass lines such as `query, key -> scores`")
    return found


def diagram(
    flow: str,
    *,
    title: str,
    shapes: Mapping[str, Tensor | Sequence[int]] | None = None,
    at: Mapping[str, tuple[float | int, float | int]] | None = None,
) -> ThemedFigure:
    """Draw what flows where, from below to above.

    Args:
        flow: Lines as :func:`arrows_of` reads them. Boxes of one height stand in the order in
            which the lines name them.
        title: What is drawn, the beginning of the alternative text.
        shapes: By name, tensors or sizes that are told within the boxes.
        at: By name, the column and the row of boxes that stand elsewhere; in a diagram
            whose arrows go round in a circle, of all of them.

    Raises:
        ValueError: A line has another form, a name is too long for its box, one in `shapes` or
            `at` is not in the flow, or the arrows go round in a circle.

    >>> diagram("query, key -> scores", title="A comparison").alt
    'A comparison. Query goes to scores. Key goes to scores.'
    """
    arrows = arrows_of(flow)
    names = list(dict.fromkeys(name for arrow in arrows for name in (arrow.start, arrow.end)))
    for name in [*(shapes or {}), *(at or {})]:
        if name not in names:
            raise ValueError(f"{name!r} is not in the flow: its names are {', '.join(names)}")
    if long := [name for name in names if len(_plain(name)) > LETTERS]:
        raise ValueError(f"{long[0]!r} does not fit its box: at most {LETTERS} letters")
    places = {name: (float(x), float(y)) for name, (x, y) in (at or {}).items()}
    if len(places) < len(names):
        places = places_of(names, arrows) | places
    columns, rows = (sorted({place[axis] for place in places.values()}) for axis in (0, 1))
    width = min(6.0, WIDTH * (columns[-1] - columns[0] + 1.1))
    height = min(6.0, HEIGHT * (rows[-1] - rows[0] + 1.1))
    with matplotlib.rc_context(STYLE):
        figure = new_figure(width, height)
        axes = figure.add_subplot()
        axes.set(xlim=(columns[0] - 0.55, columns[-1] + 0.55))
        axes.set(ylim=(rows[0] - 0.55, rows[-1] + 0.55))
        axes.axis("off")
        for name, place in places.items():
            _draw_box(axes, name, place, _told_shape((shapes or {}).get(name)))
        for arrow in arrows:
            _draw_arrow(axes, arrow, places)
    return finish(figure, f"{title}. {' '.join(_told(arrow, shapes or {}) for arrow in arrows)}")


def places_of(names: list[str], arrows: list[Arrow]) -> dict[str, tuple[float, float]]:
    """Return each box's column and row: above all that lead to it, and each row centered."""
    rows = dict.fromkeys(names, 0)
    for _ in names:
        for start, end, _label in arrows:
            rows[end] = max(rows[end], rows[start] + 1)
    if max(rows.values()) >= len(names):
        raise ValueError("the arrows go round in a circle: say `at` for each box")
    places = {}
    for row in sorted(set(rows.values())):
        inside = [name for name in names if rows[name] == row]
        for place, name in enumerate(inside):
            places[name] = (place - (len(inside) - 1) / 2, float(row))
    return places


def _draw_box(axes: Axes, name: str, place: tuple[float, float], shape: str) -> None:
    x, y = place
    look = LOOKS["step" if name.startswith("[") else "data"]
    width, height = WIDE, BOX / HEIGHT
    corner = (x - width / 2, y - height / 2)
    axes.add_patch(FancyBboxPatch(corner, width, height, edgecolor=INK, **look))
    text = _plain(name)
    axes.text(x, y + (0.1 if shape else 0), text, ha="center", va="center", fontsize=9)
    if shape:
        axes.text(x, y - 0.15, shape, ha="center", va="center", fontsize=7, color=SERIES["blue"])


def _draw_arrow(axes: Axes, arrow: Arrow, places: Mapping[str, tuple[float, float]]) -> None:
    points = way_between(places[arrow.start], places[arrow.end], list(places.values()))
    axes.plot(*zip(*points[:-1], strict=True), color=INK, linewidth=0.9)
    head = {"arrowstyle": "-|>", "color": INK, "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", points[-1], points[-2], arrowprops=head)
    if arrow.label:
        (x, y), (to_x, to_y) = points[-2:] if len(points) == 2 else points[-3:-1]
        upright = x == to_x
        axes.text(
            (x + to_x) / 2 + (0.04 if upright else 0),
            (y + to_y) / 2 + (0 if upright else 0.06),
            arrow.label,
            fontsize=7.5,
            style="italic",
            ha="left" if upright else "center",
            va="center" if upright else "bottom",
        )


def way_between(
    start: tuple[float, float], end: tuple[float, float], boxes: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return the corners of an arrow's way between two boxes, which passes no box of its column."""
    (x, y), (to_x, to_y) = start, end
    side, top = WIDE / 2, BOX / HEIGHT / 2
    if x == to_x and any(at == x and min(y, to_y) < row < max(y, to_y) for at, row in boxes):
        return [(x + side, y), (x + side + 0.12, y), (x + side + 0.12, to_y), (x + side, to_y)]
    if y == to_y:
        ahead = side if to_x > x else -side
        return [(x + ahead, y), (to_x - ahead, y)]
    up = top if to_y > y else -top
    if abs(to_y - y) > 1 and x != to_x:  # up beside them, then across
        return [(x, y + up), (x, to_y), (to_x + (side if x > to_x else -side), to_y)]
    return [(x, y + up), (to_x, to_y - up)]


def _told_shape(shape: Tensor | Sequence[int] | None) -> str:
    if shape is None:
        return ""
    return " × ".join(map(str, shape.shape if isinstance(shape, Tensor) else shape))


def _plain(name: str) -> str:
    return name.partition("#")[0].strip("[]")


def _told(arrow: Arrow, shapes: Mapping[str, Tensor | Sequence[int]]) -> str:
    """Return an arrow in words."""
    start, end = (
        re.sub(r"[][]", "", name).replace("#", " ")
        + (f" ({_told_shape(shapes[name])})" if name in shapes else "")
        for name in (arrow.start, arrow.end)
    )
    label = f", {arrow.label}" if arrow.label else ""
    return f"{start[0].upper()}{start[1:]} goes to {end}{label}."
