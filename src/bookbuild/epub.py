"""The whole book as one EPUB 3: the pages of the built site, made readable without scripts.

`make epub` writes `_build/epub/attention-under-the-hood.epub`, of the pages in `bookbuild.whole`.
Nothing is executed or read anew, and nothing of the site is changed. Formulas are MathML. Live
figures and views are stills with a link to the website. What a page folds stands open, and the
answers of questions stand at the chapter's end, with links there and back.
"""

import posixpath
import re
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag

from bookbuild import state
from bookbuild.cite import citation
from bookbuild.cover import cover_of
from bookbuild.whole import NAME, NOT_PRINTED, article, contents, moved, target
from bookbuild.xhtml import xhtml

STYLE = Path(__file__).with_suffix(".css")
LIGHT = 'html[data-theme="light"] '  # before the rules for code in the site's stylesheet
FOLDER = "OEBPS"
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif"}
# They serve scripts, or say to a screen reader that something scrolls.
ASIDE = {"tabindex", "contenteditable", "align", "border", "scope"}
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
    '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
    'lang="{language}" xml:lang="{language}">\n<head><meta charset="utf-8"/>'
    '<title>{title}</title><link rel="stylesheet" href="{style}"/></head>\n'
)
FEATURES = (
    "alternativeText", "MathML", "readingOrder", "structuralNavigation", "tableOfContents",
    "displayTransformability",
)  # fmt: skip
SUMMARY = (
    "Text that adapts to any screen. Formulas are MathML, each figure has a text that says what is "
    "seen, code is text and breaks its lines. Nothing needs scripts: figures that answer on the "
    "website are stills here, with a link, and the answers of questions stand at a chapter's end."
)


@dataclass
class Chapter:
    """A page as it stands in the EPUB."""

    name: str
    title: str
    text: str
    sections: list[tuple[str, str]]  # the ids and titles of its sections
    images: set[str] = field(default_factory=set)  # relative to the site
    properties: list[str] = field(default_factory=list)  # what the package must tell of it


def chapter(site: Path, page: str, pages: set[str], address: str, language: str) -> Chapter:
    """Turn a page of the site into a chapter.

    Args:
        site: The built site.
        page: The page's name, as in the contents.
        pages: The pages that the EPUB holds; links to others lead to the website.
        address: The website's address.
        language: The book's language.
    """
    said = article(site, page)
    stills(said, f"{address}{page}.html")
    for element in said.select(NOT_PRINTED):
        element.decompose()
    answers_at_the_end(said)
    formulas_are_mathml(said)
    drawings_have_colors(said)
    columns_stay_below_each_other(said)
    attributes_are_plain(said)
    images = set()
    for image in said.select("img[src]"):
        leads = target(str(image["src"]), page)
        assert leads is not None, f"{page}: an image from another site, {image['src']}"
        images.add(leads[0])
    for link in said.select("a[href]"):
        link["href"] = moved(str(link["href"]), page, pages, address, partial(inside, page))
    said.name = "section"
    said["epub:type"] = "chapter" if page.startswith("book/") else "bodymatter"
    title = said.h1.get_text(strip=True) if said.h1 else page
    properties = [
        name for name, tag in (("mathml", "math"), ("svg", "svg")) if said.find(tag) is not None
    ]
    style = posixpath.relpath("book.css", posixpath.dirname(page) or ".")
    head = HEAD.format(language=language, title=escape(title), style=style)
    text = f"{head}<body>{xhtml(said)}</body>\n</html>\n"
    return Chapter(page, title, text, list(_sections(said)), images, properties)


def _sections(said: Tag) -> Iterator[tuple[str, str]]:
    for heading in said.select("section > h2"):
        if heading.parent is not None and heading.parent.get("id"):
            yield str(heading.parent["id"]), heading.get_text(strip=True)


def stills(said: Tag, address: str) -> None:
    """Put a link to the website below what moves there."""
    for figure in said.select("[data-live]"):
        place = next((str(one["id"]) for one in figure.find_parents(id=True)), "")
        page = f"{address}#{place}" if place else address
        words = "On the website, this figure answers."
        note = f'<p class="on-the-website"><a href="{escape(page)}">{words}</a></p>'
        made = BeautifulSoup(note, "html.parser").p
        assert made is not None
        figure.insert_after(made)


def answers_at_the_end(said: Tag) -> None:
    """Open what is folded, but put the answers of questions into a section at the end."""
    told: list[str] = []
    for number, folded in enumerate(said.select("details.question-told"), start=1):
        question = folded.find_parent(class_="question")
        if folded.summary:
            folded.summary.decompose()
        place, back = f"answer-{number}", str(question["id"]) if question else ""
        told.append(
            f'<section id="{place}"><h3><a href="#{back}">Question {number}</a></h3>'
            f"{folded.decode_contents()}</section>"
        )
        way = BeautifulSoup(f'<p><a href="#{place}">The answer, and why</a></p>', "html.parser")
        folded.replace_with(way)
        if question and (heading := question.select_one(".admonition-title")):
            heading.string = f"Question {number}. {heading.get_text()}"
    if told:
        section = f'<section id="answers"><h2>Answers</h2>{"".join(told)}</section>'
        said.append(BeautifulSoup(section, "html.parser"))
    for folded in said.select("details"):
        folded.name = "div"
        if folded.summary and folded.summary.find("p") is None:
            folded.summary.name = "p"
        elif folded.summary:  # it says how to fold an output of a cell
            folded.summary.decompose()


