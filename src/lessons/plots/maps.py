"""Attention maps: one head, the mean of heads, or a grid of layers and heads."""

from collections.abc import Collection, Sequence

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.patches import Rectangle
from torch import Tensor

from lessons.plots.checked_weights import check_cells, check_tokens, sharpest_and_evenest
from lessons.plots.style import STYLE, ThemedFigure, finish, new_figure, with_titles

COLORS = matplotlib.colormaps["cividis"]
GRID_COLORS = COLORS.resampled(255)  # with the gaps between the maps, a PNG's palette holds them
WHITE_BELOW = 0.47  # where white and black numbers are both 4.5:1 against the color
LABEL_WIDTH = 0.075  # inches a character of a token's label takes at 9 points


def attention_map(
    weights: Float[Tensor, "queries keys"],
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    title: str = "",
    numbers: bool | None = None,
    marked: Collection[tuple[int, int]] = (),
    framed: Collection[tuple[int, int]] = (),
) -> ThemedFigure:
    """Draw who attends to whom: a row for each query, a column for each key.

    Each row sums to one, so a row reads as "where this token's attention goes". A pointer
    over a cell shows its two tokens and its weight. The alternative text names each query's
    strongest key.

    Args:
        weights: The weights of one head, or a mean of heads.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        title: What stands above the map, such as the layer, the head and the model.
        numbers: Whether each cell shows its weight; None: where there is room for it.
        marked: The cells (query, key) that are known to be right: they are framed.
        framed: Cells that are framed for another reason.

    Raises:
        ValueError: The tokens are not as many as the weights, or a marked cell is outside.

    >>> import torch
    >>> attention_map(torch.eye(2), ["a", "b"]).alt
    'Attention map. Strongest key of each query: a to a 1.00, b to b 1.00.'
    """
    keys = list(queries) if keys is None else list(keys)
    weights = weights.detach()
    check_tokens(weights, queries, keys)
    check_cells([*marked, *framed], len(queries), len(keys))
    numbers = len(keys) <= 8 if numbers is None else numbers
    cell = 0.42 if numbers else 0.27
    row_labels = 0.45 + LABEL_WIDTH * max(map(len, queries))
    column_labels = 0.45 + LABEL_WIDTH * max(map(len, keys)) + (0.25 if title else 0)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(
            min(6.0, max(2.2, cell * len(keys) + row_labels + (0 if numbers else 0.7))),
            min(6.0, cell * len(queries) + column_labels),
        )
        axes = figure.subplots()
        _draw_cells(axes, weights, numbers)
        _frame(axes, [*marked, *framed])
        _name_tokens(axes, queries, keys)
        if not numbers:
            _add_scale(axes)
        if title:
            axes.set_title(title)
    titles = {
        f"cell-{i}-{j}": f"{query} → {key}: {weights[i, j]:.2f}"
        for i, query in enumerate(queries)
        for j, key in enumerate(keys)
    }
    alt = _map_alt(weights, queries, keys, title)
    if marked:
        alt += f" {truth_told(weights, marked, queries, keys)}"
    return with_titles(finish(figure, alt), titles)


def truth_told(
    weights: Float[Tensor, "queries keys"],
    marked: Collection[tuple[int, int]],
    queries: Sequence[str],
    keys: Sequence[str],
) -> str:
    """Say for how many of the marked queries the brightest cell is a marked one, and for which not.

    >>> import torch
    >>> truth_told(torch.eye(2), [(0, 0), (1, 0)], ["a", "b"], ["c", "d"])
    'Brightest at the true word: 1 of 2. Elsewhere: b (true: c).'
    """
    true: dict[int, list[int]] = {}
    for query, key in marked:
        true.setdefault(query, []).append(key)
    missed = [query for query in sorted(true) if int(weights[query].argmax()) not in true[query]]
    told = [f"{queries[q]} (true: {', '.join(keys[k] for k in true[q])})" for q in missed]
    elsewhere = f" Elsewhere: {', '.join(told)}." if told else ""
    return f"Brightest at the true word: {len(true) - len(missed)} of {len(true)}.{elsewhere}"


