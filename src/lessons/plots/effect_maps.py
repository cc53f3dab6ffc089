"""Maps of an effect: how much it is at each place of a model and each token, beside each other."""

from collections.abc import Mapping, Sequence

import matplotlib
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from lessons.plots.maps import COLORS, LABEL_WIDTH, WHITE_BELOW
from lessons.plots.style import STYLE, ThemedFigure, finish, new_figure, with_titles


def site_maps(
    effects: Mapping[str, Float[Tensor, "sites tokens"]],
    sites: Sequence[str],
    tokens: Sequence[str],
) -> ThemedFigure:
    """Draw one or two maps of shares: a row for each place, the first one lowest.

    Colors go from 0 to 1; what lies outside has the nearest color, and its number. The
    alternative text names each row's largest share.

    Args:
        effects: Up to two tables of shares, by what stands above each.
        sites: The rows: places in a model, from its beginning to its end.
        tokens: The columns.

    Raises:
        ValueError: There is no table or more than two, or one has other rows and columns.

    >>> import torch
    >>> site_maps({"restored": torch.eye(2)}, ["embedding", "layer 0"], ["a", "b"]).alt
    'Map of restored by place and token. Largest: embedding at a 1.00, layer 0 at b 1.00.'
    """
    if not 1 <= len(effects) <= 2:
        raise ValueError(f"{len(effects)} tables: pass one or two")
    for name, table in effects.items():
        if table.shape != (len(sites), len(tokens)):
            raise ValueError(
                f"table {name!r} is {' × '.join(map(str, table.shape))}: pass one row for each of "
                f"{len(sites)} places and one column for each of {len(tokens)} tokens"
            )
    labels = 0.2 + LABEL_WIDTH * max(map(len, sites))
    width = min(6.0, labels + len(effects) * 0.42 * len(tokens))
    height = min(6.0, 0.6 + LABEL_WIDTH * max(map(len, tokens)) + 0.3 * len(sites))
    titles = {}
    with matplotlib.rc_context(STYLE):
        figure = new_figure(max(2.2, width), height)
        panels = figure.subplots(1, len(effects), squeeze=False)[0]
        for number, (axes, (name, table)) in enumerate(zip(panels, effects.items(), strict=True)):
            _draw(axes, table.detach(), number)
            axes.set_title(name)
            axes.set_xticks([j + 0.5 for j in range(len(tokens))], tokens, rotation=90)
            axes.set_yticks([i + 0.5 for i in range(len(sites))], [] if number else sites)
            for i, site in enumerate(sites):
                for j, token in enumerate(tokens):
                    told = f"{site}, {token}: {table[i, j]:.2f} {name}"
                    titles[f"cell-{number}-{i}-{j}"] = told
    alt = " ".join(_told(name, table, sites, tokens) for name, table in effects.items())
    return with_titles(finish(figure, alt), titles)


def _draw(axes: Axes, table: Tensor, number: int) -> None:
    rows, columns = table.shape
    for i in range(rows):
        for j in range(columns):
            share = round(float(table[i, j]), 2) + 0.0  # no -0.00
            color, gid = COLORS(min(1.0, max(0.0, share))), f"cell-{number}-{i}-{j}"
            axes.add_patch(Rectangle((j, i), 1, 1, facecolor=color, lw=0, gid=gid))
            if share:
                text = f"{share:.2f}".replace("0.", ".", 1)
                ink = "white" if share < WHITE_BELOW else "black"
                axes.text(j + 0.5, i + 0.5, text, ha="center", va="center", color=ink, fontsize=8)
    axes.set(xlim=(0, columns), ylim=(0, rows))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _told(name: str, table: Tensor, sites: Sequence[str], tokens: Sequence[str]) -> str:
    peaks = [
        f"{site} at {tokens[int(row.argmax())]} {row.max():.2f}"
        for site, row in zip(sites, table, strict=True)
    ]
    return f"Map of {name} by place and token. Largest: {', '.join(peaks)}."
