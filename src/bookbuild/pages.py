"""Repair what the stock theme and its extensions get wrong on a page.

Each repair is a function that takes the page's parsed body or its context, and says in one
line what it mends. The site's tests (tests/site) find out if one is no longer enough.
"""

import base64
import re
from html import escape
from io import BytesIO

import numpy as np
from bs4 import BeautifulSoup, Tag
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util import logging

from bookbuild import notebooks

logger = logging.getLogger(__name__)

ASKS_MINILM = "asks-minilm"  # marks, for `assets`, a figure that MiniLM reads for
MINILM = '"reads": {"kind": "minilm"'  # in the data of such a figure
# Thebe would ask another host; one keeps tabs in step, and no page has tabs; a page's name is for a
# choice of versions, which the site has not; `static/copy.js` does what the last two do.
DROPPED = re.compile("thebe|design-tabs|pagename|clipboard|copybutton")
# Names, stops and blanks: they have the color of the page's text, as what no span colors has.
PLAIN_CODE = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')
# The rule that matplotlib writes into each drawing; one in the site's sheets does for all.
SHEET = re.compile(r"<defs>\s*<style[^>]*>\.lesson-figure \*\{[^}]*\}</style>\s*</defs>\s*")
# What matplotlib calls the groups of a drawing, which nothing refers to.
UNUSED_ID = re.compile(r"-(?:image\w+|[\w.]+_\d+)$")
PATH_SPACE = re.compile(r"\s*\n|(?<=[A-Za-z]) ")
PICTURE = re.compile(r"(?<=data:image/png;base64,)[^\"]+")
NAMES = {"table-box": "Table", "lesson-figure": "Figure", "math": "Equation"}
MODULES = {  # in `static/live`, by what needs them
    ".lesson-figure": "enlarge",
    ".tag_predict": "predict",
    "a.reference.internal[href*='#']": "cards",
    ".question": "questions",
    ".progress-table": "progress",
}
CUT_QUOTE = re.compile(r"&\w*(?=\.\.\.\")")
GENERATED = {
    "genindex": "All functions, classes and modules of the book's package, from A to Z",
    "py-modindex": "All modules of the book's package",
    "search": "Search the pages of the book",
    "404": "There is no such page: where to look instead",
}


def code_is_light(body: str) -> str:
    """Leave plain code without spans: they would be up to a third of a page's elements.

    >>> code_is_light('<span class="k">del</span> <span class="n">a</span><span class="p">,</span>')
    '<span class="k">del</span> a,'
    """
    return PLAIN_CODE.sub(r"\1", body)


def drawings_bring_no_sheets(body: str) -> str:
    """Drop each drawing's own sheet: at each the browser would style all drawings anew.

    >>> style = '<style type="text/css">.lesson-figure *{stroke-linejoin: round}</style>'
    >>> drawings_bring_no_sheets(f"<svg><defs>{style}</defs><g></g></svg>")
    '<svg><g></g></svg>'
    """
    return SHEET.sub("", body)


def pictures_are_light(body: str) -> str:
    """Give the pictures within drawings a palette, which takes two thirds of the bytes."""
    return PICTURE.sub(lambda found: _with_palette(found[0]), body)


def _with_palette(written: str) -> str:
    """Return a PNG in base64 with the same colors, or as it was where that is not smaller."""
    picture = np.asarray(Image.open(BytesIO(base64.b64decode(written))).convert("RGBA"))
    colors, places = np.unique(picture.view(np.uint32)[..., 0], return_inverse=True)
    if len(colors) > 256:
        return written
    light = Image.fromarray(places.reshape(picture.shape[:2]).astype(np.uint8), "P")
    light.putpalette(colors.view(np.uint8).tobytes(), "RGBA")
    file = BytesIO()
    light.save(file, "png", optimize=True)
    new = base64.b64encode(file.getvalue()).decode()
    return new if len(new) < len(written) else written