def formulas_are_mathml(said: Tag) -> None:
    """Keep of each formula its MathML alone, with its LaTeX for readers that know none."""
    for formula in said.select(".katex"):
        math, latex = formula.math, formula.annotation
        if math is not None:
            if latex is not None:
                math["alttext"] = latex.get_text().strip()
            for token in math.select("mi, mn, mo, mtext"):  # KaTeX may put a row into one
                if token.find(True) is not None:
                    token.string = token.get_text()
            formula.replace_with(math.extract())


def drawings_have_colors(said: Tag) -> None:
    """Give drawings sizes and colors of their own, for many readers know no variables."""
    for drawing in said.select("[style]"):
        style = re.sub(r"var\(--[\w-]+, ?([^()]+)\)", r"\1", str(drawing["style"]))
        style = re.sub(r"--[\w-]+:[^;]*;? ?", "", style).strip()
        drawing["style"] = style
        if not style:
            del drawing["style"]
    for sheet in said.select("svg style"):
        sheet.string = re.sub(r"var\(--[\w-]+, ?([^()]+)\)", r"\1", sheet.get_text())


# A line of so many letters fits beside a page's margins; smaller letters than half cannot be read.
LINE, SMALLEST = 68, 0.5


def columns_stay_below_each_other(said: Tag) -> None:
    """Set what code prints in smaller letters where its lines, and so its columns, would break."""
    for printed in said.select(".cell_output pre"):
        longest = max(map(len, printed.get_text().splitlines()), default=0)
        if longest > LINE:
            printed["style"] = f"font-size: {max(SMALLEST, 0.75 * LINE / longest):.2f}em"


def attributes_are_plain(said: Tag) -> None:
    """Leave out attributes that serve scripts, and ids that were given before."""
    seen = set()
    for element in said.find_all():
        for name in [one for one in element.attrs if one.startswith("data-") or one in ASIDE]:
            del element[name]
        if element.get("role") == "region":
            del element["role"], element["aria-label"]
        if element.get("id") in seen:
            del element["id"]
        seen.add(element.get("id"))


def inside(page: str, name: str, place: str) -> str:
    """Return the link from one page of the EPUB to a place of another, or of its own.

    >>> inside("a/one", "b/two", "x"), inside("a/one", "a/one", "x"), inside("a/one", "a/one", "")
    ('../b/two.xhtml#x', '#x', 'one.xhtml')
    """
    fragment = f"#{place}" if place else ""
    if name == page and place:
        return fragment
    return f"{posixpath.relpath(name, posixpath.dirname(page) or '.')}.xhtml{fragment}"


def navigation(title: str, language: str, parts: list[tuple[str, list[Chapter]]]) -> str:
    """Return the page of contents: parts, chapters and their sections."""
    listed = []
    for caption, chapters in parts:
        lines = []
        for one in chapters:
            inner = "".join(
                f'<li><a href="{one.name}.xhtml#{place}">{escape(name)}</a></li>'
                for place, name in one.sections
            )
            within = f"<ol>{inner}</ol>" if inner else ""
            lines.append(f'<li><a href="{one.name}.xhtml">{escape(one.title)}</a>{within}</li>')
        chosen = "".join(lines)
        listed.append(
            f"<li><span>{escape(caption)}</span><ol>{chosen}</ol></li>" if caption else chosen
        )
    first = parts[0][1][0].name
    head = HEAD.format(language=language, title=escape(title), style="book.css")
    return (
        f'{head}<body><nav epub:type="toc" role="doc-toc"><h1>Contents</h1>'
        f"<ol>{''.join(listed)}</ol></nav>"
        '<nav epub:type="landmarks" hidden="hidden"><h2>Landmarks</h2><ol>'
        '<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>'
        '<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{first}.xhtml">Start</a></li></ol></nav>'
        "</body>\n</html>\n"
    )


