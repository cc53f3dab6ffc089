"""Each repair mends a small broken page, and leaves what is right as it is."""

import re
from base64 import b64decode, b64encode
from io import BytesIO
from random import Random
from types import SimpleNamespace

import pytest
import torch
from bs4 import BeautifulSoup
from PIL import Image

from bookbuild import pages
from lessons import plots

BASE = "https://example.org/book/"


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


TABLE = "<table><tr><th>a</th></tr></table>"
CODE = '<div class="highlight"><pre>1 + 1</pre></div>'


def region(kind: str, label: str, content: str) -> str:
    return (
        f'<div aria-label="{label} of this page" class="{kind}" role="region" '
        f'tabindex="0">{content}</div>'
    )


def table(*rows: str, head="abc") -> str:
    heads = "".join(f"<th>{letter}</th>" for letter in head)
    cells = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split("|")) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"


def test_a_table_is_described_by_its_section():
    heading = '<h2>What it <em>costs</em><a class="headerlink" href="#x">#</a></h2>'
    page = parsed(f"{heading}{TABLE}")
    pages.scroll_wide_content(page)
    assert page.div["aria-label"] == "Table 1 of this page: What it costs"


WORDS = "a text of many words"


def test_a_table_of_words_becomes_cards():
    page = parsed(table(f"<p>the first</p>|{WORDS}|<em>{WORDS}</em>"))
    pages.wordy_tables_become_cards(page)
    assert page.table["class"] == "cards"
    assert [cell["data-label"] for cell in page.select("td")] == ["a", "b", "c"]
    # Each cell holds one element, beside which its column's head can stand.
    assert [[child.name for child in cell.contents] for cell in page.select("td")] == [
        ["p"],
        ["div"],
        ["div"],
    ]
    assert page.select("td")[2].get_text() == WORDS


@pytest.mark.parametrize(
    "stays",
    [
        table("1|2|3", "4|5|6"),
        table("x|" + WORDS, head="ab"),
        table("x|y|" + WORDS),
        table(f"x|{WORDS}"),
        table(f"x|{'1' * 20}|{'2' * 20}"),
        "<table><tr><td>" + WORDS + "</td></tr></table>",
    ],
)
def test_numbers_and_what_fits_stay_tables(stays):
    page = parsed(stays)
    pages.wordy_tables_become_cards(page)
    assert str(page) == stays


@pytest.mark.parametrize(
    ("mend", "before", "after"),
    [
        (pages.scroll_wide_content, TABLE, region("table-box", "Table 1", TABLE)),
        (
            pages.scroll_wide_content,
            TABLE * 2,
            region("table-box", "Table 1", TABLE) + region("table-box", "Table 2", TABLE),
        ),
        (
            pages.scroll_wide_content,
            '<div class="math notranslate">x</div><div class="lesson-figure">y</div>',
            region("math notranslate", "Equation 1", "x")
            + region("lesson-figure", "Figure 1", "y"),
        ),
        (
            pages.scroll_wide_content,
            CODE,
            CODE.replace("<pre>", '<pre tabindex="0">'),
        ),
        (
            pages.empty_headers_are_cells,
            "<table><tr><th> </th><th>b</th></tr></table>",
            "<table><tr><td> </td><th>b</th></tr></table>",
        ),
        (
            pages.empty_headers_are_cells,
            "<table><thead><tr><th></th><th>b</th></tr></thead>"
            "<tbody><tr><td>c</td><td>d</td></tr><tr><td></td><td>e</td></tr></tbody></table>",
            "<table><thead><tr><td></td><th>b</th></tr></thead>"
            '<tbody><tr><th scope="row">c</th><td>d</td></tr><tr><td></td><td>e</td></tr></tbody>'
            "</table>",
        ),
        (
            pages.empty_headers_are_cells,
            "<table><thead><tr><th>a</th><th></th></tr></thead>"
            "<tbody><tr><td>c</td><td>d</td></tr></tbody></table>",
            "<table><thead><tr><th>a</th><td></td></tr></thead>"
            "<tbody><tr><td>c</td><td>d</td></tr></tbody></table>",
        ),
        (
            pages.citations_are_list_items,
            '<div class="citation-list"><div role="doc-biblioentry">A</div></div>',
            '<div class="citation-list" role="list"><div role="listitem">A</div></div>',
        ),
        (
            pages.visible_text_names_summaries,
            '<summary aria-label="Toggle">Show code</summary>',
            "<summary>Show code</summary>",
        ),
        (
            pages.signatures_are_light,
            '<dl><dt class="sig py"><em class="property"><span class="pre">class</span>'
            '<span class="w"> </span></em><span class="n"><span class="pre">A</span></span></dt>'
            '<dd><span class="pre">b</span></dd></dl>',
            '<dl><dt class="sig py"><em class="property">class </em><span class="n">A</span></dt>'
            '<dd><span class="pre">b</span></dd></dl>',
        ),
    ],
)
def test_a_broken_body_is_mended(mend, before, after):
    body = parsed(before)
    mend(body)
    assert parsed(str(body)) == parsed(after)


