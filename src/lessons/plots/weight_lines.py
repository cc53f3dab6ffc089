"""Attention as lines, from tokens that look to those that are looked at, for many heads at once.

bertviz :cite:p:`vig2019` made these pictures known: its head view shows the heads of one layer, its
model view all heads of all layers. Here they are drawn as the book's other figures are: they stand
still in print, and answer on the website.
"""

from collections.abc import Sequence
from itertools import pairwise

import matplotlib
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from torch import Tensor

from lessons.plots.checked_weights import (
    check_amount,
    check_head,
    check_reader,
    check_tokens,
    sharpest_and_evenest,
)
from lessons.plots.style import (
    GRID,
    LINE_STYLES,
    SERIES,
    STYLE,
    ThemedFigure,
    finish,
    new_figure,
    with_titles,
)

# The lines of a band of weights are alike; lighter ones are left out.
BANDS = (0.05, 0.15, 0.35, 0.65, float("inf"))
OPACITY = (0.15, 0.4, 0.75, 1.0)
LABEL_WIDTH = 0.075  # inches a character of a token's label takes at 9 points


def layer_lines(
    weights: Float[Tensor, "layers heads queries keys"],
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    layer: int,
    model: str,
    reads: tuple[str, str] | None = None,
) -> ThemedFigure:
    """Draw all heads of one layer: queries on the left, keys on the right, a line for each weight.

    Heads differ in color and in dashes; the heavier a weight, the darker its line. On the website
    (`layer-lines.js`) the reader chooses the layer, the heads, and one token whose lines are seen
    alone; with `reads`, another sentence, too, which the model reads in the browser.

    Args:
        weights: The weights of every head.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        layer: The layer that is shown first.
        model: The model's name, for the title.
        reads: The book's model ("encoder", "decoder" or "translator") that made the weights (the
            translator's are of its cross-attention), or "minilm", which the reader loads by a
            button; and the sentence that it read. None: there is this sentence alone.

    Raises:
        ValueError: There is no such layer or model, the tokens are not as many as the weights, or
            there are too many weights for a page.

    >>> import torch
    >>> layer_lines(torch.eye(2).expand(1, 1, 2, 2), ["a", "b"], layer=0, model="M").alt
    'Attention as lines, M, layer 0. Strongest line of each head: 0 from a to a 1.00.'
    """
    keys = list(queries) if keys is None else list(keys)
    check_head(weights, layer)
    data = _checked(weights, queries, keys, reads, layer=layer, model=model)
    rows = max(len(queries), len(keys))
    with matplotlib.rc_context({**STYLE, "path.simplify": False}):
        words = LABEL_WIDTH * (max(map(len, queries)) + max(map(len, keys)))
        figure = new_figure(min(6.0, max(4.6, 2.6 + words)), min(6.0, 0.8 + 0.23 * rows))
        axes = figure.subplots()
        for head, map_ in enumerate(weights[layer].detach()):
            look = {
                "edgecolor": list(SERIES.values())[head % len(SERIES)],
                "linestyle": LINE_STYLES[head % len(LINE_STYLES)],
            }
            axes.plot([], [], color=look["edgecolor"], ls=look["linestyle"], label=f"head {head}")
            _draw(axes, map_, (0.0, 0.0, 1.0, 1.0), linewidth=1.2, **look)
        _name_ends(axes, queries, keys)
        axes.set_title(f"{model}, layer {layer}")
        figure.legend(loc="outside lower center", ncols=4)
    peaks = [
        f"{head} from {queries[peak // len(keys)]} to {keys[peak % len(keys)]} {map_.max():.2f}"
        for head, map_ in enumerate(weights[layer])
        for peak in [int(map_.argmax())]
    ]
    told = f"Strongest line of each head: {', '.join(peaks)}."
    still = finish(figure, f"Attention as lines, {model}, layer {layer}. {told}")
    return ThemedFigure(still.svg, still.alt, live=("layer-lines", data))