def drawings_hold_what_is_seen(body: BeautifulSoup) -> None:
    """Drop what a drawing does not show: empty frames, names of groups, groups without a name.

    Nor do cells need a group and a clip for each (they end where their map ends), text that stands
    upright a turn, or parts blanks between them.
    """
    for drawing in body.select(".lesson-figure svg"):
        for frame in drawing.select('path[style="fill: none"]'):
            frame.decompose()
        for cell in drawing.select("g[id*='-cell-']:has(> title + path:last-child)"):
            title, path = cell.find_all(True, recursive=False)
            path.insert(0, title)
            del path["clip-path"]
            cell.unwrap()
        for path in drawing.select("path[d]"):
            path["d"] = PATH_SPACE.sub("", str(path["d"]))
        for text in drawing.select("text[transform^='rotate(-0 ']"):
            del text["transform"]
        for blank in drawing.find_all(string=re.compile(r"^\s+$")):
            if blank.parent and blank.parent.name not in ("text", "tspan", "title"):
                blank.extract()
        for part in drawing.find_all(["g", "image"]):
            if UNUSED_ID.search(str(part.get("id", ""))):
                del part["id"]
            if part.name == "g" and not part.attrs:
                part.unwrap()


def scroll_wide_content(body: BeautifulSoup) -> None:
    """Let wide tables, figures and equations scroll, also by keyboard, instead of the page."""
    for table in body.select("table"):
        table.wrap(body.new_tag("div", attrs={"class": "table-box"}))
    # Readers of a screen reader jump from region to region, so each has a name of its own.
    for kind in NAMES:
        for number, box in enumerate(body.select(f"div.{kind}"), start=1):
            label = f"{NAMES[kind]} {number} of this page"
            heading = box.find_previous(["h1", "h2", "h3", "h4"]) if kind == "table-box" else None
            if heading is not None:  # a table has no caption; its section says what it is about
                label += f": {_letters(heading).removesuffix('#').strip()}"
            box.attrs.update(tabindex="0", role="region", **{"aria-label": label})
    for code in body.select("div.highlight > pre"):
        code["tabindex"] = "0"


def sections_tell_their_letters(body: BeautifulSoup) -> None:
    """Let the sheet guess how high a section will be, which a narrow page lays out late.

    >>> body = BeautifulSoup("<section><section><p>Four</p></section></section>", "html.parser")
    >>> sections_tell_their_letters(body)
    >>> print(body)
    <section><section style="--letters: 4"><p>Four</p></section></section>
    """
    for section in body.select("section > section"):
        section["style"] = f"--letters: {len(section.get_text())}"


def thebe_is_gone(body: BeautifulSoup) -> None:
    """Drop what Thebe would have read: its own script is dropped, too (`scripts_wait`)."""
    for script in body.select("script:not([src])"):
        if "thebe" in str(script.get("type")) or script.get_text().startswith("kernelName"):
            script.decompose()


def empty_headers_are_cells(body: BeautifulSoup) -> None:
    """Make an empty corner a cell, for it heads nothing; what stands below it heads rows."""
    for header in body.select("th"):
        if not header.get_text(strip=True):
            header.name = "td"
    for corner in body.select("thead > tr:last-child > td:first-child"):
        table = corner.find_parent("table")
        for cell in table.select("tbody > tr > td:first-child") if table else ():
            if cell.get_text(strip=True):
                cell.name, cell["scope"] = "th", "row"


# What fits beside each other on a phone, in letters; a text longer than WORDS breaks its lines.
ROOM, WORDS = 44, 16


