"""Each check finds what is wrong with a page that is wrong, and nothing on one that is right."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from support import visit
from support.browser import find_chromium
from support.checks import (
    Page,
    broken_links,
    executable_sources,
    foreign_addresses,
    foreign_in_style,
    formulas_nobody_reads,
    headings_out_of_order,
    images_without_alternative,
    launch_problems,
    machine_paths,
    missing_metadata,
    page_paths,
    repeated,
    typesetting_errors,
)

BASE = "https://book.example/"
HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<meta name="description" content="A page."><link rel="canonical" href="https://book.example/a.html">
<meta property="og:title" content="A page"><meta property="og:type" content="website">
<meta property="og:url" content="https://book.example/a.html">
<meta property="og:site_name" content="The Book">
<meta property="og:image" content="https://book.example/a.png">
<meta property="og:image:alt" content="A page"></head><body><main>"""
PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
GOOD = f"""{HEAD}<h1 id="top">Title</h1><h2>Part</h2><p>Text, and <a href="#top">a link</a>.</p>
<img src="{PICTURE}" alt="A square that is empty" width="50">
<div style="overflow-x: auto" tabindex="0" role="region" aria-label="Wide">
  <div style="width: 3000px">wide, but it scrolls</div></div>
<button aria-label="Copy"><svg width="20" height="20"></svg></button></main></body></html>"""


# What the browser lays out when somebody comes near, which nobody does.
FAR = """<div style="height: 9000px"></div>
<section style="content-visibility: auto; contain-intrinsic-height: 500px">{}</section>"""


@pytest.fixture
def written(tmp_path):
    def write(body: str, name: str = "a.html") -> Page:
        (tmp_path / name).write_text(body if "<html" in body else HEAD + body, "utf-8")
        return Page(tmp_path, name)

    return write


@pytest.fixture
def shown(chrome, tmp_path, written):
    """Look at a page in a browser."""

    def show(body: str, view: str = "light") -> visit.Look:
        written(body)
        context = visit.open_view(chrome, view)
        with visit.serve(tmp_path) as origin:
            seen = visit.look(context, origin, "a.html", view)
        context.close()
        return seen

    return show


@pytest.mark.parametrize("view", visit.VISITS)
def test_a_good_page_has_no_problem(shown, written, view):
    seen = shown(GOOD, view)
    assert (seen.foreign, seen.errors, seen.violations, seen.overflow) == ([], [], [], [])
    assert images_without_alternative(seen.images) == []
    assert headings_out_of_order(seen.headings) == []
    page = written(GOOD)
    assert broken_links(page, {"a.html": page}, BASE) == []
    assert missing_metadata(page, BASE) == []
    assert foreign_addresses(page) == []


# -------------------------------------------------------------------------- in the browser


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<img src="//cdn.example/a.png" alt="A cat">',
        "<script>fetch('https://cdn.example/data.json').catch(() => null)</script>",
        "<style>p { background: url(https://cdn.example/a.png) }</style><p>Text</p>",
        "<script>fetch('http://192.0.2.1/').catch(() => null)</script>",
    ],
)
def test_requests_to_other_hosts_are_seen(shown, body):
    foreign = shown(body).foreign
    assert foreign
    assert "cdn.example" in foreign[0] or "192.0.2.1" in foreign[0]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<script>missing()</script>", "missing is not defined"),
        ("<script>console.error('no luck')</script>", "no luck"),
        ("<script>Promise.reject(new Error('late'))</script>", "late"),
        ('<script src="gone.js"></script>', "status 404"),
    ],
)
def test_script_errors_are_seen(shown, body, told):
    assert told in "\n".join(shown(body).errors)