def model_lines(
    weights: Float[Tensor, "layers heads queries keys"],
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    layer: int,
    head: int,
    model: str,
    reads: tuple[str, str] | None = None,
) -> ThemedFigure:
    """Draw all heads of all layers at once, each small: a row for each layer, a column a head.

    On the website (`model-lines.js`) one head is open beside them, with its tokens; the reader
    chooses which, and with `reads` writes another sentence, which the model reads in the browser.

    Args:
        weights: The weights of every head.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        layer: The layer of the head that is opened first.
        head: The head that is opened first.
        model: The model's name, for the title.
        reads: The book's model ("encoder", "decoder" or "translator") that made the weights (the
            translator's are of its cross-attention), or "minilm", which the reader loads by a
            button; and the sentence that it read. None: there is this sentence alone.

    Raises:
        ValueError: There is no such head or model, the tokens are not as many as the weights, or
            there are too many weights for a page.

    >>> import torch
    >>> model_lines(torch.eye(2).expand(1, 3, 2, 2), ["a", "b"], layer=0, head=2,
    ...             model="M").alt.split(".")[0]
    'Lines of every head, M: 1 layers by 3 heads'
    """
    keys = list(queries) if keys is None else list(keys)
    check_head(weights, layer, head)
    data = _checked(weights, queries, keys, reads, layer=layer, head=head, model=model)
    layers, heads = weights.shape[:2]
    with matplotlib.rc_context({**STYLE, "path.simplify": False}):
        figure = new_figure(4.6, min(6.0, 0.9 + 4.1 * layers / heads * 1.4))
        axes = figure.subplots()
        for one in range(layers):
            for other in range(heads):
                map_ = weights[one, other].detach()
                look = {"edgecolor": SERIES["blue"], "linewidth": 0.7}
                _draw(axes, map_, (other + 0.14, one + 0.08, 0.72, 0.84), **look)
                frame = Rectangle((other + 0.06, one + 0.04), 0.88, 0.92, fill=False)
                frame.set(edgecolor=GRID, linewidth=0.6, gid=f"panel-{one}-{other}", zorder=3)
                axes.add_patch(frame)  # above the lines, so that a pointer meets it first
        axes.set(xlim=(0, heads), ylim=(layers, 0), xlabel="head", ylabel="layer", title=model)
        axes.set_xticks([other + 0.5 for other in range(heads)], map(str, range(heads)))
        axes.set_yticks([one + 0.5 for one in range(layers)], map(str, range(layers)))
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    told = f"{layers} layers by {heads} heads. {sharpest_and_evenest(weights)}"
    still = with_titles(
        finish(figure, f"Lines of every head, {model}: {told}"),
        {
            f"panel-{one}-{other}": f"layer {one}, head {other}"
            for one in range(layers)
            for other in range(heads)
        },
    )
    return ThemedFigure(still.svg, still.alt, live=("model-lines", data))


def _checked(
    weights: Tensor,
    queries: Sequence[str],
    keys: Sequence[str],
    reads: tuple[str, str] | None,
    **first: int | str,
) -> dict:
    """Return what the page gets: the weights in hundredths, the tokens, and what is seen first."""
    check_tokens(weights[0, 0], queries, keys)
    check_amount(weights)
    hundredths = (100 * weights.detach()).round().int().tolist()
    data: dict = {"weights": hundredths, "queries": list(queries), "keys": list(keys), **first}
    if reads is not None:
        if reads[0] != "minilm":
            check_reader(reads[0])
        data["reads"] = dict(zip(("kind", "text"), reads, strict=True))
    return data


def _draw(axes: Axes, weights: Tensor, box: tuple[float, float, float, float], **look) -> None:
    """Draw a head's lines into a box (left, top, width, height), the first tokens on top.

    The lines of a band are one path, so that a page stays light.
    """
    left, top, width, height = box
    rows = max(weights.shape)
    for (low, high), opacity in zip(pairwise(BANDS), OPACITY, strict=True):
        points: list[tuple[float, float]] = []
        for query, key in ((weights >= low) & (weights < high)).nonzero().tolist():
            y, z = (top + height * (place + 0.5) / rows for place in (query, key))
            points += [(left, y), (left + width, z)]
        if points:
            lines = Path(points, [Path.MOVETO, Path.LINETO] * (len(points) // 2))
            axes.add_patch(PathPatch(lines, fill=False, alpha=opacity, **look))


def _name_ends(axes: Axes, queries: Sequence[str], keys: Sequence[str]) -> None:
    """Write the tokens beside the ends of the lines."""
    rows = max(len(queries), len(keys))
    axes.set(xlim=(0, 1), ylim=(1, 0), xticks=[], ylabel="query")
    axes.set_yticks([(i + 0.5) / rows for i in range(len(queries))], queries)
    other = axes.twinx()
    other.set(ylim=(1, 0), ylabel="key")
    other.set_yticks([(j + 0.5) / rows for j in range(len(keys))], keys)
    for side in (axes, other):
        side.tick_params(length=0)
        side.spines[:].set_visible(False)
