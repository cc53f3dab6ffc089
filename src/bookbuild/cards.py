"""A picture for each chapter, which services show beside a link to it: its title and its part.

They are drawn in the book's letters and colors, with the drawing of the part, once for each title.
"""

import hashlib
import io
import re
import textwrap
from html import escape, unescape
from pathlib import Path

from sphinx.application import Sphinx

from bookbuild import drawings, opener
from bookbuild.builder import BookBuilder
from bookbuild.stylesheet import Pieces

FOLDER = "_static/cards"
MADE_BY = [
    hashlib.sha256((Path(__file__).parent / name).read_bytes()).hexdigest()
    for name in ("cards.py", "drawings.py", "face.py")
]
WIDTH, HEIGHT = 1200, 630  # what the services ask for
SMALLER = ": "  # what stands behind it in a title is its second line


def name_of(page: str) -> str:
    """Return the file of a page's card.

    >>> name_of("book/attention/multi-head")
    'book-attention-multi-head.png'
    """
    return f"{page.replace('/', '-')}.png"


def chapters(root: Path) -> dict[str, str]:
    """Return the pages that have a card of their own, each with the name of its part."""
    found = {
        page: caption
        for caption, pages in opener.parts(root)
        for page in pages
        if page.startswith("book/") and caption != "Reference"
    }
    return {"index": ""} | found if found else {}


def card(book: str, part: str, title: str) -> bytes:
    """Return a card as a PNG."""
    # They take a second to load, which a build without new cards need not wait for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    from bookbuild.face import letters

    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=drawings.GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    draw = drawings.DRAWINGS.get(part.lower(), drawings.book)
    found = drawings.levels(draw())
    for row, column in zip(*found.nonzero(), strict=True):
        place = (80 + 18.6 * column, 430 + 18.6 * row)
        opacity = drawings.LEVELS[found[row, column] - 1]
        axes.add_patch(Rectangle(place, 14.9, 14.9, color=drawings.INK, alpha=opacity, linewidth=0))
    head, _, rest = title.partition(SMALLER)
    above = f"{book}  ·  {part}" if part else "An executable textbook"
    axes.text(80, 100, above, color=drawings.INK, fontproperties=letters(500), fontsize=18)
    height = 185
    small = rest[:1].upper() + rest[1:]
    lines = [(line, "white", 600, 39, 66) for line in textwrap.wrap(head, 36)]
    lines += [(line, "#c3cede", 400, 24, 44) for line in textwrap.wrap(small, 56)]
    for line, color, weight, size, step in lines:
        font = letters(weight)
        text = axes.text(80, height, line, color=color, fontproperties=font, fontsize=size)
        if (wide := text.get_window_extent().width) > WIDTH - 160:
            text.set_fontsize(size * (WIDTH - 160) / wide)
        height += step
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=drawings.GROUND, metadata={"Software": None})
    return drawn.getvalue()


def tell(app: Sphinx, pagename: str, _template: str, context: dict, _doctree) -> None:
    """Name a page's card in its head; pages without one show the book's."""
    known = chapters(Path(app.srcdir))
    if known:
        shown = pagename if pagename in known else "index"
        address = f"{app.config.html_baseurl}{FOLDER}/{name_of(shown)}"
        title = _plain(context["title"]) if pagename in known else app.config.project
        context["metatags"] = context.get("metatags", "") + (
            f'\n<meta property="og:image" content="{address}" />'
            f'\n<meta property="og:image:width" content="{WIDTH}" />'
            f'\n<meta property="og:image:height" content="{HEIGHT}" />'
            f'\n<meta property="og:image:alt" content="{escape(title)}" />'
            '\n<meta name="twitter:card" content="summary_large_image" />'
        )


def _plain(title: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", title))


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the cards of all chapters; those that were drawn by an earlier build are used again."""
    if error is not None or not isinstance(app.builder, BookBuilder):
        return
    folder = Path(app.outdir) / FOLDER
    pieces = Pieces(Path(app.outdir).parent / "cards")
    book = app.config.project
    for page, part in chapters(Path(app.srcdir)).items():
        folder.mkdir(parents=True, exist_ok=True)
        title = app.env.titles[page].astext()
        made_of = [*MADE_BY, book, part, title]
        drawn = pieces.piece(made_of, lambda: card(book, part, title))  # noqa: B023
        (folder / name_of(page)).write_bytes(drawn)
    pieces.forget_others()


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", tell, priority=920)  # after what the page says of itself
    app.connect("build-finished", write)
