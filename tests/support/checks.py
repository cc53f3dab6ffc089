"""What is wrong with a page or with the built files: each check returns sentences, or none."""

import posixpath
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from bookbuild.whole import parsed

FILE_NAME = re.compile(r"\S+\.(png|jpe?g|gif|svg|webp|avif)", re.IGNORECASE)
SAYS_NOTHING = {"image", "figure", "picture", "photo", "plot", "chart", "graph", "diagram"}
# Where a page's parts come from; a plain `a` is only followed by the reader.
PARTS = {
    "script": ["src"],
    "img": ["src", "srcset"],
    "source": ["src", "srcset"],
    "video": ["src", "poster"],
    "audio": ["src"],
    "track": ["src"],
    "iframe": ["src"],
    "embed": ["src"],
    "object": ["data"],
    "image": ["href", "xlink:href"],
    "use": ["href", "xlink:href"],
}
CLICKED = [("a", "href"), ("area", "href"), ("form", "action")]
NOT_FETCHED = {"canonical", "index", "search", "next", "prev", "author", "license", "alternate"}
IN_STYLE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])\s*((?:https?:)?//[^'\")\s]+)")
MACHINE_PATH = re.compile(
    r"file:/{2,}\S*|(?<![\w.:/-])/(?:home|root|Users|tmp)/[\w.-]+[\w./-]*"
    r"|/[\w./-]{1,200}?/site-packages/[\w./-]*|\b[A-Z]:\\\\?Users\\\S*"
)


class Page:
    """A file of the site, parsed when it is first asked for."""

    def __init__(self, root: Path, path: str):
        self.root, self.path = root, path

    @cached_property
    def text(self) -> str:
        return (self.root / self.path).read_text("utf-8")

    @cached_property
    def soup(self) -> BeautifulSoup:
        return parsed(self.text)

    @cached_property
    def elements(self) -> list[Tag]:
        """All elements, found once: each search in the soup looks at all its text, too."""
        return self.soup.find_all(True)

    @cached_property
    def by_name(self) -> dict[str, list[Tag]]:
        found = defaultdict(list)
        for element in self.elements:
            found[element.name].append(element)
        return found

    @cached_property
    def ids(self) -> set[str]:
        named = {a["name"] for a in self.by_name["a"] if a.has_attr("name")}
        return named | {element["id"] for element in self.elements if element.has_attr("id")}

    def metas(self, name: str) -> list[Tag]:
        return [one for one in self.by_name["meta"] if one.get("name") == name]

    def links(self, relation: str) -> list[Tag]:
        return [one for one in self.by_name["link"] if relation in (one.get("rel") or [])]

    @property
    def title(self) -> str:
        return self.soup.title.get_text(strip=True) if self.soup.title else ""

    @property
    def description(self) -> str:
        found = self.metas("description")
        return (found[0].get("content") or "").strip() if found else ""


def page_paths(root: Path) -> list[str]:
    """List the site's pages; files that `_static` carries along and moved addresses are none.

    Nor is the page for lost addresses, whose links hold only where the book is published.
    """
    files = [file for file in root.rglob("*.html") if moved_to(file) is None]
    paths = {file.relative_to(root).as_posix() for file in files} - {"404.html"}
    return sorted(path for path in paths if not path.startswith("_static/"))


def moved_to(file: Path) -> Path | None:
    """Return the page that an old address leads to, or None if the file is a page itself."""
    head = file.read_text("utf-8")[:1000]
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', head)
    return (file.parent / found[1]).resolve() if found else None


# ------------------------------------------------------------------ one page, as a browser shows it


def images_without_alternative(images: list[dict]) -> list[str]:
    """Find images that load nothing, or whose alternative text is missing or says nothing."""
    wrong = []
    for image in images:
        alt = image["alt"]
        if image["lost"]:
            wrong.append(f"image that cannot be shown: {image['what']}")
        if image["tag"] == "svg" and image["role"] != "img":
            wrong.append(f"svg that is neither role=img nor aria-hidden: {image['what']}")
        elif alt is None or not alt.strip():
            wrong.append(f"no alternative text: {image['what']}")
        elif FILE_NAME.fullmatch(alt.strip()) or alt.strip() == image["address"]:
            wrong.append(f"a file name as alternative text, {alt!r}: {image['what']}")
        elif alt.strip().lower() in SAYS_NOTHING:
            wrong.append(f"an alternative text that says nothing, {alt!r}: {image['what']}")
    return wrong


def headings_out_of_order(headings: list[tuple[int, str]]) -> list[str]:
    """Find more or fewer than one h1, skipped levels, and empty headings."""
    tops = [text for level, text in headings if level == 1]
    wrong = [] if len(tops) == 1 else [f"{len(tops)} h1 headings, not one: {tops}"]
    previous = 0
    for level, text in headings:
        if not text.strip():
            wrong.append(f"empty h{level}")
        if previous and level > previous + 1:
            wrong.append(f"h{level} follows h{previous}: {text!r}")
        previous = level
    return wrong


# --------------------------------------------------------------------------- one page, as a file


def missing_metadata(page: Page, base: str) -> list[str]:
    """Find what search engines, screen readers and links to it miss in a page's head."""
    wrong = []
    if not page.title:
        wrong.append("no title")
    if not page.description:
        wrong.append("no description")
    if not page.soup.html or not page.soup.html.get("lang"):
        wrong.append("no language: <html lang>")
    canonical = page.links("canonical")
    several = {
        # A figure inside the page may have a title of its own.
        "title": [one for one in page.by_name["title"] if not one.find_parent("svg")],
        "meta[name=description]": page.metas("description"),
        "link[rel=canonical]": canonical,
    }
    wrong += [f"{len(found)} of {what}, not one" for what, found in several.items() if found[1:]]
    address = (canonical[0].get("href") or "").strip() if canonical else ""
    expected = base + page.path
    if address not in {expected, expected.removesuffix("index.html")}:
        wrong.append(f"canonical address {address!r}, not {expected!r}")
    told = {meta.get("property"): meta.get("content") for meta in page.by_name["meta"]}
    for name in ("title", "type", "url", "site_name", "image", "image:alt"):  # Open Graph
        if not told.get(f"og:{name}") or "not set" in told[f"og:{name}"]:
            wrong.append(f"og:{name}: {told.get(f'og:{name}')!r}")
    return wrong


def repeated(pages: list[Page], what: str) -> list[str]:
    """Find titles or descriptions that several pages share."""
    users: dict[str, list[str]] = {}
    for page in pages:
        users.setdefault(getattr(page, what), []).append(page.path)
    return [
        f"{what} {text!r} of several pages: {', '.join(paths)}"
        for text, paths in users.items()
        if text and len(paths) > 1
    ]


# What the publishing workflow puts beside the pages.
BESIDE = {"attention-under-the-hood.pdf", "attention-under-the-hood.epub"}


def broken_links(page: Page, site: dict[str, Page], base: str) -> list[str]:
    """Find addresses inside the site that lead to no file, or to no id in it."""
    wrong = []
    root = page.root.resolve()
    for element, address in _addresses(page):
        own = address.startswith(base)
        parts = urlsplit(address.removeprefix(base) if own else address)
        if parts.scheme or parts.netloc or (own and parts.path in BESIDE):
            continue
        if address.startswith("/"):
            wrong.append(f"address from the host's root, not relative: {element} {address}")
            continue
        folder = "" if own else posixpath.dirname(page.path)
        name = posixpath.join(folder, unquote(parts.path)) if parts.path or own else page.path
        file = (root / name).resolve()
        if not file.is_relative_to(root):
            wrong.append(f"leads out of the site: {element} {address}")
            continue
        if file.is_dir():
            file = file / "index.html"
        if not file.is_file():
            wrong.append(f"no such file: {element} {address}")
            continue
        at = site.get(file.relative_to(root).as_posix())
        if at and parts.fragment not in ("", "top") and unquote(parts.fragment) not in at.ids:
            wrong.append(f"no such id: {element} {address}")
    return sorted(set(wrong))


def foreign_addresses(page: Page) -> list[str]:
    """Find scripts, styles, images, fonts and frames that a page takes from another host."""
    wrong = [
        f"<{element}> from another host: {address}"
        for element, address in _addresses(page, followed=False)
        if re.match(r"(https?:)?//", address)
    ]
    styles = [tag.get_text() for tag in page.by_name["style"]]
    styles += [tag["style"] for tag in page.elements if tag.has_attr("style")]
    return wrong + [line for style in styles for line in foreign_in_style(style)]


def foreign_in_style(text: str) -> list[str]:
    """Find the addresses of other hosts in a style sheet."""
    return [f"style from another host: {address}" for address in IN_STYLE.findall(text)]


def typesetting_errors(page: Page) -> list[str]:
    """Find formulas that KaTeX could not read; it prints them in red, and builds on."""
    return [
        f"formula that cannot be read: {error.get('title', '')} in {error.get_text()[:60]!r}"
        for error in page.elements
        if "katex-error" in (error.get("class") or [])
    ]


def formulas_nobody_reads(html: str) -> list[str]:
    """Return the formulas of a page that a screen reader does not read, or reads twice.

    KaTeX's drawing is hidden from it, and MathML stands beside it, with the LaTeX as its note.
    """
    wrong = []
    for formula in re.split(r'<span class="katex">', html)[1:]:
        words, _, drawn = formula.partition('<span aria-hidden="true" class="katex-html">')
        if not drawn:
            words, _, drawn = formula.partition('<span class="katex-html" aria-hidden="true">')
        if not re.match(
            r'<span class="katex-mathml"><math [^>]*>.*</math></span>$', words, re.DOTALL
        ):
            wrong.append(f"no MathML before a hidden drawing: {formula[:60]}")
        elif not re.search('<annotation encoding="application/x-tex">[^<]', words):
            wrong.append(f"MathML without its LaTeX: {formula[:60]}")
    return wrong


def machine_paths(text: str, repository: Path) -> list[str]:
    """Find paths of the machine that built the site."""
    found = set(MACHINE_PATH.findall(text))
    found |= set(re.findall(re.escape(str(repository)) + r"\b\S*", text))
    return sorted(f"path of the building machine: {path[:100]}" for path in found)


def launch_targets(page: Page) -> list[str]:
    """Return the files that a page's Binder buttons open, as paths in the repository."""
    opened = []
    for link in page.by_name["a"]:
        if "mybinder.org" not in link.get("href", ""):
            continue
        (path,) = parse_qs(urlsplit(link["href"]).query).get("urlpath", [""])
        opened.append(re.sub(r"^/?(lab|notebooks|doc)/(tree/)?", "", path))
    return opened


def executable_sources(repository: Path) -> list[str]:
    """List the book's notebooks: Markdown files whose front matter names a kernel."""
    sources = [
        repository / "index.md",
        *sorted((repository / "book").rglob("*.md")),
        *sorted((repository / "exercises").glob("*.md")),
    ]
    found = []
    for source in sources:
        front = re.match(r"---\n(.*?\n)---\n", source.read_text("utf-8"), re.DOTALL)
        if front and "kernelspec" in (yaml.safe_load(front[1]) or {}):
            found.append(source.relative_to(repository).as_posix())
    return found


def launch_problems(page: Page, repository: Path, source: str | None) -> list[str]:
    """Find Binder buttons that open no file, and an executable page that has none."""
    opened = launch_targets(page)
    wrong = [
        f"the Binder button opens {path!r}, which is no file of the repository"
        for path in opened
        if not path or not (repository / path).is_file()
    ]
    if source and source not in opened:
        wrong.append(f"no Binder button that opens {source}")
    return wrong


def _addresses(page: Page, followed: bool = True):
    """Give each address with the element that has it; `followed` includes what a reader clicks."""
    for name, attribute in CLICKED if followed else []:
        for element in page.by_name[name]:
            if element.has_attr(attribute):
                yield name, element[attribute]
    for link in page.by_name["link"]:
        if link.has_attr("href") and (followed or not NOT_FETCHED & set(link.get("rel") or [])):
            yield "link", link["href"]
    for name, attributes in PARTS.items():
        for element in page.by_name[name]:
            for attribute in attributes:
                value = element.get(attribute) or ""
                parts = value.split(",") if attribute == "srcset" else [value]
                yield from ((name, part.split()[0]) for part in parts if part.split())
