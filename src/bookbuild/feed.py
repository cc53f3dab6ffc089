"""Makes a feed of the page that tells what has changed, for those who wait for news.

Each section of that page is a release: its title is `Version 1.2.0, 2026-11-29`, the newest first.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from bookbuild.builder import BookBuilder

logger = logging.getLogger(__name__)
PAGE = "book/reference/changes"
NAME = "changes.atom"
TITLE = re.compile(r"Version (\d+\.\d+\.\d+), (\d{4}-\d\d-\d\d)")


class Release(NamedTuple):
    """One section of the page."""

    title: str
    day: str
    place: str
    text: str


def releases(page: nodes.document) -> Iterator[Release]:
    """Give the releases that a page tells of, the newest first.

    Raises:
        ValueError: A section's title is no version and day, or is not older than the one before.
    """
    before = None
    for section in page.findall(nodes.section):
        if not isinstance(section.parent, nodes.section):
            continue  # the page itself
        title = section[0].astext()
        if not (found := TITLE.fullmatch(title)):
            raise ValueError(f"{title!r} is no title such as 'Version 1.2.0, 2026-11-29'")
        now = ([int(part) for part in found[1].split(".")], found[2])
        if before and not (now[0] < before[0] and now[1] <= before[1]):
            raise ValueError(f"{title!r} is not older than what stands before it")
        before = now
        text = "\n\n".join(part.astext() for part in section[1:])
        yield Release(title, found[2], section["ids"][0], text)


def atom(title: str, base: str, entries: list[Release]) -> str:
    """Return a feed in the Atom format (RFC 4287)."""
    feed = ElementTree.Element("feed", xmlns="http://www.w3.org/2005/Atom")

    def put(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> None:
        ElementTree.SubElement(parent, name, attributes).text = text

    put(feed, "title", title)
    put(feed, "id", f"{base}{NAME}")
    put(feed, "link", rel="self", href=f"{base}{NAME}")
    put(feed, "link", href=base)
    put(feed, "updated", f"{entries[0].day}T00:00:00Z")
    author = ElementTree.SubElement(feed, "author")
    put(author, "name", f"The authors of {title}")
    for one in entries:
        entry = ElementTree.SubElement(feed, "entry")
        address = f"{base}{PAGE}.html#{one.place}"
        put(entry, "title", one.title)
        put(entry, "id", address)
        put(entry, "link", href=address)
        put(entry, "updated", f"{one.day}T00:00:00Z")
        put(entry, "content", one.text, type="text")
    ElementTree.indent(feed)
    return ElementTree.tostring(feed, "unicode", xml_declaration=True)


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the feed beside the pages."""
    if error is None and isinstance(app.builder, BookBuilder) and PAGE in app.env.found_docs:
        try:
            entries = list(releases(app.env.get_doctree(PAGE)))
        except ValueError as wrong:
            logger.warning("%s.md: %s", PAGE, wrong)
            return
        text = atom(app.config.html_title, app.config.html_baseurl, entries)
        (Path(app.outdir) / NAME).write_text(text, "utf8")


def link(app: Sphinx, _pagename, _template, context: dict, _doctree) -> None:
    """Let readers of feeds find it from each page."""
    if PAGE in app.env.found_docs:
        context["metatags"] = (
            context.get("metatags", "")
            + '\n<link rel="alternate" type="application/atom+xml" title="What has changed" '
            f'href="{context["pathto"](NAME, 1)}" />'
        )


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", link)
    app.connect("build-finished", write)
