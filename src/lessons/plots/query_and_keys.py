"""The soft lookup as a figure: a query among three keys in the plane."""

import matplotlib
from jaxtyping import Float
from torch import Tensor

from lessons.attention import soft_lookup
from lessons.plots.style import INK, SERIES, STYLE, ThemedFigure, finish, new_figure

DRAWN = 0.25  # the query is drawn at a quarter of its length, to fit beside long and short ones


def soft_lookup_figure(query: Float[Tensor, "2"], keys: Float[Tensor, "keys 2"]) -> ThemedFigure:
    """Draw a query among its keys, and the mixture of the keys that it reads as values.

    On the website the figure is alive: the reader turns and stretches the query, and the
    browser computes the weights anew (`soft-lookup.js`).

    Args:
        query: The arrow, drawn at a quarter of its length.
        keys: The corners; each is its own value, so that the answer lies between them.

    >>> import torch
    >>> soft_lookup_figure(torch.tensor([9.0, 0.0]), torch.eye(2)).alt
    'A query among 2 keys. Weights: key 1 1.00, key 2 0.00.'
    """
    mixed, weights = soft_lookup(query, keys, keys)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(4.2, 2.8)
        axes = figure.subplots()
        x, y = keys.T.tolist()
        axes.fill(x, y, fc=SERIES["blue"], ec=INK, lw=0.8, alpha=0.25)
        axes.scatter(x, y, s=(30 + 400 * weights).tolist(), color=SERIES["blue"])
        for i, (key, weight) in enumerate(zip(keys.tolist(), weights.tolist(), strict=True)):
            axes.text(key[0] * 1.25, key[1] * 1.25, f"key {i + 1}: {weight:.2f}", ha="center")
        end_x, end_y = (DRAWN * query).tolist()
        axes.plot([0, end_x], [0, end_y], color=SERIES["orange"], lw=2.5)
        mixed_x, mixed_y = mixed.tolist()
        axes.scatter([mixed_x], [mixed_y], s=90, facecolors="none", edgecolors=INK, lw=2)
        axes.set(xlim=(-1.7, 1.7), ylim=(-0.8, 1.4), aspect="equal")
        axes.set_axis_off()
    told = ", ".join(f"key {i + 1} {weight:.2f}" for i, weight in enumerate(weights))
    still = finish(figure, f"A query among {len(keys)} keys. Weights: {told}.")
    data = {"query": query.tolist(), "keys": keys.tolist()}
    return ThemedFigure(still.svg, still.alt, live=("soft-lookup", data))