def package(settings: dict, book: dict, chapters: list[Chapter]) -> str:
    """Return the package document: what the book is, its files, and their order."""
    address, language = settings["html"]["baseurl"], settings["sphinx"]["config"]["language"]
    images = sorted(set().union(*(one.images for one in chapters)))
    items = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="style" href="book.css" media-type="text/css"/>',
        '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>',
        '<item id="cover-image" href="cover.png" media-type="image/png" properties="cover-image"/>',
    ]
    for one in chapters:
        told = f' properties="{" ".join(one.properties)}"' if one.properties else ""
        items.append(
            f'<item id="{_identifier(one.name)}" href="{one.name}.xhtml" '
            f'media-type="application/xhtml+xml"{told}/>'
        )
    for number, name in enumerate(images, start=1):
        kind = TYPES[posixpath.splitext(name)[1].lower()]
        items.append(f'<item id="image-{number}" href="{name}" media-type="{kind}"/>')
    order = "".join(f'<itemref idref="{_identifier(one.name)}"/>' for one in chapters)
    features = "".join(
        f'<meta property="schema:accessibilityFeature">{name}</meta>' for name in FEATURES
    )
    creators = "".join(f"<dc:creator>{escape(one['name'])}</dc:creator>" for one in book["authors"])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="uid" '
        f'xml:lang="{language}">\n<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="uid">urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, address)}'
        f"</dc:identifier>\n<dc:title>{escape(settings['title'])}</dc:title>\n"
        f"<dc:language>{language}</dc:language>\n{creators}\n"
        f"<dc:description>{escape(book['abstract'])} Version {book['version']}.</dc:description>\n"
        f"<dc:date>{book['date-released']}</dc:date>\n<dc:source>{escape(address)}</dc:source>\n"
        "<dc:rights>Text: CC BY 4.0, code: MIT License</dc:rights>\n"
        f'<meta property="dcterms:modified">{book["date-released"]}T00:00:00Z</meta>\n'
        '<meta name="cover" content="cover-image"/>\n'
        '<meta property="schema:accessMode">textual</meta>\n'
        '<meta property="schema:accessMode">visual</meta>\n'
        '<meta property="schema:accessModeSufficient">textual</meta>\n'
        f"{features}\n"
        '<meta property="schema:accessibilityHazard">none</meta>\n'
        f'<meta property="schema:accessibilitySummary">{escape(SUMMARY)}</meta>\n'
        f"</metadata>\n<manifest>\n{chr(10).join(items)}\n</manifest>\n"
        f'<spine><itemref idref="cover"/><itemref idref="nav"/>{order}</spine>\n</package>\n'
    )


def _identifier(page: str) -> str:
    return f"page-{page.replace('/', '-')}"


def files(root: Path, site: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the EPUB's files, in their order."""
    settings, book = yaml.safe_load((root / "_config.yml").read_text("utf8")), citation(root)
    assert book is not None, "CITATION.cff is missing: it names the authors and the version"
    title, address = settings["title"], settings["html"]["baseurl"]
    language = settings["sphinx"]["config"]["language"]
    listed = list(contents(root))
    pages = {page for _, names in listed for page in names}
    parts = [
        (caption, [chapter(site, page, pages, address, language) for page in names])
        for caption, names in listed
    ]
    chapters = [one for _, of_part in parts for one in of_part]
    yield "mimetype", b"application/epub+zip"
    yield (
        "META-INF/container.xml",
        b'<?xml version="1.0"?>\n<container version="1.0" '
        b'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
        b'full-path="OEBPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        b"</container>\n",
    )
    yield f"{FOLDER}/package.opf", package(settings, book, chapters).encode()
    yield f"{FOLDER}/nav.xhtml", navigation(title, language, parts).encode()
    yield f"{FOLDER}/book.css", stylesheet(site).encode()
    head = HEAD.format(language=language, title=escape(title), style="book.css")
    picture, words = cover_of(book)
    yield (
        f"{FOLDER}/cover.xhtml",
        f'{head}<body class="cover"><section epub:type="cover"><img src="cover.png" '
        f'alt="{escape(words)}"/></section></body>\n</html>\n'.encode(),
    )
    yield f"{FOLDER}/cover.png", picture
    for one in chapters:
        yield f"{FOLDER}/{one.name}.xhtml", one.text.encode()
    for name in sorted(set().union(*(one.images for one in chapters))):
        yield f"{FOLDER}/{name}", (site / name).read_bytes()


def stylesheet(site: Path) -> str:
    """Return the EPUB's style with the colors that code has on the site by day."""
    rules = (site / "_static" / "pygments.css").read_text("utf8").splitlines()
    colors = [rule.removeprefix(LIGHT) for rule in rules if rule.startswith(f"{LIGHT}.highlight .")]
    return "\n".join([STYLE.read_text("utf8"), *colors, ""])


def write(root: Path, site: Path, epub: Path) -> None:
    """Write the EPUB; what is there under its name is always whole."""
    unfinished = epub.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for name, text in files(root, site):
            # The same book is the same file, whenever it is made.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            stored = name == "mimetype" or name.endswith((".png", ".jpg", ".gif"))
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    unfinished.replace(epub)


def main() -> int:
    """Write the EPUB of the book in the folder where this is called."""
    root = Path.cwd()
    site, folder = root / "_build" / "html", root / "_build" / "epub"
    if not (site / "index.html").is_file():
        print(f"there is no built site in {site}: run `make book` first", file=sys.stderr)
        return 2
    state.hold(site.parent, print)  # no build changes the pages while they are read
    folder.mkdir(exist_ok=True)
    epub = folder / f"{NAME}.epub"
    write(root, site, epub)
    print(f"{epub.relative_to(root)}: {epub.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
