"""Small gray pictures side by side, each with its caption."""

import math
from collections.abc import Sequence

import matplotlib
from jaxtyping import Float
from torch import Tensor

from lessons.plots.style import GRID, STYLE, ThemedFigure, finish, new_figure


def picture_grid(
    pictures: Float[Tensor, "batch 1 height width"],
    captions: Sequence[str],
    *,
    columns: int = 4,
    title: str = "",
) -> ThemedFigure:
    """Draw pictures in rows, dark where their numbers are high; captions stand below.

    The alternative text tells the captions, and how much of each picture is dark.

    Args:
        pictures: Numbers between 0 and 1.
        captions: One for each picture.
        columns: How many stand in a row.
        title: What stands above them.

    Raises:
        ValueError: There are no pictures, or not as many captions as pictures.

    >>> import torch
    >>> picture_grid(torch.ones(1, 1, 4, 4), ["ink"]).alt
    'Grid of 1 picture: ink (100 % dark).'
    """
    if len(pictures) == 0 or len(pictures) != len(captions):
        raise ValueError(
            f"{len(pictures)} pictures and {len(captions)} captions: pass one caption a picture"
        )
    rows = math.ceil(len(pictures) / columns)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(min(6.0, 0.9 * columns), min(6.0, 1.2 * rows + (0.3 if title else 0)))
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.flat[len(pictures) :]:
            axes.set_axis_off()
        for axes, picture, caption in zip(grid.flat, pictures, captions, strict=False):
            image = picture[0].detach().numpy()
            axes.imshow(image, cmap="Greys", vmin=0, vmax=1, interpolation="none")
            axes.set(xticks=[], yticks=[], xlabel=caption)
            axes.spines[:].set(visible=True, color=GRID)
        if title:
            figure.suptitle(title, fontsize=9)
    told = [
        f"{' '.join(caption.split())} ({100 * picture.mean():.0f} % dark)"
        for picture, caption in zip(pictures, captions, strict=True)
    ]
    count = f"{len(pictures)} picture{'s' if len(pictures) > 1 else ''}"
    head = f"{title}. " if title else ""
    return finish(figure, f"{head}Grid of {count}: {', '.join(told)}.")
