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
MOST_PANELS = 3


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
    _check(groups)
    others = others or {}
    if unknown := [name for name in others if name not in groups]:
        raise ValueError(
            f"there is no group {unknown[0]!r} among {[*groups]}: pass its points, too"
        )
    with matplotlib.rc_context(STYLE):
        figure = new_figure(5.6, 3.3)
        axes = figure.subplots()
        _draw(axes, groups, curves=curves or {}, others=others, log_x=log_x)
        axes.set(xlabel=x_label, ylabel=y_label)
        figure.legend(loc="outside right upper")
    told = _told_groups(groups, curves=curves or {}, others=others)
    return finish(figure, f"Plot of {y_label} against {x_label}. {told}.")


def panels_of_points(
    panels: Mapping[str, Mapping[str, Sequence[Point]]],
    *,
    x_label: str,
    y_label: str,
    curves: Mapping[str, Sequence[Point]],
    log_x: bool = False,
) -> ThemedFigure:
    """Draw groups of points on one plane, cut into panels with the same axes and curves.

    Args:
        panels: By title, the groups of a panel, as in :func:`points`.
        x_label: What x is, with its unit.
        y_label: What y is, with its unit.
        curves: Up to two lines through points, by name, which each panel shows.
        log_x: Whether x is on a logarithmic axis.

    Raises:
        ValueError: There are not two or three panels, or one has no group or more than eight, or a
            group no point.

    >>> panels = {"told the truth": {"A": [(1, 2)]}, "told less": {"B": [(3, 1)]}}
    >>> panels_of_points(panels, x_label="nats", y_label="reward", curves={"best": [(1, 3)]}).alt
    'Plot of reward against nats. best: 3 at 1. told the truth: A: 2 at 1. told less: B: 1 at 3.'
    """
    if not 2 <= len(panels) <= MOST_PANELS:
        raise ValueError(f"{len(panels)} panels: pass two or three, or `points` for one")
    for groups in panels.values():
        _check(groups)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(6.0, 4.0)
        row = figure.subplots(1, len(panels), sharex=True, sharey=True)
        for axes, (title, groups) in zip(row, panels.items(), strict=True):
            _draw(axes, groups, curves=curves, others={}, log_x=log_x)
            axes.set(title=title)
            handles, names = axes.get_legend_handles_labels()
            few = slice(len(curves), None)
            axes.legend(handles[few], names[few], loc="upper center", bbox_to_anchor=(0.5, -0.27))
        row[0].set(ylabel=y_label)
        row[len(panels) // 2].set(xlabel=x_label)
    told = [
        _told_groups(curves, curves={}, others={}),
        *(f"{title}: {_told_groups(some, curves={}, others={})}" for title, some in panels.items()),
    ]
    return finish(figure, f"Plot of {y_label} against {x_label}. {'. '.join(told)}.")


def _check(groups: Mapping[str, Sequence[Point]]) -> None:
    """Say what is odd about groups of points."""
    most = len(SERIES) * FILLED_AND_HOLLOW
    if not 1 <= len(groups) <= most:
        raise ValueError(f"{len(groups)} groups: pass one to {most}, or draw a second figure")
    if empty := [name for name, some in groups.items() if not len(some)]:
        raise ValueError(f"the group {empty[0]!r} has no point: pass at least one")


def _draw(
    axes: Any,
    groups: Mapping[str, Sequence[Point]],
    *,
    curves: Mapping[str, Sequence[Point]],
    others: Mapping[str, Sequence[Point]],
    log_x: bool,
) -> None:
    """Draw curves and groups of points on axes."""
    for (name, some), style in zip(curves.items(), ("-", ":"), strict=False):
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
    axes.grid(axis="y", color=GRID, alpha=0.35, lw=0.6)
    axes.set_axisbelow(True)


def _told_groups(
    groups: Mapping[str, Sequence[Point]],
    *,
    curves: Mapping[str, Sequence[Point]],
    others: Mapping[str, Sequence[Point]],
) -> str:
    """Tell groups and curves in words."""
    told = [
        f"{name}: {_told(some)}" + (f" (others: {_told(others[name])})" if name in others else "")
        for name, some in {**groups, **curves}.items()
    ]
    return "; ".join(told)


def _told(some: Sequence[Point]) -> str:
    """Tell points in words: all of them, or about eight of many."""
    return ", ".join(f"{y:.3g} at {x:.3g}" for x, y in list(some)[:: max(1, len(some) // 8)])
