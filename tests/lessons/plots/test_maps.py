"""Attention maps tell in words and numbers what their colors show."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from io import BytesIO
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from PIL import Image

from lessons.plots import attention_grid, attention_map
from lessons.plots.maps import COLORS, GRID_COLORS

SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
few = settings(deadline=None, max_examples=10, derandomize=True, database=None)


def random_weights(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).softmax(dim=-1)


def cells(svg: str) -> dict[tuple[int, int], ET.Element]:
    found = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        if place := re.fullmatch(r"f\w+-cell-(\d+)-(\d+)", group.get("id", "")):
            found[int(place[1]), int(place[2])] = group
    return found


def check_alt_names_strongest_keys(alt: str, weights: torch.Tensor, queries, keys) -> None:
    told = re.findall(r"(\w+) to (\w+) (\d\.\d\d)", alt)
    assert len(told) == len(queries)
    for (query, key, weight), name, row in zip(told, queries, weights, strict=True):
        assert query == name
        assert row[keys.index(key)] == row.max()
        assert abs(float(weight) - float(row.max())) < 0.00501


@few
@given(queries=st.integers(1, 5), keys=st.integers(1, 5), seed=st.integers(0, 99))
def test_alternative_text_names_the_strongest_keys(queries, keys, seed):
    weights = random_weights(queries, keys, seed=seed)
    rows, columns = [f"q{i}" for i in range(queries)], [f"k{j}" for j in range(keys)]
    alt = attention_map(weights, rows, columns).alt
    check_alt_names_strongest_keys(alt, weights, rows, columns)


def test_wrong_alternative_text_is_caught():
    weights, names = torch.tensor([[0.2, 0.8], [0.6, 0.4]]), ["a", "b"]
    check_alt_names_strongest_keys("a to b 0.80, b to a 0.60.", weights, names, names)
    for wrong in ("a to a 0.80, b to a 0.60.", "a to b 0.20, b to a 0.60.", "a to b 0.80."):
        with pytest.raises(AssertionError):
            check_alt_names_strongest_keys(wrong, weights, names, names)


def test_alternative_text_by_hand():
    weights = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    assert attention_map(weights, ["the", "cat"], ["le", "chat"], title="layer 0, head 1").alt == (
        "Attention map, layer 0, head 1. Strongest key of each query: the to chat 0.75, "
        "cat to le 0.50."
    )


@pytest.mark.parametrize("size", [3, 9])
def test_each_cell_has_its_tokens_and_weight_as_title(size):
    weights = random_weights(size, size + 1)
    queries, keys = [f"q{i}" for i in range(size)], [f"<k{j}&>" for j in range(size + 1)]
    found = cells(attention_map(weights, queries, keys).svg)
    assert set(found) == {(i, j) for i in range(size) for j in range(size + 1)}
    for (i, j), cell in found.items():
        title = f"{queries[i]} → {keys[j]}: {weights[i, j]:.2f}"
        assert cell.find(f"{SVG}title").text == title
        assert cell[0].tag == f"{SVG}title", "browsers show a title that comes first"


def test_each_cell_has_the_color_of_its_weight():
    weights = random_weights(4, 4)
    for (i, j), cell in cells(attention_map(weights, list("abcd")).svg).items():
        wanted = "#" + "".join(f"{round(255 * c):02x}" for c in COLORS(float(weights[i, j]))[:3])
        assert f"fill: {wanted}" in cell.find(f"{SVG}path").get("style")


def luminance(color: tuple[float, ...]) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_by_hand():
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((1, 1, 1), (1, 1, 1)) == 1
    assert contrast((0x77 / 255,) * 3, (1, 1, 1)) == pytest.approx(4.48, abs=0.005)


def test_numbers_are_legible_on_their_cells():
    steps = torch.linspace(0, 1, 201)
    svg = attention_map(steps[None], ["q"], ["k"] * len(steps), numbers=True).svg
    drawn = {"white": (1.0, 1.0, 1.0), "black": (0.0, 0.0, 0.0)}
    numbers = number_colors(svg)
    assert len(numbers) == len(steps)
    worst = min(
        (contrast(drawn[color], COLORS(float(weight))), float(weight), color)
        for weight, color in zip(steps, numbers, strict=True)
    )
    assert worst[0] >= 4.5, worst


def number_colors(svg: str) -> list[str]:
    """Return the color of the number of each cell, in the order in which they are drawn."""
    colors = []
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        fill = re.search(r"fill: *([^;]+)", element.get("style", ""))
        color = {"#ffffff": "white", "white": "white"}.get(fill[1] if fill else "black", "black")
        if re.fullmatch(r"\.\d\d|1", element.text or ""):
            colors.append(color if not (fill and fill[1] == "currentColor") else "")
    return colors


@pytest.mark.parametrize(
    ("weight", "shown"), [(0.0, ".00"), (0.054, ".05"), (0.5, ".50"), (0.994, ".99"), (1.0, "1")]
)
def test_numbers_are_the_weights(weight, shown):
    svg = attention_map(torch.tensor([[weight]]), ["q"], ["k"]).svg
    assert shown in [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_numbers_give_way_to_a_scale_where_there_is_no_room():
    small, large = (attention_map(random_weights(n, n), ["t"] * n) for n in (8, 9))
    assert number_colors(small.svg) and ">weight</text>" not in small.svg
    assert not number_colors(large.svg) and ">weight</text>" in large.svg


def test_axes_are_named_with_their_tokens():
    svg = attention_map(random_weights(2, 3), ["q0", "q1"], ["k0", "k1", "k2"]).svg
    texts = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]
    assert {"query", "key", "q0", "q1", "k0", "k1", "k2"} <= set(texts)


def test_a_map_of_sixteen_tokens_is_light():
    words = [f"word{i}" for i in range(16)]
    svg = attention_map(random_weights(16, 16), words, title="layer 0, head 0").svg
    assert len(svg.encode()) < 80_000


def test_weights_with_a_gradient_are_drawn():
    weights = random_weights(2, 2).requires_grad_()
    assert attention_map(weights, ["a", "b"]).alt.startswith("Attention map")
    assert weights.requires_grad, "the caller's weights stay as they are"


@pytest.mark.parametrize(
    ("queries", "keys"), [(["a"], None), (["a", "b"], ["k"]), (["a", "b", "c"], ["k", "l", "m"])]
)
def test_tokens_must_be_as_many_as_the_weights(queries, keys):
    with pytest.raises(ValueError, match="pass one token for each row and each column"):
        attention_map(random_weights(2, 3), queries, keys)


@pytest.mark.parametrize(("queries", "keys"), [([], None), ([], ["k"]), (["q"], [])])
def test_a_map_of_nothing_is_refused(queries, keys):
    empty = torch.zeros(len(queries), len(queries if keys is None else keys))
    with pytest.raises(ValueError, match="pass at least one query and one key"):
        attention_map(empty, queries, keys)


def test_grid_names_the_sharpest_and_the_most_even_head():
    # By hand: three heads of one layer with mean largest weights of 0.5, 1 and 0.75.
    even, sharp = torch.full((2, 2), 0.5), torch.eye(2)
    heads = torch.stack([even, sharp, torch.cat([even[:1], sharp[:1]])])
    grid = attention_grid(torch.stack([heads, heads.roll(1, 0) * 0.9]))
    assert grid.alt == (
        "Grid of 2 layers by 3 heads: Sharpest is layer 0, head 1 (mean of each query's largest "
        "weight 1.00); most even is layer 1, head 1 (0.45)."
    )


def test_grid_draws_a_map_for_each_head_at_its_place():
    weights = random_weights(2, 3, 4, 5)
    root = ET.fromstring(attention_grid(weights, title="MiniLM").svg)
    (picture,) = (one for one in root.iter(f"{SVG}image") if "pixelated" in one.get("style", ""))
    data = b64decode(picture.attrib[HREF].split(",")[1])
    drawn = np.asarray(Image.open(BytesIO(data)).convert("RGBA"))
    assert drawn.shape == (2 * 4 + 1, 3 * 5 + 2, 4)
    for layer, head in product(range(2), range(3)):
        map_ = drawn[5 * layer : 5 * layer + 4, 6 * head : 6 * head + 5]
        assert (map_ == GRID_COLORS(weights[layer, head].numpy(), bytes=True)).all()
    gaps = drawn[..., 3] == 0
    assert gaps.sum() == 9 * 17 - 6 * 20 and gaps[4].all() and gaps[:, [5, 11]].all()
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"0", "1", "2", "MiniLM", "weight"} <= set(texts)


def test_cells_that_are_known_to_be_right_are_framed_and_told():
    weights = torch.tensor([[0.9, 0.1], [0.8, 0.2]])
    marked = [(0, 0), (1, 1)]
    figure = attention_map(weights, ["a", "b"], ["c", "d"], marked=marked)
    assert figure.alt.endswith("Brightest at the true word: 1 of 2. Elsewhere: b (true: d).")
    plain = attention_map(weights, ["a", "b"], ["c", "d"])
    assert "true word" not in plain.alt
    assert figure.svg.count("stroke: #ffffff") == plain.svg.count("stroke: #ffffff") + 2
    both = attention_map(weights, ["a", "b"], ["c", "d"], marked=[(1, 0), (1, 1)])
    assert both.alt.endswith("1 of 1.")  # either is right
    with pytest.raises(ValueError, match=r"no cell \(0, 2\) in 2 × 2: count both from 0"):
        attention_map(weights, ["a", "b"], ["c", "d"], marked=[(0, 2)])