def attention_grid(
    weights: Float[Tensor, "layers heads queries keys"],
    *,
    title: str = "",
) -> ThemedFigure:
    """Draw all heads of all layers as small maps: a row for each layer, first layer on top.

    The maps are small on purpose: they show each head's pattern, not its numbers. Open one
    with :func:`attention_map` to read it.

    Args:
        weights: The weights of every head.
        title: What stands above the grid.

    >>> import torch
    >>> attention_grid(torch.full((2, 3, 4, 4), 0.25)).alt.split(":")[0]
    'Grid of 2 layers by 3 heads'
    """
    layers, heads, queries, keys = weights.shape
    weights = weights.detach()
    gap = 1 + max(queries, keys) // 12
    high, wide = queries + gap, keys + gap  # a map with the gap below it and beside it
    apart = np.pad(weights.numpy(), [(0, 0), (0, 0), (0, gap), (0, gap)], constant_values=np.nan)
    together = apart.swapaxes(1, 2).reshape(layers * high, heads * wide)[:-gap, :-gap]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(6.0, min(6.0, 0.4 + 5.4 * layers / heads))
        axes = figure.subplots()
        # One picture for all heads: a page with one for each would be slow to come.
        axes.imshow(together, cmap=GRID_COLORS, vmin=0, vmax=1, interpolation="none")
        axes.set_xticks(np.arange(heads) * wide + (keys - 1) / 2, map(str, range(heads)))
        axes.set_yticks(np.arange(layers) * high + (queries - 1) / 2, map(str, range(layers)))
        axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
        _add_scale(axes)
        axes.set_xlabel("head (numbers above) · in each map: key →")
        axes.set_ylabel("layer · query ↓")
        if title:
            axes.set_title(title)
    told = f"{title}. " if title else ""
    alt = f"Grid of {layers} layers by {heads} heads: {told}{sharpest_and_evenest(weights)}"
    return finish(figure, alt)


def _draw_cells(axes: Axes, weights: Tensor, numbers: bool) -> None:
    """Draw each weight as a rectangle of its own, which a pointer can be over."""
    rows, columns = weights.shape
    for i in range(rows):
        for j in range(columns):
            weight = float(weights[i, j])
            color = COLORS(weight)
            axes.add_patch(Rectangle((j, i), 1, 1, facecolor=color, lw=0, gid=f"cell-{i}-{j}"))
            if numbers:
                axes.text(
                    j + 0.5,
                    i + 0.5,
                    f"{weight:.2f}".removeprefix("0") if weight < 0.995 else "1",
                    ha="center",
                    va="center",
                    color="white" if weight < WHITE_BELOW else "black",
                )
    axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal")


def _frame(axes: Axes, marked: Collection[tuple[int, int]]) -> None:
    """Draw a white frame and a black one, of which one is seen on any color."""
    for color, width in (("white", 2.6), ("black", 1.0)):
        for i, j in marked:
            frame = Rectangle((j + 0.1, i + 0.1), 0.8, 0.8, fill=False, ec=color, lw=width)
            axes.add_patch(frame)


def _add_scale(axes: Axes | np.ndarray) -> None:
    """Say beside the maps which color is which weight."""
    figure = np.asarray(axes).flat[0].figure
    scale = figure.colorbar(ScalarMappable(cmap=COLORS), ax=axes, shrink=0.6, aspect=15)
    scale.set_label("weight")
    scale.outline.set_visible(False)


def _name_tokens(axes: Axes, queries: Sequence[str], keys: Sequence[str]) -> None:
    longest = max(map(len, keys))
    axes.set_xticks([j + 0.5 for j in range(len(keys))], keys, rotation=90 if longest > 3 else 0)
    axes.set_yticks([i + 0.5 for i in range(len(queries))], queries)
    axes.tick_params(length=0)
    axes.set(xlabel="key", ylabel="query")
    axes.spines[:].set_visible(False)


def _map_alt(weights: Tensor, queries: Sequence[str], keys: Sequence[str], title: str) -> str:
    peaks = [
        f"{query} to {keys[int(row.argmax())]} {row.max():.2f}"
        for query, row in zip(queries, weights, strict=True)
    ]
    head = f"Attention map, {title}." if title else "Attention map."
    return f"{head} Strongest key of each query: {', '.join(peaks)}."
