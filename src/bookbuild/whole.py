"""What the book holds where it is one file, as PDF or EPUB, and how a page of the site is read.

The listings of functions and the solutions are left out, and the page of progress.
"""

import contextlib
import gc
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

NAME = "attention-under-the-hood"
LEFT_OUT = ("solutions/", "book/reference/api/", "book/reference/progress")
# What only answers in a browser, or would only repeat what the whole's own contents do.
NOT_PRINTED = "script, a.headerlink, button, .cite, .live-predict, .question-progress"


def contents(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of the book with their pages, in the order of the contents."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf8"))
    yield "", [toc["root"]]
    for part in toc["parts"]:
        files = [one["file"] for one in part["chapters"]]
        if pages := [name for name in files if not name.startswith(LEFT_OUT)]:
            yield part["caption"], pages


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Let the garbage collector wait while a page is parsed and changed.

    Each of the page's thousands of elements is in a cycle, and none is garbage yet: looking at them
    again and again took half of the time.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def parsed(html: str) -> BeautifulSoup:
    """Return a page's elements."""
    with no_collection():
        return BeautifulSoup(html, "html.parser")


def article(site: Path, page: str) -> Tag:
    """Return what a page of the built site says, without its frame."""
    said = parsed((site / f"{page}.html").read_text("utf8")).article
    assert said is not None, f"{page}.html has no article"
    return said


def target(link: str, page: str) -> tuple[str, str] | None:
    """Return the file of the site that a page's link leads to, with the place in it.

    Links to other sites lead to none. A link within the page leads to its own file.

    >>> target("../b/two.html#x", "a/one")
    ('b/two.html', 'x')
    >>> target("#x", "a/one")
    ('a/one.html', 'x')
    >>> target("https://book.example/", "a/one")
    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path:
        return f"{page}.html", parts.fragment
    file = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    return file, parts.fragment


def moved(
    link: str, page: str, pages: set[str], address: str, within: Callable[[str, str], str]
) -> str:
    """Return where a page's link leads in the one file.

    Args:
        link: Where it leads on the site.
        page: The page that it stands on.
        pages: All pages that the file holds; a link to any other leads to the website.
        address: The website's.
        within: From a page that the file holds, and the place in it, to the link.

    >>> moved("../b/two.html#x", "a/one", {"b/two"}, "https://book.example/", "{} at {}".format)
    'b/two at x'
    >>> moved("../c/three.html", "a/one", {"b/two"}, "https://book.example/", "{} at {}".format)
    'https://book.example/c/three.html'
    """
    leads = target(link, page)
    if leads is None:
        return link
    file, place = leads
    name = file.removesuffix(".html")
    if name in pages:
        return within(name, place)
    return f"{address}{file}{'#' if place else ''}{place}"
