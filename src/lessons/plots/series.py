"""Lines and bars, each series told apart by line style and marker as well as by color."""

from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes

from lessons.plots.style import (
    GRID,
    INK,
    LINE_STYLES,
    MARKERS,
    SERIES,
    STYLE,
    ThemedFigure,
    finish,
    new_figure,
)

Numbers = Sequence[float | int]
CHARACTER = 0.07  # inches a character of a label takes at 9 points


def lines(
    x: Numbers,
    series: Mapping[str, Numbers],
    *,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
) -> ThemedFigure:
    """Draw each series as a line over `x`; the alternative text tells its points.

    Args:
        x: The positions, common to all series.
        series: Up to four series, each as long as `x`, by the name that the legend shows.
        x_label: What x is, with its unit.
        y_label: What y is, with its unit.
        log_x: Whether x is on a logarithmic axis (base 2).
        log_y: Whether y is on a logarithmic axis (base 10).

    Raises:
        ValueError: There is no series or more than four, or one is not as long as `x`.

    >>> lines([1, 2], {"cost": [3, 4]}, x_label="n", y_label="bytes").alt
    'Line plot of bytes against n. cost: 3 at 1, 4 at 2.'
    """
    _check(x, series)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(4.6, 2.9)
        axes = figure.subplots()
        for (name, y), color, style, marker in zip(
            series.items(), SERIES.values(), LINE_STYLES, MARKERS, strict=False
        ):
            axes.plot(x, y, color=color, ls=style, marker=marker, ms=4, lw=1.6, label=name)
        if min(map(min, series.values())) < 0 < max(map(max, series.values())):
            axes.axhline(0, color=INK, lw=0.8)
        if log_x:
            axes.set_xscale("log", base=2)
            axes.set_xticks(x, [f"{value:g}" for value in x])
            axes.minorticks_off()
        if log_y:
            axes.set_yscale("log")
            axes.yaxis.minorticks_off()
        _label(axes, x_label, y_label, legend=len(series) > 1)
    told = [f"{name}: {_points(x, y)}" for name, y in series.items()]
    return finish(figure, f"Line plot of {y_label} against {x_label}. {'; '.join(told)}.")


def bars(
    names: Sequence[str],
    series: Mapping[str, Numbers],
    *,
    x_label: str,
    y_label: str,
) -> ThemedFigure:
    """Draw one group of bars for each name, a bar for each series; the alt text has all values.

    Args:
        names: What each group of bars stands for.
        series: Up to four series, each as long as `names`, by the name the legend shows.
        x_label: What the names are.
        y_label: What the height is, with its unit.

    Raises:
        ValueError: There is no series or more than four, or one is not as long as `names`.

    >>> bars(["a", "b"], {"weight": [0.25, 0.75]}, x_label="key", y_label="weight").alt
    'Bar plot of weight by key. weight: a 0.25, b 0.75.'
    """
    _check(names, series)
    width, longest = 0.8 / len(series), max(map(len, names))
    inches = min(5.5, max(2.6, 0.9 + 0.5 * len(names) * len(series) ** 0.5))
    upright = longest > 8 or longest * len(names) * CHARACTER > inches - 0.6
    height = 2.5 + (0.3 if len(series) > 1 else 0) + (0.04 * longest if upright else 0)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(inches, height)
        axes = figure.subplots()
        for index, ((name, heights), color) in enumerate(
            zip(series.items(), SERIES.values(), strict=False)
        ):
            left = [i + (index - (len(series) - 1) / 2) * width for i in range(len(names))]
            hatch = ("", "///", "---", "xxx")[index]  # dots would weigh ten times as much
            axes.bar(left, heights, width * 0.92, color=color, hatch=hatch, label=name, lw=0.6)
        axes.set_xticks(range(len(names)), names, rotation=90 if upright else 0)
        _label(axes, x_label, y_label, legend=False)
        if len(series) > 1:  # above the axes, for bars may fill all of them
            ncols = len(series) if figure.get_figwidth() > 5 else 2
            figure.legend(loc="outside upper center", ncols=ncols)
    told = [
        f"{name}: "
        + ", ".join(f"{label} {height:.3g}" for label, height in zip(names, heights, strict=True))
        for name, heights in series.items()
    ]
    return finish(figure, f"Bar plot of {y_label} by {x_label}. {'; '.join(told)}.")


def _check(x: Sequence, series: Mapping[str, Numbers]) -> None:
    if not 1 <= len(series) <= len(SERIES):
        raise ValueError(f"{len(series)} series: pass one to four, or draw a second figure")
    if len(x) == 0:
        raise ValueError("there are no positions: pass at least one")
    for name, values in series.items():
        if len(values) != len(x):
            raise ValueError(f"series {name!r} has {len(values)} values for {len(x)} positions")


def _points(x: Numbers, y: Numbers) -> str:
    """Tell a line in words: all of its points, or about eight of very many."""
    step = max(1, len(x) // 8)
    return ", ".join(f"{b:.3g} at {a:g}" for a, b in list(zip(x, y, strict=True))[::step])


def _label(axes: Axes, x_label: str, y_label: str, *, legend: bool) -> None:
    axes.set(xlabel=x_label, ylabel=y_label)
    axes.grid(axis="y", color=GRID, alpha=0.35, lw=0.6)
    axes.set_axisbelow(True)
    if legend:
        axes.legend()
