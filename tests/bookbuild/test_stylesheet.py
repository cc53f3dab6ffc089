"""The site's one stylesheet keeps what a page may show, and drops the rest."""

import re
import shutil
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from sphinxcontrib import katex

import bookbuild
from bookbuild import stylesheet
from bookbuild.stylesheet import prune

USED = {"shown", "seen", "md:grid", "top"}


def squeezed(css: str) -> str:
    return re.sub(r"\s+", "", css)


@pytest.mark.parametrize(
    "css",
    [
        "p { color: red }",
        "* { margin: 0 }",
        ".shown { color: red }",
        "#top { color: red }",
        ".shown.seen > p { color: red }",
        r".md\:grid { display: grid }",
        "a:not(.never) { color: red }",
        "a:not(.never:not(.neither)) { color: red }",
        ":is(.shown, .never) p { color: red }",
        ":where(.never) p { color: red }",
        'a[class*=".never"] { color: red }',
        'a[href$=".never"]:not([href^="#never"]) { color: red }',
        'p::before { content: ".never" }',
        "@media (max-width: 9px) { .shown { color: red } }",
        "@supports (display: grid) { @media print { .shown { color: red } } }",
        "@keyframes turn { 0% { left: 0 } to { left: 1px } }",
        "@font-face { font-family: A; src: url(a.woff2) }",
        "@page { margin: 1cm }",
        ":root { --never: 1px }",
    ],
)
def test_what_may_match_is_kept(css):
    assert squeezed(prune(css, USED)) == squeezed(css)


@pytest.mark.parametrize(
    "css",
    [
        ".never { color: red }",
        "#never { color: red }",
        ".shown.never { color: red }",
        ".shown .never > p { color: red }",
        ".never:not(.shown) { color: red }",
        "p:not(.seen) .never { color: red }",
        r".md\:flex { display: flex }",
        '.never[href=".shown"] { color: red }',
        "@media print { .never { color: red } }",
        "@supports (display: grid) { @media print { .never { color: red } } }",
        "/* .shown { color: red } */",
        '@charset "utf-8";',
    ],
)
def test_what_cannot_match_is_dropped(css):
    assert prune(css, USED) == ""


def test_a_rule_keeps_those_of_its_selectors_that_may_match():
    css = ".shown, .never, p:not(.a, .b), .never > .seen { color: red }"
    assert squeezed(prune(css, USED)) == ".shown,p:not(.a,.b){color:red}"


def test_rules_keep_their_order():
    css = "p { left: 0 } .never { left: 1px } p { left: 2px }"
    assert squeezed(prune(css, USED)) == "p{left:0}p{left:2px}"


@pytest.fixture
def site(tmp_path) -> Path:
    """Return a small site: a page, a script, four sheets of the theme and two icon fonts."""
    files = {
        "index.html": '<p id="top" class="shown seen"><i class="fa-star"></i></p>',
        "deep/page.html": '<p class="other">none</p>',
        "_static/a.js": "item.classList.add('made-by-script')",
        "_static/basic.css": ".shown { color: red } .never { color: red }",
        "_static/styles/bootstrap.css": ".made-by-script { color: red }",
        "_static/styles/pydata-sphinx-theme.css": "p { background: url(../images/a.png) }",
        f"_static/{stylesheet.ICONS}/css/all.min.css": (
            '@font-face { font-family: F; src: url("../webfonts/solid.woff2") format("woff2"),'
            'url(../webfonts/solid.ttf) format("truetype") }'
            "@font-face { font-family: B; src: url(../webfonts/brands.woff2) }"
            '.fa-star::before { content: "\\f005" } .fa-bell::before { content: "\\f0f3" }'
        ),
        "_static/own.css": "p { left: 0; background: url(here.png) }",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    fonts = tmp_path / "_static" / stylesheet.ICONS / "webfonts"
    fonts.mkdir()
    write_font(fonts / "solid.woff2", "\uf005\uf0f3")
    write_font(fonts / "brands.woff2", "\uf0f3")
    return tmp_path


def bundle(site: Path, *sheets: str) -> None:
    """Write the bundle for all pages of the small site."""
    pages = [page.read_text("utf8") for page in site.rglob("*.html")]
    names = set().union(*(stylesheet.names_of(page) for page in pages))
    kept = site.with_name("kept")
    stylesheet.write_bundle(site, sheets, names, set("".join(pages)), kept)


def write_font(file: Path, characters: str) -> None:
    names = [f"icon{ord(one):x}" for one in characters]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 500))
    pen.lineTo((500, 0))
    pen.closePath()
    glyph = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap(dict(zip(map(ord, characters), names, strict=True)))
    builder.setupGlyf({name: glyph for name in [".notdef", *names]})
    builder.setupHorizontalMetrics({name: (600, 0) for name in [".notdef", *names]})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "F", "styleName": "R"})
    builder.setupPost()
    builder.font.flavor = "woff2"
    builder.save(file)