@pytest.mark.parametrize(
    ("view", "body", "rule"),
    [
        ("light", '<img src="data:,">', "image-alt"),
        ("light", '<p style="color: #aaa">Text</p>', "color-contrast"),
        (
            "light",
            '<pre><span>one</span> <span style="color: #bbb">pale</span></pre>',
            "color-contrast",
        ),
        (
            "light",
            '<pre><i>one</i> <span>two</span> <span>three</span> <span style="color: #bbb">pale'
            "</span></pre><p>Text</p><p>More</p>",
            "color-contrast",
        ),
        ("light", '<p>Text</p><div style="opacity: 0.3"><p>Text</p></div>', "color-contrast"),
        ("phone", '<p>Text</p><p style="background: #555"><b>Text</b></p>', "color-contrast"),
        ("phone", FAR.format('<p>Text</p><p style="color: #aaa">Text</p>'), "color-contrast"),
        ("phone", FAR.format('<img src="data:,">'), "image-alt"),
        ("light", '<label>A <input style="color: #ccc" value="text"></label>', "color-contrast"),
        (
            "light",
            '<p>Words and <a href="a.html" style="color: #333; text-decoration: none">more</a></p>',
            "link-in-text-block",
        ),
        (
            "desktop",
            "<style>@media (prefers-color-scheme: dark) { body { background: #333 } }</style>Text",
            "color-contrast",
        ),
        ("light", "<h1>Title</h1><h3>Skipped</h3>", "heading-order"),
        ("light", "</main><p>Outside</p>", "region"),
        (
            "phone",
            '<button style="width: 9px; height: 9px; padding: 0" aria-label="A"></button>'
            '<button style="width: 9px; height: 9px; padding: 0" aria-label="B"></button>',
            "target-size",
        ),
        ("light", "<details><summary></summary>Text</details>", "summary-name"),
    ],
)
def test_axe_finds_violations(shown, view, body, rule):
    assert rule in [violation.split()[0] for violation in shown(body, view).violations]


ODD_IN = """<script>document.documentElement.dataset.theme = localStorage.theme</script>
<style>[data-theme={}] .odd {{ width: 1600px }}</style><div class="odd">"""
# A page that has the theme that its reader chose.
TOGGLED = HEAD.replace(
    "<main>", "<script>document.documentElement.dataset.theme = localStorage.theme</script><main>"
)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("{ color: #bbb }", '<p>Text</p><p class="odd">Pale</p>'),
        # Alike in the other theme, where one of the two stands for both.
        ("{ color: #bbb }", '<pre><span>one</span> <span class="odd">pale</span></pre>'),
        # It fades in longer than a visit takes.
        ("{ color: #bbb; transition: color 60s }", '<p>Text</p><p class="odd">Pale</p>'),
    ],
)
def test_pale_words_are_found_in_the_theme_that_has_them(shown, theme, rule, text):
    page = f"{TOGGLED}<style>[data-theme={theme}] .odd {rule}</style><h1>Title</h1>{text}"
    [found] = shown(f"{page}</main></body></html>", "desktop").violations
    assert found.startswith("color-contrast")
    assert found.endswith(" (in dark)") == (theme == "dark")


@pytest.mark.parametrize(
    ("view", "body", "told"),
    [
        ("phone", '<div style="width: 500px">wide</div>', "div"),
        ("desktop", '<div style="width: 1600px">wide</div>', "div"),
        ("desktop", f"{ODD_IN.format('dark')}wide</div>", "div"),
        ("desktop", f"{ODD_IN.format('light')}wide</div>", "div"),
        ("phone", "<h1>A" + "very" * 30 + "longword</h1>", "h1"),
        ("phone", '<p style="margin-left: -40px">begins too early</p>', "left of the page"),
        (
            "phone",
            '<article><div style="overflow: auto"><p style="width: 600px">x</p></div></article>',
            "a text of 600 px, wider than the screen: p",
        ),
        (
            "phone",
            '<div style="overflow: hidden"><table style="width: 600px"><td>x</table></div>',
            "cannot be reached",
        ),
        (
            "phone",
            FAR.format('<div style="width: 500px">wide</div>'),
            "wider than its 390: div",
        ),
    ],
)
def test_overflow_is_seen(shown, view, body, told):
    assert told in "\n".join(shown(body, view).overflow)


