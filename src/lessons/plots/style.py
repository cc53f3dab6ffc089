"""The one style of all figures, and the SVG that follows the page's theme.

A figure is drawn by matplotlib and handed to the page as inline SVG. Text and axes take the
page's own text color, and the series take CSS variables, so a figure is legible on a light
and on a dark page. In a notebook, where the variables are unknown, the fallbacks hold.
"""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

# Series colors: Okabe and Ito's palette, distinguishable by color-blind readers. Each series
# also has a line style and marker of its own, so that no reader depends on color at all.
SERIES = {
    "blue": "#0072b2",
    "orange": "#b35900",
    "green": "#00755a",
    "purple": "#a64d79",
}
LINE_STYLES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D")
INK = "#1a1a1b"  # becomes the page's text color
GRID = "#8a8a8b"

STYLE: dict[RcKeyType, Any] = {
    "axes.edgecolor": INK,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "axes.titlecolor": INK,
    "font.family": "sans-serif",
    "font.size": 9,
    "grid.color": GRID,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "patch.edgecolor": INK,
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


class ThemedFigure:
    """A finished figure: inline SVG that follows the page's theme, with an alternative text.

    Args:
        svg: The drawing, from the `<svg` tag to its end; several in :func:`beside`.
        alt: What is seen, in words, for those who cannot see it.
        live: The script that makes the figure answer to touch on the website, and its data;
            without the script the drawing stays.
    """

    def __init__(self, svg: str, alt: str, *, live: tuple[str, dict] | None = None):
        self.svg = svg
        self.alt = alt
        self.live = live

    def _repr_html_(self) -> str:
        if self.live is None:
            return f'<div class="lesson-figure">{self.svg}</div>'
        script, data = self.live
        figure = escape(json.dumps(data), quote=True)
        return (
            f'<div class="lesson-figure" data-live="{script}" data-figure="{figure}">'
            f"{self.svg}</div>"
        )

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure in the book's style, its size in inches.

    Raises:
        ValueError: The figure is larger than a page shows (6 × 6 in).
    """
    if not (0 < width <= 6 and 0 < height <= 6):
        raise ValueError(f"a figure of {width} × {height} in does not fit: pass at most 6 × 6")
    # A bare Figure needs no pyplot, hence no global state and no display.
    return Figure(figsize=(width, height), layout="constrained")


def finish(figure: Figure, alt: str) -> ThemedFigure:
    """Turn a matplotlib figure into inline SVG that carries `alt` and follows the theme.

    Raises:
        ValueError: The alternative text is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty: say in words what the figure shows")
    buffer = io.StringIO()
    salt = hashlib.sha256(alt.encode()).hexdigest()[:8]
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": salt, "svg.id": None}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = _unique_ids(svg, salt)
    svg = _themed(svg)
    head = f'<svg role="img" aria-label="{escape(alt, quote=True)}" style="--width: {_width(svg)}"'
    return ThemedFigure(svg.replace("<svg", head, 1), alt)


def _found(pattern: str, svg: str) -> str:
    """Return what a pattern's group matches in a drawing that must have it."""
    match = re.search(pattern, svg)
    assert match, f"the drawing has no {pattern}"
    return match[1]


def _width(svg: str) -> str:
    return _found(r' width="([^"]+)"', svg)


def with_titles(figure: ThemedFigure, titles: dict[str, str]) -> ThemedFigure:
    """Return the figure with a title, which a pointer shows, for each part named by its gid."""
    salt = _found(r'id="(f\w+-)', figure.svg)
    svg = figure.svg
    for part, title in titles.items():
        tag = f'<g id="{salt}{part}">'
        svg = svg.replace(tag, f"{tag}<title>{escape(title)}</title>", 1)
    return ThemedFigure(svg, figure.alt)


def beside(figures: Mapping[str, ThemedFigure]) -> ThemedFigure:
    """Set figures side by side, each under its name; where there is no room, below each other.

    Raises:
        ValueError: There is only one figure.

    >>> plain = ThemedFigure('<svg width="9pt"></svg>', "Nothing.")
    >>> beside({"one": plain, "other": plain}).alt
    'Nothing. Nothing.'
    """
    if len(figures) < 2:
        raise ValueError("there is nothing to set beside it: pass two figures or more")
    parts = [
        f'<div class="lesson-part" style="--width: {_width(figure.svg)}">'
        f"<div>{escape(name)}</div>{figure.svg}</div>"
        for name, figure in figures.items()
    ]
    return ThemedFigure("".join(parts), " ".join(figure.alt for figure in figures.values()))


def _unique_ids(svg: str, salt: str) -> str:
    """Prefix each id, for several drawings share one page."""
    svg = re.sub(r'\bid="', f'id="f{salt}-', svg)
    svg = svg.replace('xlink:href="#', f'href="#f{salt}-')
    return svg.replace("url(#", f"url(#f{salt}-")


def _themed(svg: str) -> str:
    """Replace the style's colors by the page's own, with themselves as the fallback."""
    svg = svg.replace(INK, "currentColor")
    for name, color in SERIES.items():
        svg = svg.replace(color, f"var(--figure-{name}, {color})")
    # The page's own font reads better than the one that matplotlib measured with.
    svg = re.sub(r" font-family: [^;]*;", "", svg)
    svg = svg.replace("*{stroke-linejoin", ".lesson-figure *{stroke-linejoin")
    # A hundredth of a point is enough within tags; the texts between them stay as they are.
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), svg)