def characters(font: Path) -> set[str]:
    with TTFont(font) as opened:
        return set(map(chr, opened.getBestCmap() or {}))


def test_words_of_scripts_are_used(site):
    assert "made-by-script" in stylesheet.words_of_scripts(site / "_static")


def test_the_bundle_joins_the_sheets_in_their_order(site):
    bundle(site, "own.css")
    css = (site / "_static" / "book.css").read_text("utf8")
    assert css.startswith('@charset "utf-8";')
    assert "never" not in css
    parts = [".shown{", ".made-by-script{", "a.png", ".fa-star", "here.png"]
    places = [css.index(part) for part in parts]
    assert places == sorted(places)


def test_addresses_lead_from_the_bundle_to_the_same_files(site):
    bundle(site, "own.css")
    css = (site / "_static" / "book.css").read_text("utf8")
    assert re.findall(r"url\(([^)]*)\)", css) == ["images/a.png", '"fonts/solid.woff2"', "here.png"]
    assert (site / "_static" / "fonts" / "solid.woff2").is_file()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("url(a.png)", "url(vendor/x/a.png)"),
        ("url('./a.png')", "url('vendor/x/a.png')"),
        ('url("../fonts/a.woff2?v=1")', 'url("vendor/fonts/a.woff2?v=1")'),
        ("url(#gradient)", "url(#gradient)"),
        ("url(data:image/png;base64,AA==)", "url(data:image/png;base64,AA==)"),
        ('url("data:image/svg+xml,%3csvg/%3e")', 'url("data:image/svg+xml,%3csvg/%3e")'),
        ("url(https://example.org/a.png)", "url(https://example.org/a.png)"),
    ],
)
def test_relative_addresses_move(before, after):
    moved = stylesheet._with_urls_from("vendor/x/sheet.css", f"p {{ background: {before} }}")
    assert moved == f"p {{ background: {after} }}"


def test_icon_fonts_keep_the_shown_icons_alone(site):
    fonts = site / "_static" / stylesheet.ICONS / "webfonts"
    assert characters(fonts / "solid.woff2") == {"\uf005", "\uf0f3"}
    bundle(site)
    cut = site / "_static" / "fonts"
    assert characters(cut / "solid.woff2") == {"\uf005"}
    # The font whose only icon is not shown is neither written nor asked for.
    assert not (cut / "brands.woff2").exists()
    assert "brands" not in (site / "_static" / "book.css").read_text("utf8")
    with TTFont(cut / "solid.woff2") as font:
        assert font.flavor == "woff2"
        assert font["glyf"][font.getBestCmap()[0xF005]].numberOfContours == 1
        assert len(font.getGlyphOrder()) == 2  # the star, and what stands for a missing one


def test_math_fonts_keep_the_characters_of_the_pages_alone(site):
    math = site / "_static" / "katex" / "fonts"
    math.mkdir(parents=True)
    whole = Path(bookbuild.__file__).parent / "static/katex/fonts/KaTeX_Main-Regular.woff2"
    (math / "main.woff2").write_bytes(whole.read_bytes())
    (site / "formula.html").write_text("<p>x √</p>", "utf8")
    bundle(site)
    kept = characters(site / "_static" / "fonts" / "main.woff2")
    assert {"x", "√"} <= kept
    assert "∀" in characters(whole) - kept


def test_text_keeps_its_characters_weights_and_pairs_alone(site):
    letters = site / "_static" / "type"
    whole = Path(bookbuild.__file__).parent / "static" / "type"
    shutil.copytree(whole, letters)
    bundle(site)
    for name, (least, most) in stylesheet.WEIGHTS.items():
        with TTFont(site / "_static" / "fonts" / name) as font:
            assert {"n", "o", "e"} <= set(map(chr, font.getBestCmap()))
            assert "Q" in characters(whole / name) - set(map(chr, font.getBestCmap()))
            axes = [(one.minValue, one.maxValue) for one in getattr(font.get("fvar"), "axes", ())]
            assert axes == [(least, most)] * (least < most)
            pairs = {one.FeatureTag for one in font["GPOS"].table.FeatureList.FeatureRecord}
            assert pairs == ({"kern"} if least < most else set())


def test_selectors_that_speak_of_types_stay_as_they_are(site):
    """The folder of the text's letters is named `type`; only addresses lead to it."""
    rules = "p:first-of-type{left:0}p[type=a]{left:0}"
    (site / "_static" / "own.css").write_text(f"{rules}p {{ background: url('type/a.png') }}")
    bundle(site, "own.css")
    css = (site / "_static" / "book.css").read_text("utf8")
    assert "p:first-of-type{" in css
    assert "p[type=a]{" in css
    assert 'url("fonts/a.png")' in css


def test_the_face_finds_its_letters_and_weighs_little(site):
    folder = Path(bookbuild.__file__).parent / "static"
    fonts = set(re.findall(r"url\(\"type/([^)]+)\"\)", (folder / "face.css").read_text("utf8")))
    assert fonts == set(stylesheet.WEIGHTS)
    assert fonts == {file.name for file in (folder / "type").glob("*.woff2")}


