"""Positions as figures: a table of position vectors as a map."""

import matplotlib
from jaxtyping import Float
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from torch import Tensor

from lessons.plots.style import STYLE, ThemedFigure, finish, new_figure

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
