"""Token boxes tell their tokens in words, and no reader depends on color."""

import itertools
import json
import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest

from lessons.plots import token_boxes
from lessons.plots.spans import WIDTH, _rows, _width

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]


def outlines(svg: str) -> list[str]:
    """Return the colors of the boxes' outlines, in order."""
    styles = [path.get("style") or "" for path in ET.fromstring(svg).iter(f"{SVG}path")]
    return [found[1] for style in styles if (found := re.search(r"stroke: (var\([^;]+\))", style))]


def test_tokens_and_ids_are_drawn_and_told():
    figure = token_boxes(["The", "·$5", "<C3>", "\\n"], [305, 9, 7, 198])
    assert figure.alt == "4 tokens: The 305, ·$5 9, <C3> 7, \\n 198."
    assert texts(figure.svg) == ["The", "305", "·$5", "9", "<C3>", "7", "\\n", "198"]
    assert figure.live is None


def test_each_box_has_an_outline_and_neighbors_differ():
    colors = outlines(token_boxes(list("abcde"), range(5)).svg)
    assert len(colors) == 5
    assert all(one != other for one, other in itertools.pairwise(colors))


def test_rows_end_where_the_page_ends():
    widths = [_width("token", 123)] * 40
    places = _rows(widths)
    assert all(left + width <= WIDTH for _, left, width in places)
    assert len({row for row, _, _ in places}) > 1
    for (row, left, width), (next_row, next_left, _) in itertools.pairwise(places):
        assert (
            next_left >= left + width if next_row == row else (next_row, next_left) == (row + 1, 0)
        )


def test_wide_characters_get_wide_boxes():
    assert _width("日本語", 1) > 1.5 * _width("abc", 1)
    assert _width("a", 12345) > _width("a", 1)


def test_a_live_figure_carries_its_merges():
    figure = token_boxes(["a"], [64], merges=[(64, 83), [66, 256]], text='say "a"')
    found = re.search(r'data-live="byte-pair" data-figure="([^"]+)"', figure._repr_html_())
    assert json.loads(unescape(found[1])) == {"text": 'say "a"', "merges": [[64, 83], [66, 256]]}
    assert figure.svg in figure._repr_html_()


@pytest.mark.parametrize(("tokens", "ids"), [([], []), (["a"], []), (["a"], [1, 2])])
def test_tokens_and_ids_must_be_as_many(tokens, ids):
    with pytest.raises(ValueError, match="an id for each"):
        token_boxes(tokens, ids)