@pytest.mark.parametrize(
    "mend",
    [
        pages.scroll_wide_content,
        pages.empty_headers_are_cells,
        pages.citations_are_list_items,
        pages.visible_text_names_summaries,
        pages.signatures_are_light,
    ],
)
def test_a_body_without_the_fault_stays(mend):
    html = (
        '<p role="note" aria-label="a">b</p><pre>c</pre><th>d</th><div class="mathematics">e</div>'
        "<summary>f</summary><div>g</div>"
    )
    body = parsed(html)
    mend(body)
    assert str(body) == str(parsed(html))


@pytest.mark.parametrize(
    "mend",
    [
        pages.empty_headers_are_cells,
        pages.citations_are_list_items,
        pages.visible_text_names_summaries,
    ],
)
def test_mending_twice_is_mending_once(mend):
    body = parsed(
        '<table><tr><th></th><th>b</th></tr></table><summary aria-label="x">y</summary>'
        '<div class="citation-list"><div role="doc-biblioentry">A</div></div>'
    )
    mend(body)
    once = str(body)
    mend(body)
    assert str(body) == once


DRAWINGS = {
    "map": plots.attention_map(torch.eye(2), ["a", "b"]),
    "lines": plots.lines([1, 2, 4], {"one": [1, 2, 3], "two": [3, 1, 2]}, x_label="x", y_label="y"),
}


def alike(body) -> list[str]:
    """Return what a reader sees of a drawing, without blanks, and without turns by nothing."""
    found = [str(one) for one in body.select("text, use, title, clippath")]
    return [re.sub(r"\s*\n\s*| transform=\"rotate\(-0 [^\"]*\"", "", one) for one in found]


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_a_drawing_holds_what_is_seen(drawing):
    body = parsed(f'<div class="lesson-figure">{drawing.svg}</div>')
    seen = body.select("text, use, title, clippath, image, path:not([style='fill: none'])")
    before = alike(body)
    parts, all_ids = len(body.find_all(True)), {str(one["id"]) for one in body.select("[id]")}
    pages.drawings_hold_what_is_seen(body)
    assert [one for one in seen if one.find_parent("svg") is None] == []
    assert alike(body) == before
    assert 'transform="rotate(-90 ' in str(body)
    assert len(body.find_all(True)) < 0.75 * parts
    left = {str(one["id"]) for one in body.select("[id]")}
    assert left < all_ids
    asked = set(re.findall(r'(?:url\(|href=")#([^")]+)', str(body)))
    assert asked <= left
    assert bool(asked) == (drawing is DRAWINGS["lines"])


def test_a_cell_of_a_map_is_one_shape_that_tells_its_weight():
    body = parsed(f'<div class="lesson-figure">{DRAWINGS["map"].svg}</div>')
    pages.drawings_hold_what_is_seen(body)
    cells = body.select("path:has(> title:first-child:last-child)")
    told = [str(one.string) for one in body.select("title")]
    assert told == ["a → a: 1.00", "a → b: 0.00", "b → a: 0.00", "b → b: 1.00"]
    assert [str(cell.string) for cell in cells] == told
    assert cells[0]["d"] == "M45.81 3.00L79.2 3.00L79.2 36.38L45.81 36.38z"
    assert not any(cell.get("clip-path") for cell in cells)


