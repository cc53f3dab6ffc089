"""The whole book as one PDF: the pages of the built site, in their order, printed by Chromium.

`make pdf` writes `_build/pdf/attention-under-the-hood.pdf`, of the pages in `bookbuild.whole`.
Live figures stand still; a link leads to each page on the website.
"""

import base64
import posixpath
import sys
from html import escape
from pathlib import Path

import pikepdf
import yaml
from bs4 import Tag
from playwright.sync_api import Error, sync_playwright

from bookbuild.cite import citation
from bookbuild.cover import cover_of
from bookbuild.tagged import FORMULA, headings, mend
from bookbuild.whole import NAME, NOT_PRINTED, article, contents, moved, no_collection, parsed
from classroom.grading.written import PLACEHOLDER

STYLE = Path(__file__).with_name("whole.css")


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
    said = article(site, page)
    for element in said.select(NOT_PRINTED):
        element.decompose()
    for element in said.select("[id]"):
        if element.find_parent("svg") is None and element.name != "svg":
            element["id"] = anchor(page, str(element["id"]))
    for details in said.select("details"):
        details["open"] = ""
    for figure in said.select("figure"):
        figure["role"] = "group"  # the drawing in it has a text; its frame would be one without
    for formula in said.select(".katex"):
        _tell(formula)
    for paragraph in said.find_all("p", string=PLACEHOLDER):
        paragraph["class"] = "placeholder"
    folder = posixpath.dirname(page)
    for image in said.select("img[src]"):
        image["src"] = f"../html/{posixpath.normpath(posixpath.join(folder, str(image['src'])))}"
    for link in said.select("a[href]"):
        link["href"] = moved(str(link["href"]), page, pages, address, _within)
    said.name = "section"
    said["id"] = anchor(page)
    return said


def _tell(formula: Tag) -> None:
    """Let a formula be read aloud: what is drawn has its text, since paper shows no MathML.

    The text begins with a word that `bookbuild.tagged` takes away again.
    """
    drawn, mathml = formula.select_one(".katex-html"), formula.select_one(".katex-mathml")
    source = mathml.select_one("annotation") if mathml else None
    if drawn is None or mathml is None or source is None:
        return
    del drawn["aria-hidden"]
    drawn["role"] = "img"
    drawn["aria-label"] = FORMULA + source.get_text().strip()
    mathml.decompose()


def _within(name: str, place: str) -> str:
    return f"#{anchor(name, place)}"


def whole(root: Path, site: Path) -> str:
    """Return the book as one page of HTML: its cover, the contents, and all pages."""
    settings, book = yaml.safe_load((root / "_config.yml").read_text("utf8")), citation(root)
    assert book is not None, "CITATION.cff is missing: it names the authors and the version"
    picture, words = cover_of(book)
    title, address = settings["title"], settings["html"]["baseurl"]
    language = settings["sphinx"]["config"]["language"]
    parts = list(contents(root))
    pages = {page for _, names in parts for page in names}
    bodies, listed = [], []
    for caption, names in parts:
        lines = []
        for name in names:
            online = f'<a href="{address}{name}.html">This page on the website</a>'
            with no_collection():
                said = body(site, name, pages, address)
                heading = said.h1.get_text(strip=True) if said.h1 else name
                lines.append(f'<li><a href="#{anchor(name)}">{escape(heading)}</a></li>')
                said.insert(0, parsed(f'<p class="book-source">{online}</p>'))
                bodies.append(str(said))
        listed.append(f"<h2>{escape(caption)}</h2><ol>{''.join(lines)}</ol>")
    return (
        f'<!doctype html><html data-theme="light" lang="{language}">'
        f'<head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<link rel="stylesheet" href="../html/_static/book.css">'
        f"<style>{STYLE.read_text('utf8')}</style></head>"
        f'<body><header><img class="book-cover" alt="{escape(words)}" '
        f'src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
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
    with pikepdf.open(unfinished) as printed:
        mend(printed, headings(page.read_text("utf8")))
        # Chromium leaves more than half of it uncompressed.
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
