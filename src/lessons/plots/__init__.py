"""Every figure style of the book, in one place: maps, lines and bars that follow the theme."""

from lessons.plots.lookup import soft_lookup_figure
from lessons.plots.maps import attention_grid, attention_map
from lessons.plots.pictures import picture_grid
from lessons.plots.series import bars, lines
from lessons.plots.style import ThemedFigure

__all__ = [
    "ThemedFigure",
    "attention_grid",
    "attention_map",
    "bars",
    "lines",
    "picture_grid",
    "soft_lookup_figure",
]
