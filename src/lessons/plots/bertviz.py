"""bertviz's interactive views for a notebook, without a network and in a frame of their own.

bertviz :cite:p:`vig2019` draws each weight as a line between two tokens. Its pages fetch
require.js, d3 and jQuery from another host, and give the same ids to the parts of every view. Here
a view gets the libraries with it and stands in an inline frame, so that it works offline and beside
other views. The website shows the book's own drawings instead (:mod:`lessons.plots.weight_lines`).
"""

import re
import warnings
from collections.abc import Sequence
from html import escape
from pathlib import Path

import bertviz
from jaxtyping import Float
from torch import Tensor

from lessons.plots.checked_weights import (
    check_amount,
    check_head,
    check_tokens,
    sharpest_and_evenest,
)

VENDOR = Path(__file__).parent / "vendor" / "bertviz"
LIBRARIES = ("d3.min.js", "jquery.slim.min.js")
# bertviz asks require.js for its two libraries, which are there already.
LOADER = """const require = {config() {}};
const requirejs = (names, start) => start(jQuery, d3);"""
STYLE = """html { background: #fff; color: #000; color-scheme: light; }
body { margin: 8px; }
#vis { overflow-x: auto; }
select { font: inherit; min-height: 24px; }"""


class FramedView:
    """A view of bertviz as HTML that needs nothing else, for a notebook.

    Args:
        page: The HTML page inside the frame.
        alt: What is seen, in words.
        height: The frame's height in pixels.
    """

    def __init__(self, page: str, alt: str, height: int):
        self.page = page
        self.alt = alt
        self.height = height

    def _repr_html_(self) -> str:
        page = self.page.replace("&", "&amp;").replace('"', "&quot;")  # shorter than escape()
        return (
            f'<iframe class="bertviz-view" title="{escape(self.alt)}" '
            f'height="{self.height}" style="width: 100%; border: 1px solid #8a8a8b" '
            f'srcdoc="{page}"></iframe>'
        )

    def __repr__(self) -> str:
        return f"View: {self.alt}"


def head_view(
    weights: Float[Tensor, "layers heads queries keys"],
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    title: str,
    layer: int = 0,
) -> FramedView:
    """Show one layer: queries on the left, keys on the right, a line for each weight of each head.

    A list chooses the layer. A square above the tokens stands for a head: a click hides or shows
    it, a double click leaves it alone. A pointer over a token leaves that token's lines only.

    Args:
        weights: The weights of every head.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        title: Which attention of which model this is.
        layer: The layer that is shown first.

    Raises:
        ValueError: There is no such layer, the tokens are not as many as the weights, or there are
            too many weights for a page.

    >>> import torch
    >>> head_view(torch.eye(2).expand(1, 3, 2, 2), ["a", "b"], title="M").alt.split(".")[0]
    'bertviz head view, M'
    """
    keys = list(queries) if keys is None else list(keys)
    check_head(weights, layer)
    page = _page(bertviz.head_view, weights, queries, keys, layer=layer)
    alt = f"bertviz head view, {title}. {sharpest_and_evenest(weights)}"
    return FramedView(_told(page, alt), alt, 85 + round(22.5 * max(len(queries), len(keys))))


def model_view(
    weights: Float[Tensor, "layers heads queries keys"],
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    title: str,
) -> FramedView:
    """Show all heads of all layers at once, each small; a click opens one.

    Args:
        weights: The weights of every head.
        queries: The tokens that look.
        keys: The tokens that are looked at; None: the same as `queries`.
        title: Which attention of which model this is.

    Raises:
        ValueError: The tokens are not as many as the weights, or there are too many weights for a
            page.

    >>> import torch
    >>> model_view(torch.eye(2).expand(1, 3, 2, 2), ["a", "b"], title="M").alt.split(".")[0]
    'bertviz model view, M'
    """
    keys = list(queries) if keys is None else list(keys)
    page = _page(bertviz.model_view, weights, queries, keys, display_mode="light")
    alt = f"bertviz model view, {title}. {sharpest_and_evenest(weights)}"
    layers, heads = weights.shape[:2]
    longest = max(len(queries), len(keys))
    # The sizes that bertviz draws a small map and an opened one with.
    small, opened = longest * 84 / heads + 10, longest * 18 + 55
    return FramedView(_told(page, alt), alt, round(max(layers * small + 38, opened)) + 50)


def _page(view, weights: Tensor, queries: Sequence[str], keys: Sequence[str], **options) -> str:
    """Return bertviz's HTML of a view, as a page that asks no other host."""
    check_tokens(weights[0, 0], queries, keys)
    check_amount(weights)
    rounded = tuple(weights.detach().cpu().double().round(decimals=2)[:, None])
    if list(queries) == list(keys):
        given = {"attention": rounded, "tokens": list(queries)}
    else:
        given = {
            "cross_attention": rounded,
            "decoder_tokens": list(queries),
            "encoder_tokens": list(keys),
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # bertviz leaves its script's file open
        html = view(**given, **options, prettify_tokens=False, html_action="return").data
    html = re.sub(r'<script src="[^"]*"></script>', "", html)
    html = re.sub(r"require\.config\(\{.*?\}\);", "", html, flags=re.S)
    html = re.sub(r" // HACK: .*", "", html)  # a comment in which all the weights stand again
    libraries = "".join(
        f'<script data-library="{name}">{(VENDOR / name).read_text("utf8")}</script>\n'
        for name in LIBRARIES
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>bertviz</title>'
        f"<style>{STYLE}</style>\n{libraries}<script>{LOADER}</script></head>"
        f"<body><main>{html}</main></body></html>"
    )


def _told(page: str, alt: str) -> str:
    """Give the drawing and the list of layers a name, and let a keyboard scroll the drawing."""
    named = f'<div id=\'vis\' role="img" tabindex="0" aria-label="{escape(alt)}">'
    page = page.replace("<div id='vis'>", named)
    return page.replace('<select id="layer">', '<select id="layer" aria-label="Layer">')
