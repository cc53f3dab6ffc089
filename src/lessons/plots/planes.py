"""Points in a plane: what each run costs against what it brings, beside a curve of the best."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

from lessons.plots.style import (
    GRID,
    INK,
    MARKERS,
    SERIES,
    STYLE,
    ThemedFigure,
    finish,
    new_figure,
)

Point = Sequence[float | int]
FILLED_AND_HOLLOW = 2


def points(
    groups: Mapping[str, Sequence[Point]],
    *,
    x_label: str,
    y_label: str,
    curves: Mapping[str, Sequence[Point]] | None = None,
    others: Mapping[str, Sequence[Point]] | None = None,
    log_x: bool = False,
) -> ThemedFigure:
    """Draw groups of points (x, y), and curves without marks; the alternative text tells all.

    Groups differ in color, shape, and in whether the shape is filled.

    Args:
        groups: Up to eight groups of points, by the name that the legend shows.
        x_label: What x is, with its unit.
        y_label: What y is, with its unit.
        curves: Up to two lines through points, by name: the first solid, the second dotted.
        others: More points of some of the groups, drawn smaller: other runs of the same kind.
        log_x: Whether x is on a logarithmic axis.

    Raises:
        ValueError: There is no group or more than eight, one has no point, or other points are of
            no group.

    >>> points({"ours": [(1, 2)]}, x_label="nats", y_label="reward").alt
    'Plot of reward against nats. ours: 2 at 1.'
    """
    most = len(SERIES) * FILLED_AND_HOLLOW
    if not 1 <= len(groups) <= most:
        raise ValueError(f"{len(groups)} groups: pass one to {most}, or draw a second figure")
    if empty := [name for name, some in groups.items() if not len(some)]:
        raise ValueError(f"the group {empty[0]!r} has no point: pass at least one")
    others = others or {}
    if unknown := [name for name in others if name not in groups]:
        raise ValueError(
            f"there is no group {unknown[0]!r} among {[*groups]}: pass its points, too"
        )
    with matplotlib.rc_context(STYLE):
        figure = new_figure(5.6, 3.3)
        axes = figure.subplots()
        for (name, some), style in zip((curves or {}).items(), ("-", ":"), strict=False):
            axes.plot(*zip(*some, strict=True), color=INK, ls=style, lw=1.0, label=name)
        for place, (name, some) in enumerate(groups.items()):
            color = list(SERIES.values())[place % len(SERIES)]
            face = color if place < len(SERIES) else "none"
            marked: dict[str, Any] = {
                "color": color,
                "marker": MARKERS[place % len(MARKERS)],
                "mfc": face,
            }
            if name in others:
                axes.plot(*zip(*others[name], strict=True), **marked, ms=3, mew=0.7, ls="")
            size = 6 if name in others else 5
            axes.plot(*zip(*some, strict=True), **marked, ms=size, mew=1.2, ls="", label=name)
        if log_x:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:g}")
            axes.minorticks_off()
        axes.set(xlabel=x_label, ylabel=y_label)
        axes.grid(axis="y", color=GRID, alpha=0.35, lw=0.6)
        axes.set_axisbelow(True)
        figure.legend(loc="outside right upper")
    told = [
        f"{name}: {_told(some)}" + (f" (others: {_told(others[name])})" if name in others else "")
        for name, some in {**groups, **(curves or {})}.items()
    ]
    return finish(figure, f"Plot of {y_label} against {x_label}. {'; '.join(told)}.")


def _told(some: Sequence[Point]) -> str:
    """Tell points in words: all of them, or about eight of many."""
    return ", ".join(f"{y:.3g} at {x:.3g}" for x, y in list(some)[:: max(1, len(some) // 8)])