@pytest.mark.parametrize(
    "css",
    [
        ":root{--a:1px;--b:var(--a);}p{left:var(--b)}",
        "p{left:var(--a,2px)}q{--a:1px}",
        "p{--by-script:1px}",
        "p{animation:turn 1s}@keyframes turn{to{left:0}}",
        "@media print{p{animation-name:turn}}@-webkit-keyframes turn{0%{left:0}to{left:1px}}",
        'p{content:"a  b";left:calc(1px + 2px)}',
        "a:hover > p, a::before{left:0}",
        "@media (min-width:2px) and (max-width: 3px){p{left:0}}",
    ],
)
def test_what_is_asked_for_stays(css):
    assert stylesheet.without_unasked(css, {"--by-script"}) == css


@pytest.mark.parametrize(
    ("css", "left"),
    [
        ("p{--a:1px;left:0}", "p{left:0}"),
        ("p{--a:var(--b);--b:1px}", "p{}"),
        ("p{left:var(--a)}q{--a:1px;--aa:2px}", "p{left:var(--a)}q{--a:1px;}"),
        ("p{left:0}@keyframes turn{0%{left:0}to{left:1px}}", "p{left:0}"),
        ("p{animation:turning 1s}@keyframes turn{to{left:0}}", "p{animation:turning 1s}"),
    ],
)
def test_what_nothing_asks_for_goes(css, left):
    assert stylesheet.without_unasked(css, {"a-script"}) == left


def test_the_site_gets_the_same_bundle_again_without_making_it(site, monkeypatch):
    bundle(site, "own.css")
    static = site / "_static"
    first = {file: file.read_bytes() for file in [static / "book.css", *static.glob("fonts/*")]}
    for file in first:
        file.unlink()
    monkeypatch.setattr(stylesheet, "prune", None)
    bundle(site, "own.css")
    assert {file: file.read_bytes() for file in first} == first
    assert len(first) == 2


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("index.html", '<p class="shown seen never"><i class="fa-star"></i></p>'),
        ("_static/a.js", "item.classList.add('never')"),
        ("_static/own.css", ".shown { left: 1px }"),
    ],
)
def test_the_bundle_is_made_anew_when_it_would_differ(site, file, text):
    bundle(site, "own.css")
    before = (site / "_static" / "book.css").read_text("utf8")
    (site / file).write_text(text)
    bundle(site, "own.css")
    assert (site / "_static" / "book.css").read_text("utf8") != before


def test_what_a_change_does_not_touch_is_not_cut_again(site, monkeypatch):
    bundle(site, "own.css")
    made = []
    for name in ("prune", "cut_font"):
        real = getattr(stylesheet, name)
        monkeypatch.setattr(stylesheet, name, lambda *a, f=real: made.append(f.__name__) or f(*a))
    (site / "_static" / "own.css").write_text(".shown { left: 1px }")
    bundle(site, "own.css")
    assert made == ["prune"]
    icons = site / f"_static/{stylesheet.ICONS}/css/all.min.css"
    icons.write_text(icons.read_text().replace(".fa-bell", ".fa-star"))
    bundle(site, "own.css")
    assert made == ["prune", "prune", "cut_font", "cut_font"]


def test_a_font_that_shows_nothing_any_more_goes(site):
    bundle(site)
    assert [font.name for font in site.glob("_static/fonts/*")] == ["solid.woff2"]
    icons = site / f"_static/{stylesheet.ICONS}/css/all.min.css"
    icons.write_text(icons.read_text().replace(".fa-star", ".fa-moon"))
    bundle(site)
    assert not list(site.glob("_static/fonts/*"))


def test_nothing_is_kept_that_nobody_asks_for(site):
    kept = site.with_name("kept")
    bundle(site)
    first = {file.name for file in kept.iterdir()}
    bundle(site, "own.css")
    bundle(site)
    assert {file.name for file in kept.iterdir()} == first


def test_fonts_are_cut_to_the_same_bytes(site):
    font = site / "_static" / stylesheet.ICONS / "webfonts" / "solid.woff2"
    assert stylesheet.cut_font(font, "\uf005") == stylesheet.cut_font(font, "\uf005") != b""


def test_the_math_stylesheet_is_of_the_version_that_renders():
    note = Path(bookbuild.__file__).parent / "static" / "katex" / "README.md"
    assert note.read_text("utf8").splitlines()[0] == f"# KaTeX {katex.katex_version}"


def test_the_math_stylesheet_finds_its_fonts():
    folder = Path(bookbuild.__file__).parent / "static" / "katex"
    fonts = set(re.findall(r"url\(([^)]+)\)", (folder / "katex.css").read_text("utf8")))
    assert fonts
    assert {font.strip("\"'") for font in fonts} == {
        f"fonts/{file.name}" for file in (folder / "fonts").iterdir()
    }
