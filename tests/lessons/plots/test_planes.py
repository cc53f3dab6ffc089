"""Groups of points are told in words, and differ without color."""

import re

import pytest

from lessons.plots import panels_of_points, points
from lessons.plots.style import SERIES

LABELS = {"x_label": "nats", "y_label": "reward"}


def test_alternative_text_tells_points_and_curves():
    curve = [(n / 20, n * n) for n in range(20)]
    alt = points({"a": [(0.5, 1), (2, 0.25)], "b": [(3, 4)]}, curves={"best": curve}, **LABELS).alt
    assert alt.startswith("Plot of reward against nats. a: 1 at 0.5, 0.25 at 2; b: 4 at 3; best: 0")
    assert 8 <= alt.count(" at ") - 3 <= 10


def test_other_points_of_a_group_are_told_and_drawn_smaller():
    groups, others = {"a": [(1, 2)], "b": [(3, 1)]}, {"a": [(2, 2), (1, 3)]}
    figure, alone = (points(groups, others=one, **LABELS) for one in (others, None))
    assert "a: 2 at 1 (others: 2 at 2, 3 at 1); b: 1 at 3" in figure.alt
    assert "others" not in alone.alt
    drawn = [len(re.findall(r"<use href[^>]*--figure", one.svg)) for one in (figure, alone)]
    assert drawn[0] == drawn[1] + 2


def marks(svg: str) -> set[tuple[str, bool]]:
    """Return the shapes that stand in a drawing in a series' color, and whether they are filled."""
    shapes = dict(re.findall(r'<path id="([^"]*)" d="([^"]*)"', svg))
    uses = re.findall(r'<use href="#([^"]*)"[^>]*style="([^"]*--figure[^"]*)"', svg)
    return {
        (re.sub(r"[-\d. \n]+", " ", shapes[one]), "fill-opacity: 0" not in css) for one, css in uses
    }


def test_eight_groups_differ_without_color():
    eight = {f"g{n}": [(n + 1, n), (n + 2, n)] for n in range(8)}
    svg = points(eight, log_x=True, **LABELS).svg
    for name, color in SERIES.items():
        assert f"var(--figure-{name}, {color})" in svg
    assert {filled for _, filled in marks(svg)} == {True, False}
    assert len({shape for shape, _ in marks(svg)}) >= 3


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "0 groups: pass one to 8"),
        ({str(n): [(1, 1)] for n in range(9)}, "9 groups: pass one to 8"),
        ({"a": []}, "the group 'a' has no point"),
    ],
)
def test_odd_groups_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        points(groups, **LABELS)


def test_other_points_of_no_group_are_refused():
    with pytest.raises(ValueError, match=r"there is no group 'b' among \['a'\]"):
        points({"a": [(1, 1)]}, others={"b": [(1, 1)]}, **LABELS)


BEST = {"best": [(1, 1), (20, 3)]}


def test_panels_share_axes_and_curves_and_tell_all():
    figure = panels_of_points(
        {"true": {"a": [(1, 2)]}, "told": {"b": [(9, 1)]}}, curves=BEST, **LABELS
    )
    assert figure.alt == (
        "Plot of reward against nats. best: 1 at 1, 3 at 20. true: a: 2 at 1. told: b: 1 at 9."
    )
    drawn = re.findall(r'<path d="([^"]*)"[^>]*none; stroke: currentColor; stroke-l', figure.svg)
    lines = [re.findall(r"[ML] [\d.]+ ([\d.]+)", one) for one in drawn]
    assert lines[0] == lines[1] and len(lines) == 2  # equally high in both


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ({"a": {"b": [(1, 1)]}}, "1 panels: pass two or three"),
        ({name: {"b": [(1, 1)]} for name in "abcd"}, "4 panels: pass two or three"),
        ({"a": {"b": [(1, 1)]}, "c": {"d": []}}, "the group 'd' has no point"),
    ],
)
def test_odd_panels_are_refused(panels, message):
    with pytest.raises(ValueError, match=message):
        panels_of_points(panels, curves=BEST, **LABELS)