def wordy_tables_become_cards(body: BeautifulSoup) -> None:
    """Let a phone show each row of a table of words as a card, with its heads beside the cells.

    `house.css` does so; to a screen reader it stays a table. Tables of numbers stay, for they are
    compared from row to row.
    """
    for table in body.select("table:has(> thead)"):
        heads = table.select("thead > tr:last-child > *")
        rows = [row.find_all(["th", "td"], recursive=False) for row in table.select("tbody > tr")]
        if len(heads) < 3 or not rows or any(len(row) != len(heads) for row in rows):
            continue
        columns = [[_letters(row[n]) for row in rows] for n in range(len(heads))]
        widest = [max(map(len, column)) for column in columns]
        worded = any(len(text) > WORDS and " " in text for column in columns for text in column)
        if not worded or sum(min(width, WORDS) + 2 for width in widest) <= ROOM:
            continue
        table["class"] = " ".join([*table.get_attribute_list("class"), "cards"]).strip()
        for cells in rows:
            for head, cell in zip(heads, cells, strict=True):
                cell["data-label"] = _letters(head)
                if [getattr(child, "name", None) for child in cell.contents] != ["p"]:
                    words = body.new_tag("div")
                    words.extend([*cell.contents])
                    cell.append(words)


def _letters(cell: Tag) -> str:
    """Return a cell's text as it is seen."""
    texts = [text for text in cell.strings if text.find_parent(class_="katex-mathml") is None]
    return " ".join("".join(texts).split())


def citations_are_list_items(body: BeautifulSoup) -> None:
    """Give citations a role that is not deprecated, as doc-biblioentry is."""
    for entry in body.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"
    for entries in body.select("div.citation-list"):
        entries["role"] = "list"


def ids_are_unique(body: BeautifulSoup) -> None:
    """Keep an id where it stands first: each docstring counts its citations anew."""
    seen = set()
    for element in body.select("[id]"):
        if element["id"] in seen:
            del element["id"]
        else:
            seen.add(element["id"])


def signatures_are_light(body: BeautifulSoup) -> None:
    """Drop spans that a signature's look does not need: they are a quarter of a page's elements."""
    for signature in body.select("dt.sig"):
        for span in signature.find_all("span", class_=["pre", "w"]):
            span.unwrap()


def visible_text_names_summaries(body: BeautifulSoup) -> None:
    """Drop a summary's label, which differs from the text it shows."""
    for summary in body.select("summary[aria-label]"):
        del summary["aria-label"]


def summaries_hold_phrases(body: BeautifulSoup) -> None:
    """Make the paragraphs of a folded cell's summary spans: a summary may hold no paragraph."""
    for line in body.select("summary > p"):
        line.name = "span"


def own_links_are_relative(body: BeautifulSoup, app: Sphinx, pagename: str) -> None:
    """Lead links to the published book, as notebooks need them, to the page beside this one."""
    address = app.config.html_baseurl
    for link in body.select(f'a[href^="{address}"]'):
        page, _, anchor = str(link["href"]).removeprefix(address).partition("#")
        if page and not page.endswith(".html"):
            continue  # a file that is published beside the pages
        target = app.builder.get_relative_uri(pagename, page.removesuffix(".html"))
        link["href"] = f"{target}#{anchor}" if anchor else target
        link["class"] = "reference internal"


def load_module(body: BeautifulSoup, context: dict, name: str) -> None:
    """Let a page load one of the modules in `static/live`."""
    address = context["pathto"](f"_static/live/{name}.js", 1)
    body.append(body.new_tag("script", attrs={"type": "module", "src": address}))


def live_figures_start(body: BeautifulSoup, context: dict) -> None:
    """Load a live figure's script, on the pages that have one."""
    for figure in body.select(f"[data-figure*='{MINILM}']"):
        figure["class"] = " ".join([*figure.get_attribute_list("class"), ASKS_MINILM])
    for name in sorted({figure["data-live"] for figure in body.select("[data-live]")}):
        load_module(body, context, str(name))


def scripts_come_where_they_are_needed(body: BeautifulSoup, context: dict) -> None:
    """Load what makes a page answer, on the pages that have something to answer."""
    for selector, name in MODULES.items():
        # Searching a large page takes long; most have not even the words that a selector names.
        words = re.findall(r"[\w-]+", selector)
        if all(word in context["body"] for word in words) and body.select_one(selector):
            load_module(body, context, name)


