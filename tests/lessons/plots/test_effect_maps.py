"""Maps of effects show each share once, in its color, and in words."""

import re
import xml.etree.ElementTree as ET

import pytest
import torch

from lessons.plots import site_maps
from lessons.plots.maps import COLORS

SVG = "{http://www.w3.org/2000/svg}"
SITES, TOKENS = ["embedding", "attention 0", "mlp 0"], ["the", "<end>"]
TABLES = {
    "restored": torch.tensor([[0.0, 1.0], [-0.25, 0.75], [0.004, 0.5]]),
    "broken": torch.tensor([[0.125, 0.0], [0.0, -0.001], [1.25, 0.0]]),
}


def cells(svg):
    found = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        if place := re.fullmatch(r"f\w+-cell-(\d)-(\d)-(\d)", group.get("id", "")):
            found[tuple(map(int, place.groups()))] = group
    return found


def check_cells(figure, tables):
    found = cells(figure.svg)
    assert len(found) == 12
    for (number, i, j), cell in found.items():
        name, table = list(tables.items())[number]
        share = float(table[i, j])
        title = f"{SITES[i]}, {TOKENS[j]}: {share:.2f} {name}"
        assert cell.find(f"{SVG}title").text == title
        shown = min(1.0, max(0.0, round(share, 2)))
        color = "#" + "".join(f"{round(255 * c):02x}" for c in COLORS(shown)[:3])
        assert f"fill: {color}" in cell.find(f"{SVG}path").get("style")


def test_each_cell_has_its_share():
    figure = site_maps(TABLES, SITES, TOKENS)
    check_cells(figure, TABLES)
    with pytest.raises(AssertionError):
        check_cells(figure, dict(zip(TABLES, reversed(TABLES.values()), strict=True)))
    texts = [one.text for one in ET.fromstring(figure.svg).iter(f"{SVG}text")]
    numbers = [one for one in texts if re.search(r"\d$", one) and not one.startswith(("a", "m"))]
    assert sorted(numbers) == sorted(["1.00", "-.25", ".75", ".50", ".12", "1.25"])


def test_alternative_text_names_the_largest():
    assert site_maps(TABLES, SITES, TOKENS).alt == (
        "Map of restored by place and token. Largest: embedding at <end> 1.00, attention 0 at "
        "<end> 0.75, mlp 0 at <end> 0.50. Map of broken by place and token. Largest: embedding at "
        "the 0.12, attention 0 at the 0.00, mlp 0 at the 1.25."
    )


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match="0 tables"):
        site_maps({}, SITES, TOKENS)
    with pytest.raises(ValueError, match=r"'restored' is 3 × 2: pass one row for each of 2 places"):
        site_maps(TABLES, SITES[:2], TOKENS)