def app_of(format_uri=lambda page: f"{page}.html") -> SimpleNamespace:
    """Return what the repairs need of a Sphinx application."""

    def relative(start: str, target: str) -> str:
        up = "../" * start.count("/")
        return up + format_uri(target)

    return SimpleNamespace(
        config=SimpleNamespace(html_baseurl=BASE, html_title="The Book"),
        builder=SimpleNamespace(get_relative_uri=relative, get_target_uri=format_uri),
    )


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        (f"{BASE}book/reference/api/show.html#lessons.show", "../api/show.html#lessons.show"),
        (f"{BASE}book/a.html", "../a.html"),
        ("https://example.org/other", None),
        ("#here", None),
    ],
)
def test_links_to_the_published_book_lead_to_the_page_beside(link, becomes):
    body = parsed(f'<a class="reference external" href="{link}">t</a>')
    app = app_of(lambda page: f"{page}.html".removeprefix("book/").removeprefix("reference/"))
    pages.own_links_are_relative(body, app, "topic/chapter")
    assert body.a["href"] == (becomes or link)
    [link] = parsed(str(body)).select("a")
    assert link["class"] == ["reference", "internal" if becomes else "external"]


def pathto(address: str, resource: int) -> str:
    return f"../{address}"


def test_each_script_of_live_figures_starts_once():
    body = parsed('<div data-live="b"></div><div data-live="a"></div><div data-live="b"></div>')
    pages.live_figures_start(body, {"pathto": pathto})
    assert [(script["type"], script["src"]) for script in body.select("script")] == [
        ("module", "../_static/live/a.js"),
        ("module", "../_static/live/b.js"),
    ]


def test_a_page_without_live_figures_gets_no_script():
    body = parsed("<p>a</p>")
    pages.live_figures_start(body, {"pathto": pathto})
    assert str(body) == "<p>a</p>"


@pytest.mark.parametrize(
    ("html", "scripts"),
    [
        ('<div class="admonition question"></div>' * 2, ["questions"]),
        ('<table class="table progress-table"></table>', ["progress"]),
        ('<p class="questions">a</p>', []),
        ('<div class="lesson-figure"></div>', ["enlarge"]),
    ],
)
def test_questions_and_progress_get_their_scripts(html, scripts):
    body = parsed(html)
    pages.scripts_come_where_they_are_needed(body, {"pathto": pathto, "body": html})
    found = [script["src"] for script in body.select("script[type=module]")]
    assert found == [f"../_static/live/{name}.js" for name in scripts]


def script(filename: str | None, **attributes: str) -> SimpleNamespace:
    return SimpleNamespace(filename=filename, attributes=attributes)


def test_scripts_wait_and_what_no_page_needs_is_dropped():
    context = {
        "script_files": [
            script("_static/documentation_options.js?v=1"),
            script("_static/doctools.js"),
            script("_static/doctools.js"),
            script("_static/sphinx-thebe.js"),
            script("_static/design-tabs.js?v=2"),
            script(None, body="thebe = {}"),
            script(None, body="DOCUMENTATION_OPTIONS.pagename = 'page'"),
            script(None, body="let here = 1"),
        ]
    }
    for _ in range(2):
        pages.scripts_wait(context)
        left = [(one.filename, one.attributes) for one in context["script_files"]]
        assert left == [
            ("_static/documentation_options.js?v=1", {"defer": "defer"}),
            ("_static/doctools.js", {"defer": "defer"}),
            (None, {"body": "let here = 1"}),
        ]


@pytest.mark.parametrize(
    ("page", "title", "description"),
    [
        ("chapter", 'Keys <em>&</em> "values"', "Keys & &quot;values&quot;."),
        ("search", "Search", "Search the pages of the book."),
        ("genindex", None, "All functions, classes and modules of the book's package"),
        ("_modules/lessons/show", "lessons.show", "Source of lessons.show."),
        ("_modules/index", None, "Source of the package."),
    ],
)
def test_a_page_without_description_gets_one(page, title, description):
    context = {"title": title} if title else {}
    for _ in range(2):
        pages.always_described(context, page, app_of())
        [content] = re.findall(r'<meta name="description" content="([^"]*)"', context["metatags"])
        [address] = re.findall(r'<meta property="og:url" content="([^"]*)"', context["metatags"])
        assert address == f"{BASE}{page}.html"
    told = content.replace("&amp;", "&").replace("&#x27;", "'")
    assert told.startswith(description)
    assert told.endswith("A page of the book The Book.")