FORMULA = (
    '<span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML">'
    '<semantics><mi>x</mi><annotation encoding="application/x-tex">x</annotation></semantics>'
    '</math></span><span aria-hidden="true" class="katex-html">x</span></span>'
)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("katex-mathml", "katex-other", "no MathML"),
        (' aria-hidden="true"', "", "no MathML before a hidden drawing"),
        (">x</annotation>", "></annotation>", "without its LaTeX"),
    ],
)
def test_formulas_that_nobody_reads_are_seen(right, wrong, told):
    assert formulas_nobody_reads(FORMULA * 2) == []
    assert right in FORMULA
    [found] = formulas_nobody_reads(FORMULA + FORMULA.replace(right, wrong))
    assert told in found


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (f'<img src="{PICTURE}">', "no alternative"),
        (f'<img src="{PICTURE}" alt="  " width="9" height="9">', "no alternative"),
        (f'<img src="{PICTURE}" alt="_images/3f2a9.png">', "file name"),
        (f'<img src="{PICTURE}" alt="Figure">', "says nothing"),
        ('<img src="gone.png" alt="A cat">', "cannot be shown"),
        ('<svg role="img" width="9" height="9"></svg>', "no alternative"),
        ('<svg width="9" height="9"></svg>', "neither"),
    ],
)
def test_images_without_alternative_are_seen(shown, body, told):
    assert told in "\n".join(images_without_alternative(shown(body).images))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<h2>No title</h2>", "0 h1"),
        ("<h1>One</h1><h1>Two</h1>", "2 h1"),
        ("<h1>Title</h1><h3>Deep</h3>", "h3 follows h1"),
        ("<h1>Title</h1><h2> </h2>", "empty h2"),
    ],
)
def test_headings_out_of_order_are_seen(shown, body, told):
    assert told in "\n".join(headings_out_of_order(shown(body).headings))


def test_what_is_hidden_is_no_heading(shown):
    body = '<h1>Title</h1><h1 style="display: none">Print</h1><h1 hidden>Other</h1>'
    assert headings_out_of_order(shown(body).headings) == []


def test_a_theme_chosen_is_set_before_the_page_runs(chrome, tmp_path, written):
    written("<script>document.title = localStorage.mode + localStorage.theme</script>")
    context = visit.open_view(chrome, "dark")
    page = context.new_page()
    with visit.serve(tmp_path) as origin:
        page.goto(f"{origin}/a.html")
        expect(page).to_have_title("darkdark")
    context.close()


# ------------------------------------------------------------------------------- in the files


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ('<a href="gone.html">x</a>', "no such file"),
        ('<a href="b.html#gone">x</a>', "no such id"),
        ('<a href="#gone">x</a>', "no such id"),
        ('<a href="https://book.example/gone.html">x</a>', "no such file"),
        ('<a href="/b.html">x</a>', "not relative"),
        ('<a href="../secret.html">x</a>', "out of the site"),
        ('<script src="gone.js"></script>', "no such file"),
        ('<img srcset="b.html 1x, gone.png 2x">', "no such file"),
        ('<link rel="next" href="gone.html">', "no such file"),
    ],
)
def test_broken_links_are_seen(written, link, told):
    pages = {"b.html": written('<p id="there">x</p>', "b.html"), "a.html": written(link)}
    assert told in "\n".join(broken_links(pages["a.html"], pages, BASE))


