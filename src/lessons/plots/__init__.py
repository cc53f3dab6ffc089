"""Every figure style of the book, in one place: maps, lines and bars that follow the theme."""

from lessons.plots.bertviz import FramedView, head_view, model_view
from lessons.plots.heads import head_chooser
from lessons.plots.lookup import soft_lookup_figure
from lessons.plots.maps import attention_grid, attention_map
from lessons.plots.next_token import next_token_figure
from lessons.plots.pictures import picture_grid
from lessons.plots.positions import position_map, rotary_figure
from lessons.plots.series import bars, lines
from lessons.plots.spans import token_boxes
from lessons.plots.style import ThemedFigure
from lessons.plots.visibility import Panel, visibility_figure

__all__ = [
    "FramedView",
    "Panel",
    "ThemedFigure",
    "attention_grid",
    "attention_map",
    "bars",
    "head_chooser",
    "head_view",
    "lines",
    "model_view",
    "next_token_figure",
    "picture_grid",
    "position_map",
    "rotary_figure",
    "soft_lookup_figure",
    "token_boxes",
    "visibility_figure",
]
