"""A diagram draws each box once, above what leads to it, and tells in words what it draws."""

import re

import pytest
import torch

from lessons.plots import beside, diagram
from lessons.plots.diagrams import arrows_of, places_of, way_between

FLOW = """
tokens -> query, key, value
query, key -> [compare]: dot product
[compare], value -> mixed
"""


def check_boxes_stand_above_what_leads_to_them(place):
    arrows = arrows_of(FLOW)
    names = list(dict.fromkeys(name for arrow in arrows for name in (arrow.start, arrow.end)))
    places = place(names, arrows)
    assert all(places[arrow.start][1] < places[arrow.end][1] for arrow in arrows)
    assert len(set(places.values())) == len(names)


def in_one_row(names, arrows):
    return {name: (float(column), 0.0) for column, name in enumerate(names)}


def on_top_of_each_other(names, arrows):
    return {name: (0.0, row) for name, (_, row) in places_of(names, arrows).items()}


def test_boxes_stand_above_what_leads_to_them():
    check_boxes_stand_above_what_leads_to_them(places_of)


@pytest.mark.parametrize("mutant", [in_one_row, on_top_of_each_other])
def test_other_orders_are_caught(mutant):
    with pytest.raises(AssertionError):
        check_boxes_stand_above_what_leads_to_them(mutant)


def test_each_name_and_each_shape_is_written_once():
    drawn = diagram(FLOW, title="A layer", shapes={"query": torch.ones(3, 4), "mixed": (5, 6)})
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg)
    names = ["tokens", "query", "key", "value", "compare", "mixed"]
    assert sorted(texts) == sorted([*names, "3 × 4", "5 × 6", "dot product", "dot product"])


def test_the_alternative_text_says_what_is_drawn():
    drawn = diagram(
        "x -> [double]: again\n[double] -> y", title="A step", shapes={"y": torch.ones(2, 3)}
    )
    assert drawn.alt == "A step. X goes to double, again. Double goes to y (2 × 3)."


def test_a_line_may_lead_on():
    chained = arrows_of("a, b -> [c] -> d, e: f")
    apart = arrows_of("a, b -> [c]\n[c] -> d, e: f")
    assert chained == apart


def test_what_stands_behind_a_number_sign_is_told_and_not_drawn():
    drawn = diagram("[norm]#1 -> x -> [norm]#2", title="Two norms")
    assert re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg).count("norm") == 2
    assert drawn.alt == "Two norms. Norm 1 goes to x. X goes to norm 2."


@pytest.mark.parametrize(
    ("end", "boxes", "corners"),
    [
        ((0, 1), [], 2),
        ((0, 2), [], 2),
        ((0, 2), [(0, 1)], 4),  # around the box between
        ((0, 2), [(1, 1), (0, 3)], 2),  # none is between
        ((1, 1), [], 2),
        ((1, 2), [], 3),  # up, then across
        ((1, 0), [], 2),
    ],
)
def test_an_arrow_passes_no_box_of_its_column(end, boxes, corners):
    places = [(float(x), float(y)) for x, y in ((0, 0), end, *boxes)]
    assert len(way_between(places[0], places[1], places)) == corners


def test_figures_stand_side_by_side_under_their_names():
    one, other = (diagram(f"a -> {end}", title=end) for end in "bc")
    both = beside({"One & all": one, "Other": other})
    assert both.alt == f"{one.alt} {other.alt}"
    assert both.svg.count('role="img"') == 2 and "One &amp; all" in both.svg
    assert re.findall(r'lesson-part" style="--width: (\S+)"', both.svg) == re.findall(
        r'<svg[^>]* width="([^"]+)"', both.svg
    )
    with pytest.raises(ValueError, match="pass two figures or more"):
        beside({"One": one})


def test_boxes_stand_where_they_are_told_to():
    """A circle has no lowest box, so all places must be said."""
    places = {"a": (0, 0), "b": (1, 0), "c": (1, 1)}
    circle = "a -> b\nb -> c\nc -> a"
    assert "C goes to a." in diagram(circle, title="A circle", at=places).alt
    with pytest.raises(ValueError, match="say `at` for each box"):
        diagram(circle, title="A circle", at={"a": (0, 0)})


@pytest.mark.parametrize(
    ("flow", "words", "sentence"),
    [
        ("", {}, "there is nothing to draw"),
        ("query, key", {}, "write a line as"),
        ("-> scores", {}, "write a line as"),
        ("query ->", {}, "write a line as"),
        ("query -> scores ->: mixed", {}, "write a line as"),
        ("query -> scores", {"shapes": {"keys": (1,)}}, "'keys' is not in the flow"),
        ("query -> scores", {"at": {"keys": (0, 0)}}, "its names are query, scores"),
        ("query -> [look at the source]", {}, r"'\[look at the source\]' does not fit its box"),
    ],
)
def test_what_cannot_be_drawn_is_said(flow, words, sentence):
    with pytest.raises(ValueError, match=sentence):
        diagram(flow, title="Nothing", **words)