@pytest.mark.parametrize(
    "link",
    ["b.html#there", "b.html?q=1", "https://book.example/b.html#there", "https://other.example/x"],
)
def test_good_links_are_left_alone(written, link):
    pages = {"b.html": written('<p id="there">x</p>', "b.html")}
    pages["a.html"] = written(f'<a href="{link}">x</a>')
    assert broken_links(pages["a.html"], pages, BASE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("<title>A page</title>", "", "no title"),
        ('content="A page."', 'content=""', "no description"),
        (' lang="en"', "", "no language"),
        ("book.example/a.html", "book.example/b.html", "canonical"),
        ('<link rel="canonical"', "<link", "canonical"),
        ("<title>", "<title>Another</title><title>", "2 of title"),
        ('"og:title"', '"og:other"', "og:title: None"),
        ('"The Book"', '""', "og:site_name: ''"),
        ('"The Book"', '"Project name not set"', "og:site_name"),
    ],
)
def test_missing_metadata_is_seen(written, right, wrong, told):
    assert right in HEAD
    assert told in "\n".join(missing_metadata(written(GOOD.replace(right, wrong)), BASE))


@pytest.mark.parametrize("what", ["title", "description"])
def test_repeated_titles_are_seen(written, what):
    pages = [written(GOOD), written(GOOD, "b.html")]
    assert "a.html, b.html" in repeated(pages, what)[0]


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="preconnect" href="https://cdn.example">',
        '<img alt="A cat" srcset="a.png 1x, //cdn.example/a.png 2x">',
        '<p style="background: url(https://cdn.example/a.png)">x</p>',
        "<style>@import 'https://cdn.example/a.css';</style>",
        '<iframe src="https://cdn.example/"></iframe>',
    ],
)
def test_addresses_of_other_hosts_are_seen(written, body):
    assert "cdn.example" in "\n".join(foreign_addresses(written(body)))


def test_unreadable_formulas_are_seen(written):
    page = written('<span class="katex-error" title="ParseError">x &</span>')
    assert "ParseError" in typesetting_errors(page)[0]


def test_addresses_in_style_sheets_are_seen():
    assert foreign_in_style("@font-face { src: url('//cdn.example/a.woff2') }")
    assert not foreign_in_style("p { background: url(a.png) } /* https://example.org */")


@pytest.mark.parametrize(
    "text",
    [
        "file:///srv/book/a.md",
        "at /home/someone/book/a.py",
        "/opt/venv/lib/python3.11/site-packages/torch/nn.py:3: UserWarning",
        "/tmp/ipykernel_12/3.py",
        "/srv/checkout/src/lessons/show.py",
    ],
)
def test_machine_paths_are_seen(text):
    assert machine_paths(text, Path("/srv/checkout"))
    assert not machine_paths("see https://host.example/home/x and ./tmp/x", Path("/srv/checkout"))


def test_binder_buttons_without_a_file_are_seen(written, tmp_path):
    button = '<a href="https://mybinder.org/v2/gh/o/r/main?urlpath=lab/tree/book/{}">x</a>'
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "a.md").write_text("---\nkernelspec:\n  name: python3\n---\n", "utf-8")
    (tmp_path / "book" / "b.md").write_text("# Plain\n", "utf-8")
    (tmp_path / "index.md").write_text("---\ntitle: x\n---\n", "utf-8")
    assert executable_sources(tmp_path) == ["book/a.md"]
    good = written(button.format("a.md"))
    assert launch_problems(good, tmp_path, "book/a.md") == []
    bad = written(button.format("gone.md"), "bad.html")
    assert "no file" in launch_problems(bad, tmp_path, None)[0]
    none = written("<p>x</p>", "none.html")
    assert "no Binder button" in launch_problems(none, tmp_path, "book/a.md")[0]


def test_pages_of_the_static_folder_are_none(tmp_path, written):
    written(GOOD)
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "macros.html").write_text("x", "utf-8")
    assert page_paths(tmp_path) == ["a.html"]


def test_a_chromium_that_was_asked_for_comes_first(monkeypatch, tmp_path):
    (tmp_path / "chrome").write_text("", "utf-8")
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "chrome"))
    assert find_chromium() == str(tmp_path / "chrome")
