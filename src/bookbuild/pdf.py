"""The whole book as one PDF: the pages of the built site, in their order, printed by Chromium.

`make pdf` writes `_build/pdf/attention-under-the-hood.pdf`. The listings of functions and the
solutions are left out, and the page of progress. Live figures stand still; a link leads to each
page on the website.
"""

import posixpath
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pikepdf
import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Error, sync_playwright

LEFT_OUT = ("solutions/", "book/reference/api/", "book/reference/progress")
# What only answers in a browser, or would only repeat what the PDF's own outline does.
NOT_PRINTED = "script, a.headerlink, button, iframe, .cite, .live-predict, .question-progress"
NAME = "attention-under-the-hood"
STYLE = Path(__file__).with_name("whole.css")


def contents(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of the book with their pages, in the order of the contents."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf8"))
    yield "", [toc["root"]]
    for part in toc["parts"]:
        files = [one["file"] for one in part["chapters"]]
        if pages := [name for name in files if not name.startswith(LEFT_OUT)]:
            yield part["caption"], pages


def anchor(page: str, name: str = "") -> str:
    """Return the name of a place of a page in the whole.

    >>> anchor("book/tokens/embeddings", "what")
    'book-tokens-embeddings--what'
    """
    return f"{page.replace('/', '-')}--{name}"


def body(site: Path, page: str, pages: set[str], address: str) -> Tag:
    """Return what a page says, with its links leading to their places in the whole.

    Args:
        site: The built site.
        page: The page's name, as in the contents.
        pages: The pages that the whole holds; links to others lead to the website.
        address: The website's address.
    """
    article = BeautifulSoup((site / f"{page}.html").read_text("utf8"), "html.parser").article
    assert article is not None, f"{page}.html has no article"
    for element in article.select(NOT_PRINTED):
        element.decompose()
    for element in article.select("[id]"):
        if element.find_parent("svg") is None and element.name != "svg":
            element["id"] = anchor(page, str(element["id"]))
    for details in article.select("details"):
        details["open"] = ""
    folder = posixpath.dirname(page)
    for image in article.select("img[src]"):
        image["src"] = f"../html/{posixpath.normpath(posixpath.join(folder, str(image['src'])))}"
    for link in article.select("a[href]"):
        link["href"] = moved(str(link["href"]), page, pages, address)
    article.name = "section"
    article["id"] = anchor(page)
    return article


def moved(link: str, page: str, pages: set[str], address: str) -> str:
    """Return where a page's link leads in the whole.

    >>> moved("../b/two.html#x", "a/one", {"b/two"}, "https://book.example/")
    '#b-two--x'
    >>> moved("../c/three.html", "a/one", {"b/two"}, "https://book.example/")
    'https://book.example/c/three.html'
    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return link
    folder = posixpath.dirname(page)
    file = posixpath.normpath(posixpath.join(folder, unquote(parts.path))) if parts.path else ""
    target = file.removesuffix(".html") if file else page
    if target in pages:
        return f"#{anchor(target, parts.fragment)}"
    return f"{address}{file}{'#' if parts.fragment else ''}{parts.fragment}"


def whole(root: Path, site: Path) -> str:
    """Return the book as one page of HTML: a title, the contents, and all pages."""
    settings = yaml.safe_load((root / "_config.yml").read_text("utf8"))
    title, address = settings["title"], settings["html"]["baseurl"]
    parts = list(contents(root))
    pages = {page for _, names in parts for page in names}
    bodies, listed = [], []
    for caption, names in parts:
        lines = []
        for name in names:
            said = body(site, name, pages, address)
            heading = said.h1.get_text(strip=True) if said.h1 else name
            lines.append(f'<li><a href="#{anchor(name)}">{escape(heading)}</a></li>')
            source = f'<p class="book-source"><a href="{address}{name}.html">This page</a></p>'
            bodies.append(f"{said}{source}")
        listed.append(f"<h2>{escape(caption)}</h2><ol>{''.join(lines)}</ol>")
    return (
        f'<!doctype html><html lang="{settings["sphinx"]["config"]["language"]}">'
        f'<head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<link rel="stylesheet" href="../html/_static/book.css">'
        f"<style>{STYLE.read_text('utf8')}</style></head>"
        f'<body><header><p class="book-title">{escape(title)}</p>'
        f"<p>{escape(settings['author'])}, {escape(settings['copyright'])}. Text: CC BY 4.0, "
        f'code: MIT. <a href="{address}">{address}</a></p></header>'
        f'<nav class="book-contents"><h1>Contents</h1>{"".join(listed)}</nav>'
        f"<main>{''.join(bodies)}</main></body></html>"
    )


def print_page(page: Path, pdf: Path, chromium: str | None) -> None:
    """Print a page of HTML without its scripts; its headings become the outline."""
    unfinished = pdf.with_suffix(".part")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        shown = browser.new_context(java_script_enabled=False).new_page()
        shown.set_default_timeout(0)
        shown.goto(page.as_uri())
        shown.pdf(
            path=unfinished,
            format="A4",
            print_background=True,
            tagged=True,
            outline=True,
            margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
            display_header_footer=True,
            header_template="<span></span>",
            footer_template='<div style="font-size: 8px; width: 100%; text-align: center">'
            '<span class="pageNumber"></span></div>',
        )
        browser.close()
    with pikepdf.open(unfinished) as printed:  # Chromium leaves more than half of it uncompressed
        printed.save(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    unfinished.unlink()


def main(arguments: list[str]) -> int:
    """Print the book of the folder where this is called, with the Chromium whose path is given."""
    root = Path.cwd()
    site, folder = root / "_build" / "html", root / "_build" / "pdf"
    if not (site / "index.html").is_file():
        print(f"there is no built site in {site}: run `make book` first", file=sys.stderr)
        return 2
    folder.mkdir(exist_ok=True)
    page, pdf = folder / f"{NAME}.html", folder / f"{NAME}.pdf"
    page.write_text(whole(root, site), "utf8")
    try:
        print_page(page, pdf, arguments[0] if arguments else None)
    except Error as error:
        print(f"Chromium could not print: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    print(f"{pdf.relative_to(root)}: {pdf.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