def scripts_wait(context: dict) -> None:
    """Let scripts wait until the page is shown, and drop what no page needs."""
    scripts = [script for script in context["script_files"] if not DROPPED.search(_told(script))]
    unique = {_told(script): script for script in scripts}
    for script in unique.values():
        if script.filename:
            script.attributes["defer"] = "defer"
    context["script_files"] = list(unique.values())


def always_described(context: dict, pagename: str, app: Sphinx) -> None:
    """Describe generated pages (indices, sources, search), which nobody else does."""
    if pagename.startswith("_modules/"):
        context["title"] = f"Source of {context.get('title') or 'the package'}"
    # Descriptions are cut to a length after their quotes are written so: `&quot...` is none.
    metas = CUT_QUOTE.sub("", context.get("metatags", ""))
    title = re.sub(r"<[^>]+>", "", GENERATED.get(pagename) or context["title"])
    book = app.config.html_title
    if 'name="description"' not in metas:
        metas += _meta("name", "description", f"{title}. A page of the book {book}.")
    if 'property="og:title"' not in metas:
        address = f"{app.config.html_baseurl}{app.builder.get_target_uri(pagename)}"
        told = {"title": title, "type": "website", "url": address, "site_name": book}
        metas += "".join(_meta("property", f"og:{name}", text) for name, text in told.items())
    context["metatags"] = metas


def _meta(kind: str, name: str, content: str) -> str:
    return f'\n<meta {kind}="{name}" content="{escape(content, quote=True)}" />'


def listing(body: str) -> str:
    """Let a listing scroll by keyboard; mark its parts by spans, for no division fits into code.

    >>> listing('<pre><div class="viewcode-block" id="f">f()</div></pre>')
    '<pre tabindex="0"><span class="viewcode-block" id="f">f()</span></pre>'
    """
    return re.sub("<pre>(.*)</pre>", _code, body, flags=re.DOTALL)


def _code(found: re.Match[str]) -> str:
    code = found[1].replace("<div", "<span").replace("</div>", "</span>")
    return f'<pre tabindex="0">{code}</pre>'


# By a word without which there is nothing to mend, for searching a large page takes long.
MENDS = {
    "lesson-figure": drawings_hold_what_is_seen,
    "<th": empty_headers_are_cells,
    "<thead": wordy_tables_become_cards,
    "<": scroll_wide_content,
    "<section": sections_tell_their_letters,
    "doc-biblioentry": citations_are_list_items,
    "sig-object": signatures_are_light,
    "<summary": visible_text_names_summaries,
    "collapsed admonition-title": summaries_hold_phrases,
    "thebe": thebe_is_gone,
    'id="id1"': ids_are_unique,
}


def repair(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    scripts_wait(context)
    always_described(context, pagename, app)
    if "body" not in context:
        return
    for lighten in (code_is_light, drawings_bring_no_sheets, pictures_are_light):
        context["body"] = lighten(context["body"])
    if pagename.startswith("_modules/"):
        # Nothing else can be wrong with a listing, and parsing hundreds of them takes long.
        context["body"] = listing(context["body"])
        return
    body = BeautifulSoup(context["body"], "html.parser")
    if "katex-error" in context["body"]:
        for broken in body.select(".katex-error"):
            logger.warning("%s: a formula cannot be read: %s", pagename, broken.get("title"))
    for word, mend in MENDS.items():
        if word in context["body"]:
            mend(body)
    own_links_are_relative(body, app, pagename)
    notebooks.write(app, pagename, context, body)
    live_figures_start(body, context)
    scripts_come_where_they_are_needed(body, context)
    context["body"] = str(body)


def _told(script) -> str:
    return f"{script.filename or ''}{script.attributes.get('body', '')}"


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", repair, priority=900)
