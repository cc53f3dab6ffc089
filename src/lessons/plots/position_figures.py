"""Positions as figures: a table of position vectors as a map, and a turned query and key."""

import math

import matplotlib
import torch
from jaxtyping import Float
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from torch import Tensor

from lessons.plots.style import INK, SERIES, STYLE, ThemedFigure, finish, new_figure
from lessons.positions import rotate_neighbors

LAST = 40  # the last position that the live figure's sliders reach
SIGNED = matplotlib.colormaps["PuOr"]  # white at 0, which its two colors leave in opposite ways


def position_map(table: Float[Tensor, "positions d_model"]) -> ThemedFigure:
    """Draw a table of position vectors: a row for each position, a column for each number.

    Args:
        table: The vectors; the colors reach from the largest size below 0 to that above.

    Raises:
        ValueError: The table has no number.

    >>> import torch
    >>> position_map(torch.tensor([[0.0, 1.0], [1.0, 1.0], [-1.0, 1.0]])).alt
    'Map of 3 positions by 2 numbers, from -1.00 to 1.00. Changes of sign: column 0 1, column 1 0.'
    """
    if table.numel() == 0:
        raise ValueError("the table is empty: pass at least one position")
    table = table.detach()
    size = table.abs().max().item()
    with matplotlib.rc_context(STYLE):
        figure = new_figure(5.4, 3.2)
        axes = figure.subplots()
        axes.imshow(
            table.numpy(), cmap=SIGNED, vmin=-size, vmax=size, aspect="auto", interpolation="none"
        )
        axes.set(xlabel="number in the vector", ylabel="position")
        axes.spines[:].set_visible(False)
        scale = figure.colorbar(ScalarMappable(Normalize(-size, size), SIGNED), ax=axes, aspect=15)
        scale.outline.set_visible(False)
    told = ", ".join(
        f"column {column} {_sign_changes(table[:, column])}"
        for column in sorted({0, table.shape[1] // 2, table.shape[1] - 1})
    )
    alt = (
        f"Map of {table.shape[0]} positions by {table.shape[1]} numbers, "
        f"from {table.min():.2f} to {table.max():.2f}. Changes of sign: {told}."
    )
    return finish(figure, alt)


def _sign_changes(column: Float[Tensor, " positions"]) -> int:
    signs = column[column != 0].sign()
    return int((signs[1:] != signs[:-1]).sum())


def rotary_figure(
    query: Float[Tensor, "2"],
    key: Float[Tensor, "2"],
    *,
    frequency: float,
    positions: tuple[int, int],
) -> ThemedFigure:
    """Draw a query and a key, each turned by its position, and tell their score.

    On the website the figure is alive: the reader moves the two along the text, one by one or
    together, and the browser computes the score anew (`rotate.js`).

    Args:
        query: The query at position 0; of length 1, or it leaves the circle.
        key: The key at position 0.
        frequency: The angle of one position, in radians.
        positions: Those of the query and of the key, from 0 to 40.

    Raises:
        ValueError: A position is out of the sliders' range.

    >>> import torch
    >>> x = torch.tensor([1.0, 0.0])
    >>> rotary_figure(x, x, frequency=1.0, positions=(2, 1)).alt
    'A turned query and key. With the query at 2, key at 1, offset -1: score 0.54.'
    """
    if not all(0 <= position <= LAST for position in positions):
        raise ValueError(f"positions are {positions}: pass two from 0 to {LAST}")
    angles = frequency * torch.tensor(positions, dtype=torch.float64)[:, None]
    hands = rotate_neighbors(torch.stack([query, key]).double(), angles)
    score = (hands[0] @ hands[1]).item()
    with matplotlib.rc_context(STYLE):
        figure = new_figure(3.4, 2.9)
        axes = figure.subplots()
        circle = [2 * math.pi * step / 90 for step in range(91)]
        axes.plot([math.cos(a) for a in circle], [math.sin(a) for a in circle], color=INK, lw=0.8)
        for (x, y), at, name, color, style in zip(
            hands.tolist(),
            _name_places(hands.tolist()),
            ("query", "key"),
            ("orange", "blue"),
            ("-", "--"),
            strict=True,
        ):
            axes.plot([0, x], [0, y], color=SERIES[color], lw=2.5, ls=style)
            axes.text(*at, name, ha="center", va="center")
        axes.set(xlim=(-1.5, 1.5), ylim=(-1.4, 1.4), aspect="equal")
        axes.set_axis_off()
    i, j = positions
    told = f"query at {i}, key at {j}, offset {j - i}: score {score:.2f}"
    still = finish(figure, f"A turned query and key. With the {told}.")
    data = {
        "query": query.tolist(),
        "key": key.tolist(),
        "frequency": frequency,
        "positions": list(positions),
        "last": LAST,
    }
    return ThemedFigure(still.svg, still.alt, live=("rotate", data))


def _name_places(hands: list[list[float]]) -> list[tuple[float, float]]:
    """Return where the names of query and key stand, one above the other where both would meet."""
    one, two = (
        (x * far / math.hypot(x, y), y * far / math.hypot(x, y))
        for (x, y), far in zip(hands, (1.28, 1.18), strict=True)
    )
    if abs(one[0] - two[0]) > 0.4 or abs(one[1] - two[1]) > 0.16:
        return [one, two]
    x, y = (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
    return [(x, y + 0.08), (x, y - 0.08)]
