"""What is wrong with an EPUB: the rules of EPUB 3.3 that can be checked without its validator."""

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

HTML, SVG, MATH, OPF, DC = (
    f"{{{name}}}"
    for name in (
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
        "http://www.idpf.org/2007/opf",
        "http://purl.org/dc/elements/1.1/",
    )
)
XLINK, OPS = "{http://www.w3.org/1999/xlink}href", "{http://www.idpf.org/2007/ops}type"
ACTIVE = {"script", "iframe", "form", "button", "object", "embed", "template"}
OF_PHRASES = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "em", "strong", "code", "pre", "dt"}
BLOCKS = {"p", "div", "ul", "ol", "dl", "table", "pre", "figure", "section", "blockquote", "h1"}
BLOCKS |= {"h2", "h3", "h4", "h5", "h6", "nav", "aside", "li", "dd", "dt", "tr", "td", "th"}
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"td", "th"},
}
TOKENS = {"mi", "mn", "mo", "mtext", "ms"}
ACCESS = {"accessMode", "accessModeSufficient", "accessibilityFeature", "accessibilityHazard"}
ACCESS |= {"accessibilitySummary"}
REMOTE = re.compile(r"url\(\s*['\"]?(?!#|data:)[^)]*//|@import", re.I)


def problems(file: Path) -> list[str]:
    """Return what is wrong with an EPUB, or nothing."""
    with zipfile.ZipFile(file) as archive:
        return [*_container(archive), *_book(archive)]


def _container(archive: zipfile.ZipFile) -> Iterator[str]:
    entries = archive.infolist()
    first = entries[0]
    if (first.filename, first.compress_type, first.extra) != ("mimetype", zipfile.ZIP_STORED, b""):
        yield "the first file is not `mimetype`, stored as it is"
    elif archive.read(first) != b"application/epub+zip":
        yield "mimetype says something else"
    for name, times in Counter(one.filename for one in entries).items():
        if times > 1:
            yield f"{name} is there {times} times"
        if name.startswith(("/", "..")) or "\\" in name:
            yield f"{name} is no place within the EPUB"


def _book(archive: zipfile.ZipFile) -> Iterator[str]:
    try:
        container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
        root = container.find(".//{*}rootfile").get("full-path")
        package = ElementTree.fromstring(archive.read(root))
    except (KeyError, AttributeError, ElementTree.ParseError) as error:
        yield f"no package can be read: {error}"
        return
    yield from _metadata(package)
    folder = posixpath.dirname(root)
    items = list(package.iter(f"{OPF}item"))
    named = {item.get("id"): item for item in items}
    places = [posixpath.join(folder, unquote(item.get("href"))) for item in items]
    for what in ([item.get("id") for item in items], places):
        yield from (f"{one} is listed twice" for one, times in Counter(what).items() if times > 1)
    there = {name for name in archive.namelist() if not name.endswith("/")}
    yield from (f"{one} is listed, and not there" for one in sorted({*places} - there))
    rest = there - {*places} - {"mimetype", root}
    yield from (f"{one} is not listed" for one in sorted(rest) if not one.startswith("META-INF/"))
    order = [one.get("idref") for one in package.iter(f"{OPF}itemref")]
    for one in order:
        if one not in named or named[one].get("media-type") != "application/xhtml+xml":
            yield f"{one} is to be read, and is no page"
    if len({*order}) != len(order) or not order:
        yield "the order of reading is empty, or tells a page twice"
    navs = [item for item in items if "nav" in (item.get("properties") or "").split()]
    if len(navs) != 1:
        yield f"{len(navs)} items are the contents"
    if not any("cover-image" in (item.get("properties") or "").split() for item in items):
        yield "there is no cover"
    pages: dict[str, Element] = {}
    for item, place in zip(items, places, strict=True):
        if place not in there:
            continue
        if item.get("media-type") == "application/xhtml+xml":
            try:
                pages[place] = ElementTree.fromstring(archive.read(place))
            except ElementTree.ParseError as error:
                yield f"{place} is not well-formed: {error}"
                continue
            yield from (f"{place}: {one}" for one in _page(pages[place], item))
        elif item.get("media-type") == "text/css" and REMOTE.search(archive.read(place).decode()):
            yield f"{place} takes something from another host"
    ids = {place: {one.get("id") for one in page.iter()} - {None} for place, page in pages.items()}
    for place, page in pages.items():
        yield from (f"{place}: {one}" for one in _addresses(page, place, {*places}, ids))
    for item in navs:
        place = posixpath.join(folder, item.get("href"))
        if place in pages:
            reading = [posixpath.join(folder, named[o].get("href")) for o in order if o in named]
            yield from (f"{place}: {one}" for one in _contents(pages[place], place, reading))


