"""Lines that a reader can set: what the sliders choose was computed when the page was built."""

import math
from collections.abc import Mapping, Sequence
from itertools import product

from lessons.plots.series import Numbers, lines
from lessons.plots.style import SERIES, ThemedFigure

Setting = tuple[str, ...]


def lines_by_setting(
    x: Numbers,
    settings: Mapping[Setting, Mapping[str, Numbers]],
    *,
    sliders: Sequence[str],
    first: Setting,
    x_label: str,
    y_label: str,
    notes: Mapping[Setting, str] | None = None,
    at: int = 0,
    log_x: bool = False,
    log_y: bool = False,
) -> ThemedFigure:
    """Draw lines for one setting; on the website sliders choose any other.

    The page gets the numbers of every setting, with four digits, and a script
    (`line-settings.js`) draws the chosen ones on one scale.

    Args:
        x: The positions, common to all.
        settings: For each combination of what the sliders can be set to, in words, up to four
            series by name; as many names as sliders, and every combination of them.
        sliders: What each slider sets.
        first: The setting that is shown first, and where there is no script.
        x_label: What x is, with its unit.
        y_label: What y is, with its unit.
        notes: A sentence that the page tells of a setting.
        at: Which position is read first, counted from 0.
        log_x: Whether x is on a logarithmic axis (base 2).
        log_y: Whether y is on a logarithmic axis (base 10); numbers that are not above 0 are
            left out.

    Raises:
        ValueError: A combination is missing, the series differ, nothing can be drawn, or `first`
            or `at` is unknown.

    >>> squares = {(name,): {"y": [b, 2 * b]} for name, b in (("one", 1), ("two", 2))}
    >>> lines_by_setting([1, 2], squares, sliders=["b"], first=("two",), x_label="x",
    ...                  y_label="y").alt
    'Line plot of y against x. y: 2 at 1, 4 at 2. Here b is two.'
    """
    values = [list(dict.fromkeys(of)) for of in zip(*settings, strict=True)]
    combinations = list(product(*values))
    if len(values) != len(sliders) or set(combinations) != set(settings):
        raise ValueError(
            f"{len(settings)} settings do not fill {len(sliders)} sliders: pass every combination "
            "of what they can be set to"
        )
    if first not in settings or not 0 <= at < len(x):
        raise ValueError(f"{first} at {at} is unknown: begin with a setting and a position in x")
    series = list(settings[first])
    if any(list(of) != series for of in settings.values()) or len(series) > len(SERIES):
        raise ValueError("the series differ: pass the same names, four at most, for each setting")
    if any(len(y) != len(x) for of in settings.values() for y in of.values()):
        raise ValueError("a series is longer or shorter than x: pass a number for each position")
    whole = [y for of in settings.values() for line in of.values() for y in line]
    drawn = [y for y in whole if math.isfinite(y) and (y > 0 or not log_y)]
    if not drawn:
        raise ValueError("there is nothing to draw: pass some finite numbers, above 0 with log_y")
    still = lines(x, settings[first], x_label=x_label, y_label=y_label, log_x=log_x, log_y=log_y)
    data = {
        "x": list(x),
        "sliders": [
            {"label": label, "values": of} for label, of in zip(sliders, values, strict=True)
        ],
        "settings": [
            {name: [_short(y, log_y) for y in settings[one][name]] for name in series}
            for one in combinations
        ],
        "notes": [(notes or {}).get(one) for one in combinations],
        "first": [of.index(one) for of, one in zip(values, first, strict=True)],
        "at": at,
        "labels": {"x": x_label, "y": y_label},
        "log": {"x": log_x, "y": log_y},
        "range": [min(drawn), max(drawn)],
    }
    set_to = ", ".join(f"{label} is {one}" for label, one in zip(sliders, first, strict=True))
    note = f" {notes[first]}" if notes and first in notes else ""
    return ThemedFigure(
        still.svg, f"{still.alt} Here {set_to}.{note}", live=("line-settings", data)
    )


def _short(y: float | int, log_y: bool) -> float | None:
    """Return a number with four digits, or None where it cannot be drawn."""
    if not math.isfinite(y) or (log_y and y <= 0):
        return None
    return float(f"{y:.4g}")
