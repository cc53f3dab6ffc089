"""What stands above a title: the part, the chapter, its time, and where on a sentence's way one is.

Where a part begins, a drawing says what it is about. A chapter's number stands in the list of
pages, too.
"""

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

import yaml
from sphinx.application import Sphinx

from bookbuild import drawings

# Where a sentence comes by in a model, and the chapters about it.
WAY = {
    "tokens": ("book/tokens/tokenization", "book/tokens/choosing-a-vocabulary"),
    "vectors": ("book/tokens/embeddings",),
    "positions": ("book/positions/",),
    "attention": ("book/attention/",),
    "block": ("book/blocks/",),
    "family": ("book/families/",),
    "generation": ("book/generation/",),
}
MINUTES = re.compile(r"(?:takes about|<em>Duration</em>:) (\d+) minutes")
CHAPTER = re.compile("book/(?!lab/|reference/)")
LINK = re.compile(r'(<a class="[^"]*\binternal\b[^"]*" href="([^"]*)">)')
OF_EXERCISE = re.compile(r"· (\d+) minutes")


def parts(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of the book's parts, with their pages."""
    for part in _contents((root / "_toc.yml").read_text("utf8")).get("parts", ()):
        yield part["caption"], [one["file"] for one in part["chapters"]]


@cache  # each page asks
def _contents(toc: str) -> dict:
    return yaml.safe_load(toc)


def numbers(root: Path) -> dict[str, int]:
    """Return the number of each chapter: it goes on from part to part."""
    pages = [page for _, pages in parts(root) for page in pages]
    chapters = [page for page in pages if CHAPTER.match(page)]
    return {page: number for number, page in enumerate(chapters, start=1)}


def numbered(contents: str, page: str, numbers: dict[str, int]) -> str:
    """Return a list of pages with the numbers of chapters before their titles.

    >>> link = '<a class="reference internal" href="../b/two.html">Two</a>'
    >>> numbered(link, "a/one", {"b/two": 2})
    '<a class="reference internal" href="../b/two.html"><span class="number">2</span> Two</a>'
    """

    def told(link: re.Match[str]) -> str:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(page), link[2]))
        number = numbers.get(page if link[2] == "#" else name.removesuffix(".html"))
        return f'{link[1]}<span class="number">{number}</span> ' if number else link[1]

    return LINK.sub(told, contents)


def time_of(text: str) -> str:
    """Return how long a page takes, as it says itself, or nothing.

    >>> time_of("It takes about 45 minutes.")
    'about 45 minutes'
    >>> time_of("easy · 10 minutes · 2 points, and hard · 25 minutes · 4 points")
    '2 exercises, 35 minutes'
    """
    if each := OF_EXERCISE.findall(text):
        return f"{len(each)} exercises, {sum(map(int, each))} minutes"
    if told := MINUTES.search(text):
        return f"about {told[1]} minutes"
    return ""


def way(page: str) -> str:
    """Return the way of a sentence with a mark where a page is, or nothing if it is not on it."""
    here = next((name for name, pages in WAY.items() if page.startswith(pages)), None)
    if here is None:
        return ""
    stops = "".join(
        f'<li aria-current="step">{name}</li>' if name == here else f"<li>{name}</li>"
        for name in WAY
    )
    return f'<ol class="way" aria-label="Where a sentence comes by: you are here">{stops}</ol>'


def band(above: str, name: str, drawing: str) -> str:
    """Return the opening of a part: its name, beside a drawing that says what it shows."""
    draw = drawings.DRAWINGS.get(drawing, drawings.book)
    return (
        f'<div class="band"><p class="band-name"><span>{escape(above)}</span> {escape(name)}</p>'
        f'{drawings.svg(draw())}<p class="band-told">{escape(drawings.told(draw))}</p></div>'
    )


def add(app: Sphinx, pagename: str, _template: str, context: dict, doctree) -> None:
    """Give a page's template what stands above the title; generated pages have no doctree."""
    if doctree is None:
        return
    for number, (caption, pages) in enumerate(parts(Path(app.srcdir)), start=1):
        if pagename in pages and caption != "Reference":
            where = f"Part {number}"
            line = f'<p class="eyebrow"><span>{where}</span> {escape(caption)}</p>'
            if pagename == pages[0]:
                line = band(where, caption, caption.lower())
            chapter = numbers(Path(app.srcdir)).get(pagename)
            time = "" if pagename.startswith("solutions/") else time_of(context["body"])
            told = [f"Chapter {chapter}"] * bool(chapter) + [time] * bool(time)
            time = f'<p class="time">{" · ".join(told)}</p>' if told else ""
            context["opener"] = f'<div class="opener">{line}{time}{way(pagename)}</div>'


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add, priority=910)  # after the repairs of the page