def _metadata(package: Element) -> Iterator[str]:
    if package.get("version") != "3.0":
        yield "the package is not of version 3.0"
    for name in ("identifier", "title", "language"):
        if not (package.findtext(f".//{DC}{name}") or "").strip():
            yield f"dc:{name} is missing"
    if package.get("unique-identifier") not in {
        one.get("id") for one in package.iter(f"{DC}identifier")
    }:
        yield "the unique identifier is no identifier"
    told: dict[str, list[str]] = {}
    for meta in package.iter(f"{OPF}meta"):
        told.setdefault(meta.get("property") or "", []).append(meta.text or "")
    when = told.get("dcterms:modified", [])
    if len(when) != 1 or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", when[0]):
        yield "dcterms:modified is missing, told twice, or no time such as 2026-11-29T00:00:00Z"
    yield from (f"schema:{one} is missing" for one in sorted(ACCESS) if f"schema:{one}" not in told)


def _page(page: Element, item: Element) -> Iterator[str]:
    """Find what is wrong within one page."""
    if page.tag != f"{HTML}html" or not (page.findtext(f"{HTML}head/{HTML}title") or "").strip():
        yield "it is no page with a title"
    if not page.get("lang"):
        yield "it has no language"
    counted = Counter(one.get("id") for one in page.iter() if one.get("id") is not None)
    yield from (f"the id {one!r} is there {n} times" for one, n in counted.items() if n > 1)
    yield from (f"the id {one!r} has spaces" for one in counted if not one or " " in one)
    declared = set((item.get("properties") or "").split())
    for name, tag in (("mathml", f"{MATH}math"), ("svg", f"{SVG}svg")):
        if (name in declared) != (page.find(f".//{tag}") is not None):
            yield f"whether it has {name} is told wrongly"
    for element in page.iter():
        name = element.tag.removeprefix(HTML)
        if name in ACTIVE or element.tag == f"{SVG}script":
            yield f"there is a <{name}>"
        for key, value in element.attrib.items():
            if key.startswith(("on", "data-")) or value.strip().lower().startswith("javascript:"):
                yield f"{key} of <{name}> is for scripts"
            if key == "style" and REMOTE.search(value):
                yield f"the style of <{name}> takes something from another host"
        if element.tag in (f"{HTML}style", f"{SVG}style") and REMOTE.search(element.text or ""):
            yield "a style takes something from another host"
        children = {child.tag.removeprefix(HTML) for child in element}
        if name in CHILDREN and not children <= CHILDREN[name]:
            yield f"<{name}> holds {sorted(children - CHILDREN[name])}"
        if name in OF_PHRASES and children & BLOCKS:
            yield f"<{name}> holds {sorted(children & BLOCKS)}"
        if name == "a" and element.find(f".//{HTML}a") is not None:
            yield "a link holds another"
        if name == "img" and not (element.get("alt") or "").strip():
            yield f"an image has no alternative: {element.get('src')}"
        if element.tag.removeprefix(MATH) in TOKENS and len(element):
            yield f"<{element.tag.removeprefix(MATH)}> holds more than text"
        if element.tag == f"{MATH}math" and not element.get("alttext"):
            yield "a formula has no alternative"
        if element.tag == f"{SVG}svg" and element.get("aria-hidden") != "true":
            if element.get("role") != "img" or not element.get("aria-label"):
                yield "a drawing has no alternative"


def _addresses(
    page: Element, place: str, files: set[str], ids: dict[str, set[str]]
) -> Iterator[str]:
    """Find links that lead nowhere, and what is taken from elsewhere."""
    for element in page.iter():
        link = element.tag in (f"{HTML}a", f"{SVG}a")
        for key in ("href", "src", XLINK, "poster", "srcset"):
            if (address := element.get(key)) is None:
                continue
            parts = urlsplit(address)
            if parts.scheme == "data" and not link:
                continue
            if parts.scheme or parts.netloc:
                if not link or parts.scheme not in ("https", "http", "mailto"):
                    yield f"{address[:80]} is not in the EPUB"
                continue
            path = posixpath.join(posixpath.dirname(place), unquote(parts.path))
            at = posixpath.normpath(path) if parts.path else place
            if at not in files:
                yield f"{address} leads to no file"
            elif parts.fragment and at in ids and unquote(parts.fragment) not in ids[at]:
                yield f"{address} leads to no place"


def _contents(page: Element, place: str, reading: list[str]) -> Iterator[str]:
    """Find what is wrong with the page of contents."""
    (toc, *others) = [
        nav for nav in page.iter(f"{HTML}nav") if (nav.get(OPS) or "").split() == ["toc"]
    ] or [None]
    if toc is None or others:
        yield "there is not one list of contents"
        return
    for line in toc.iter(f"{HTML}li"):
        names = [child.tag.removeprefix(HTML) for child in line]
        if names not in (["a"], ["a", "ol"], ["span", "ol"]):
            yield f"an entry holds {names}"
        if not "".join(line[0].itertext()).strip():
            yield "an entry has no name"
    folder = posixpath.dirname(place)
    listed = [
        posixpath.normpath(posixpath.join(folder, urlsplit(link.get("href") or "").path))
        for link in toc.iter(f"{HTML}a")
    ]
    listed = list(dict.fromkeys(listed))
    aside = {place, posixpath.join(folder, "cover.xhtml")}
    if listed != [one for one in reading if one not in aside]:
        yield "the contents and the order of reading differ"
