"""The figure of who sees whom tells all of it in words, and needs no color."""

import re
import xml.etree.ElementTree as ET

import pytest
import torch

from lessons.attention import causal_mask
from lessons.plots import Panel, visibility_figure

SVG = "{http://www.w3.org/2000/svg}"
EVERYONE = torch.ones(2, 2, dtype=torch.bool)


def both():
    visible = torch.zeros(4, 4, dtype=torch.bool)
    visible[:, :2] = True
    visible[2:, 2:] = causal_mask(2, 2)
    return Panel("both", ["a", "b", "c", "d"], visible, ["v", "v", "x", "y"], source=2)


def seen(alt: str) -> dict[str, list[str]]:
    """Return who sees whom, as an alternative text tells it."""
    return {
        who: found.split(", ") for who, found in re.findall(r"(\w+) sees ([\w, ]+), gives", alt)
    }


def test_alternative_text_tells_who_sees_whom():
    panel = Panel("past", ["p", "q"], causal_mask(2, 2), ["q", "r"])
    alt = visibility_figure([panel, both()]).alt
    assert seen(alt) == {
        "p": ["p"],
        "q": ["p", "q"],
        "a": ["a", "b"],
        "b": ["a", "b"],
        "c": ["a", "b", "c"],
        "d": ["a", "b", "c", "d"],
    }
    assert "q sees p, q, gives r" in alt
    other = visibility_figure([panel._replace(visible=EVERYONE)]).alt
    assert seen(other)["p"] == ["p", "q"]


def test_who_sees_nothing_is_told():
    panel = Panel("none", ["a"], torch.zeros(1, 1, dtype=torch.bool), ["?"])
    assert "a sees nothing, gives ?" in visibility_figure([panel]).alt


def fills(svg: str) -> list[str]:
    """Return how each drawn cell is filled: plain, hatched or not at all."""
    kinds = []
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        path = group.find(f"{SVG}path")
        if not re.search(r"-patch_\d+$", group.get("id", "")) or path is None:
            continue
        style = path.get("style") or ""
        fill = "hatched" if "url(" in style else "plain" if "--figure-blue" in style else "none"
        kinds.append(fill)
    return kinds


def test_cells_differ_without_color():
    kinds = fills(visibility_figure([both()]).svg)
    # Each kind of cell once more in the legend; cross-attention is hatched.
    assert kinds.count("plain") == 4 + 3 + 1
    assert kinds.count("hatched") == 4 + 1
    plain = fills(visibility_figure([both()._replace(source=0)]).svg)
    assert "hatched" not in plain


def test_texts_of_the_figure():
    svg = visibility_figure([both()]).svg
    texts = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]
    assert {"both", "→ x", "sees", "sees the other text", "does not see"} <= set(texts)
    everyone = visibility_figure([Panel("all", ["a", "b"], EVERYONE, ["v", "v"])]).svg
    assert "does not see" not in everyone


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([], "0 models: pass one to three"),
        ([both()] * 4, "4 models: pass one to three"),
        ([both()._replace(gives=["v"])], "pass as many of each"),
        ([both()._replace(visible=EVERYONE)], "pass as many of each"),
        ([Panel("empty", [], torch.ones(0, 0, dtype=torch.bool), [])], "pass as many of each"),
        ([both()._replace(source=4)], "pass fewer than the 4 tokens"),
    ],
)
def test_bad_input(panels, message):
    with pytest.raises(ValueError, match=message):
        visibility_figure(panels)