def test_a_description_stays():
    mine = '<meta name="description" content="mine" /><meta property="og:title" content="mine" />'
    context = {"title": "T", "metatags": mine}
    pages.always_described(context, "chapter", app_of())
    assert context["metatags"] == mine


def test_a_quote_that_was_cut_is_none():
    whole = (
        '<meta name="description" content="a &quot;b&quot; and..." /><meta property="og:title" />'
    )
    for cut in ("&quot...", "&amp...", "&..."):
        context = {"title": "T", "metatags": whole.replace("and...", f"and {cut}")}
        pages.always_described(context, "chapter", app_of())
        assert whole.replace("and...", "and ...") in context["metatags"]


def test_repair_makes_all_repairs():
    context = {
        "title": "T",
        "pathto": pathto,
        "script_files": [script("_static/doctools.js")],
        "body": (
            f'{TABLE.replace("<th>a", "<th>")}{CODE}<div role="doc-biblioentry">A</div>'
            f'<summary aria-label="x">y</summary><a href="{BASE}other.html">z</a>'
            '<div class="lesson-figure" data-live="soft-lookup">w</div>'
        ),
    }
    pages.repair(app_of(), "chapter", "page.html", context, None)
    body = parsed(context["body"])
    assert body.td and not body.th
    assert body.select("div.table-box > table")
    assert body.pre["tabindex"] == "0"
    assert body.select("[role=listitem]")
    assert not body.summary.attrs
    assert body.a["href"] == "other.html"
    assert body.select('script[src="../_static/live/soft-lookup.js"]')
    assert 'name="description"' in context["metatags"]
    assert context["script_files"][0].attributes == {"defer": "defer"}


def test_a_listing_can_be_scrolled_by_keyboard():
    context = {"title": "T", "script_files": [], "body": f"<h1>lessons.show</h1>{CODE}"}
    pages.repair(app_of(), "_modules/lessons/show", "page.html", context, None)
    assert context["body"].startswith('<h1>lessons.show</h1><div class="highlight"><pre tabindex=')


@pytest.mark.parametrize("page", ["topic/chapter", "_modules/lessons/show"])
def test_plain_code_has_no_spans(page):
    code = '<pre><span class="k">del</span> <span class="n">a</span></pre>'
    context = {"title": "T", "pathto": pathto, "script_files": [], "body": code}
    pages.repair(app_of(), page, "page.html", context, None)
    assert '<span class="k">del</span> a</pre>' in context["body"]


def picture(colors: int, opacity: int = 255) -> str:
    """Return a drawing with a picture of so many colors."""
    palette = [(i % 256, i // 256, 7, opacity) for i in range(colors)]
    made, file = Image.new("RGBA", (32, 32)), BytesIO()
    made.putdata(Random(0).choices(palette, k=32 * 32))
    made.save(file, "png")
    return f'<image href="data:image/png;base64,{b64encode(file.getvalue()).decode()}"/>'


def pixels_of(drawing: str) -> bytes:
    data = b64decode(drawing.split("base64,")[1].split('"')[0])
    return Image.open(BytesIO(data)).convert("RGBA").tobytes()


@pytest.mark.parametrize("before", [picture(64), picture(64, opacity=9)])
def test_a_picture_in_a_drawing_gets_lighter_and_looks_the_same(before):
    after = pages.pictures_are_light(before)
    assert len(after) < len(before)
    assert pixels_of(after) == pixels_of(before)


def test_a_picture_that_a_palette_would_change_stays():
    before = picture(257)
    assert pages.pictures_are_light(before) == before


def test_a_page_without_body_is_described():
    context = {"title": "T", "script_files": []}
    pages.repair(app_of(), "search", "search.html", context, None)
    assert 'name="description"' in context["metatags"]
    assert "body" not in context


def test_a_formula_that_cannot_be_read_is_told(monkeypatch):
    told = []
    logger = SimpleNamespace(warning=lambda message, *values: told.append(message % values))
    monkeypatch.setattr(pages, "logger", logger)
    for body in ("<span>x</span>", '<span class="katex-error" title="no such \\x">x</span>'):
        context = {"title": "T", "pathto": pathto, "script_files": [], "body": body}
        pages.repair(app_of(), "topic/chapter", "page.html", context, None)
    [message] = told
    assert message.startswith("topic/chapter: ")
    assert message.endswith(": no such \\x")
