"""A text cut into tokens: a box for each token, with its id below."""

from collections.abc import Sequence
from unicodedata import east_asian_width

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lessons.plots.style import INK, SERIES, STYLE, ThemedFigure, finish, new_figure

WIDTH = 5.8  # inches, of all boxes in a row
CHARACTER = 0.085  # inches a character takes at 9 points, with some room
LINE = 0.19  # inches


def token_boxes(
    tokens: Sequence[str],
    ids: Sequence[int],
    *,
    merges: Sequence[Sequence[int]] | None = None,
    text: str = "",
) -> ThemedFigure:
    """Draw a text's tokens side by side, each in a box of its own, with its id below.

    Neighbors differ in color and each has an outline. With `merges` the figure is alive on the
    website: the reader types a text, and the browser cuts it (`byte-pair.js`).

    Args:
        tokens: The tokens, as they are to be shown.
        ids: The id of each.
        merges: What byte-pair encoding has learned, as pairs of ids; None: a still figure.
        text: The text that the tokens were cut from, with which a live figure begins.

    Raises:
        ValueError: There is no token, or there are not as many ids.

    >>> token_boxes(["the", "·cat"], [5, 7]).alt
    '2 tokens: the 5, ·cat 7.'
    """
    if not tokens or len(tokens) != len(ids):
        raise ValueError(
            f"{len(tokens)} tokens, {len(ids)} ids: pass at least one token, and an id for each"
        )
    rows = _rows([_width(token, one) for token, one in zip(tokens, ids, strict=True)])
    with matplotlib.rc_context(STYLE):
        figure = new_figure(6.0, min(6.0, 0.2 + 2.6 * LINE * (1 + max(row for row, _, _ in rows))))
        axes = figure.subplots()
        for place, (row, left, width) in enumerate(rows):
            color = list(SERIES.values())[place % 2]
            _draw_box(axes, (row, left, width), tokens[place], ids[place], color)
        axes.set(xlim=(0, WIDTH), ylim=(2.6 * LINE * (1 + rows[-1][0]), 0), aspect="equal")
        axes.set_axis_off()
    told = ", ".join(f"{token} {one}" for token, one in zip(tokens, ids, strict=True))
    still = finish(figure, f"{len(tokens)} tokens: {told}.")
    if merges is None:
        return still
    data = {"text": text, "merges": [list(pair) for pair in merges]}
    return ThemedFigure(still.svg, still.alt, live=("byte-pair", data))


def _width(token: str, one: int) -> float:
    """Return the inches that a token's box takes; Chinese characters are twice as wide."""
    characters = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in token)
    return CHARACTER * max(characters, len(str(one)), 1) + 0.08


def _rows(widths: Sequence[float]) -> list[tuple[int, float, float]]:
    """Return each box's row, its left edge and its width; a row ends where the next is too wide."""
    places, row, left = [], 0, 0.0
    for width in widths:
        if left and left + width > WIDTH:
            row, left = row + 1, 0.0
        places.append((row, left, width))
        left += width + 0.03
    return places


def _draw_box(
    axes: Axes, place: tuple[int, float, float], token: str, one: int, color: str
) -> None:
    row, left, width = place
    top = 2.6 * LINE * row
    height = 1.1 * LINE
    axes.add_patch(Rectangle((left, top), width, height, facecolor=color, alpha=0.18, lw=0))
    axes.add_patch(Rectangle((left, top), width, height, facecolor="none", edgecolor=color, lw=1))
    middle = left + width / 2
    # A dollar sign would begin a formula.
    shown = token.replace("$", r"\$")
    axes.text(middle, top + 0.55 * LINE, shown, ha="center", va="center", color=INK)
    axes.text(middle, top + 1.65 * LINE, str(one), ha="center", va="center", color=INK, fontsize=7)
