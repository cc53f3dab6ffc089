"""Who may see whom in several models, side by side, with what goes in and what comes out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
from jaxtyping import Bool
from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch, Rectangle
from torch import Tensor

from lessons.plots.style import INK, SERIES, STYLE, ThemedFigure, finish, new_figure

CELL = 0.2  # inches
LOOKS: dict[str, dict[str, Any]] = {  # told apart by their hatching as well as by their color
    "sees": {"facecolor": SERIES["blue"], "edgecolor": INK, "lw": 0.6},
    "sees the other text": {"facecolor": "none", "edgecolor": INK, "hatch": "////", "lw": 0.6},
    "does not see": {"facecolor": "none", "edgecolor": INK, "lw": 0.25},
}


class Panel(NamedTuple):
    """One model: what it reads, what each token may see, and what comes out at each.

    `visible` is True where the row's token may see the column's. The first `source` tokens are
    a text of their own, which the others see by cross-attention; 0 where there is one text.
    """

    title: str
    tokens: Sequence[str]
    visible: Bool[Tensor, "tokens tokens"]
    gives: Sequence[str]
    source: int = 0


def visibility_figure(panels: Sequence[Panel]) -> ThemedFigure:
    """Draw a table of who sees whom for each model; at its right stands what comes out.

    Args:
        panels: One to three models.

    Raises:
        ValueError: There are no models or more than three, or a panel's parts don't fit.

    >>> import torch
    >>> from lessons.attention import causal_mask
    >>> panel = Panel("decoder", ["the", "cat"], causal_mask(2, 2), ["cat", "sat"])
    >>> visibility_figure([panel]).alt
    'Who sees whom. decoder: the sees the, gives cat; cat sees the, cat, gives sat.'
    """
    if not 1 <= len(panels) <= 3:
        raise ValueError(f"{len(panels)} models: pass one to three")
    for panel in panels:
        _check(panel)
    widths = [len(panel.tokens) for panel in panels]
    with matplotlib.rc_context(STYLE):
        beside = sum(map(_room_for_words, panels))
        figure = new_figure(min(6.0, 0.5 + CELL * sum(widths) + beside), 2.75)
        layout = figure.get_layout_engine()
        assert isinstance(layout, ConstrainedLayoutEngine)
        layout.set(w_pad=0.1)  # room between the panels' texts
        row = figure.subplots(1, len(panels), squeeze=False, width_ratios=widths)[0]
        for axes, panel in zip(row, panels, strict=True):
            _draw(axes, panel, tallest=max(widths))
        used = {_kind(panel, i, j) for panel in panels for i, j in _places(panel)}
        handles = [Patch(label=name, **LOOKS[name]) for name in LOOKS if name in used]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return finish(figure, f"Who sees whom. {' '.join(map(_told, panels))}")


def _room_for_words(panel: Panel) -> float:
    """Return the inches that the words to the left and to the right of a table need."""
    return min(1.15, 0.35 + 0.07 * (max(map(len, panel.tokens)) + max(map(len, panel.gives))))


def _check(panel: Panel) -> None:
    size = len(panel.tokens)
    if not size or panel.visible.shape != (size, size) or len(panel.gives) != size:
        raise ValueError(
            f"the panel {panel.title!r} has {size} tokens, visible of shape "
            f"{tuple(panel.visible.shape)} and {len(panel.gives)} outputs: pass as many of each"
        )
    if not 0 <= panel.source < size:
        raise ValueError(f"source is {panel.source}: pass fewer than the {size} tokens")


def _places(panel: Panel) -> list[tuple[int, int]]:
    size = range(len(panel.tokens))
    return [(i, j) for i in size for j in size]


def _kind(panel: Panel, i: int, j: int) -> str:
    if not panel.visible[i, j]:
        return "does not see"
    return "sees the other text" if j < panel.source <= i else "sees"


def _draw(axes: Axes, panel: Panel, *, tallest: int) -> None:
    for i, j in _places(panel):
        axes.add_patch(Rectangle((j + 0.06, i + 0.06), 0.88, 0.88, **LOOKS[_kind(panel, i, j)]))
    size = len(panel.tokens)
    places = [i + 0.5 for i in range(size)]
    axes.set_xticks(places, panel.tokens, rotation=90)
    axes.set_yticks(places, panel.tokens)
    for place, text in zip(places, panel.gives, strict=True):
        axes.text(size + 0.2, place, f"→ {text}", va="center")
    if panel.source:
        for line in (axes.axhline, axes.axvline):
            line(panel.source, color=INK, lw=1.2)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(0, size), ylim=(tallest, 0), aspect="equal", title=panel.title)
    axes.xaxis.tick_top()


def _told(panel: Panel) -> str:
    rows = []
    for token, row, gives in zip(panel.tokens, panel.visible.tolist(), panel.gives, strict=True):
        seen = [other for other, is_seen in zip(panel.tokens, row, strict=True) if is_seen]
        rows.append(f"{token} sees {', '.join(seen) or 'nothing'}, gives {gives}")
    return f"{panel.title}: {'; '.join(rows)}."
