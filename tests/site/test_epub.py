"""The whole book as one EPUB holds every chapter, obeys the format, and needs no scripts."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from bookbuild import epub
from bookbuild.whole import contents
from support.epub import problems

PAGE = """<html><head><title>T</title></head><body><article>
<section id="one"><h1>One<a class="headerlink" href="#one">#</a></h1>
<p>See <a href="../b.html#two">two</a>, <a href="../gone.html">another</a> and
<a href="#about">below</a>.
<span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi>
<annotation encoding="application/x-tex">x</annotation></semantics></math></span></span></p>
<div class="lesson-figure" data-live="maps" data-figure="{}" tabindex="0" role="region"
 aria-label="Figure 1"><svg role="img" aria-label="A map." viewBox="0 0 1 1" style="--width: 9pt">
<defs><clipPath id="c"><rect style="fill: var(--figure-blue, #0072b2)"/></clipPath></defs></svg>
</div>
<div class="highlight"><pre tabindex="0">a &lt; b</pre></div>
<section id="about"><h2>About</h2><p>Text.<br></p>
<div class="admonition question" id="question-q" data-question="q">
<p class="admonition-title">Check yourself</p><p>What?</p>
<details class="question-told"><summary>The answer, and why</summary>
<ul><li><p>A is right.</p></li></ul></details></div>
<details class="cite"><summary>Cite this page</summary></details></section></section>
</article><script>1</script></body></html>"""
OTHER = (
    PAGE.replace("about", "two")
    .replace("../b.html#two", "a/one.html#about")
    .replace("../gone", "gone")
)
SETTINGS = {
    "title": "A book",
    "html": {"baseurl": "https://book.example/"},
    "sphinx": {"config": {"language": "en"}},
}
TOC = {"root": "a/one", "parts": [{"caption": "B", "chapters": [{"file": "b"}]}]}


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Path:
    """Return an EPUB of two small pages."""
    root = tmp_path_factory.mktemp("book")
    site = root / "_build" / "html"
    (site / "a").mkdir(parents=True)
    (site / "_static").mkdir()
    (site / "_static" / "pygments.css").write_text(f"{epub.LIGHT}.highlight .k {{ color: #333 }}\n")
    (site / "a" / "one.html").write_text(PAGE)
    (site / "b.html").write_text(OTHER)
    (root / "_toc.yml").write_text(json.dumps(TOC))
    (root / "_config.yml").write_text(json.dumps(SETTINGS))
    shutil.copy(Path(__file__).parents[2] / "CITATION.cff", root)
    epub.write(root, site, root / "small.epub")
    return root / "small.epub"


def read(file: Path, name: str) -> BeautifulSoup:
    with zipfile.ZipFile(file) as archive:
        return BeautifulSoup(archive.read(f"OEBPS/{name}").decode(), "html.parser")


def test_a_page_becomes_a_chapter_without_scripts(small):
    page = read(small, "a/one.xhtml")
    links = [str(link["href"]) for link in page.select("a")]
    address = "https://book.example/"
    assert links[:3] == ["../b.xhtml#two", f"{address}gone.html", "#about"]
    assert links[3] == f"{address}a/one.html#one"
    assert links[4:] == ["#answer-1", "#question-q"]
    assert page.math["alttext"] == "x"
    assert page.svg["aria-label"] == "A map."
    assert page.rect["style"] == "fill: #0072b2"
    assert "A is right." in page.select_one("#answers").get_text()
    assert "A is right." not in page.select_one(".question").get_text()
    assert page.select("details, script, .cite, [data-live], [tabindex]") == []
    with zipfile.ZipFile(small) as archive:
        assert b'<clipPath id="c">' in archive.read("OEBPS/a/one.xhtml")
        assert b".highlight .k { color: #333 }" in archive.read("OEBPS/book.css")


def test_what_code_prints_keeps_its_columns():
    lines = "".join(f"<pre>{'x' * length}\n1</pre>" for length in (68, 80, 500))
    page = BeautifulSoup(
        f'<div class="cell_output">{lines}</div><pre>{"x" * 80}</pre>', "html.parser"
    )
    epub.columns_stay_below_each_other(page)
    sizes = [printed.get("style") for printed in page.select("pre")]
    assert sizes == [None, "font-size: 0.64em", "font-size: 0.50em", None]


def test_the_same_book_is_the_same_file_and_is_there_whole_or_not_at_all(small, monkeypatch):
    root, other = small.parent, small.with_name("other.epub")
    epub.write(root, root / "_build" / "html", other)
    assert other.read_bytes() == small.read_bytes()

    def killed(*_):
        yield "mimetype", b"application/epub+zip"
        raise KeyboardInterrupt

    monkeypatch.setattr(epub, "files", killed)
    with pytest.raises(KeyboardInterrupt):
        epub.write(root, root / "_build" / "html", other)
    assert other.read_bytes() == small.read_bytes()


def test_the_small_book_obeys_the_rules(small):
    assert problems(small) == []


ONE, OPF, NAV = "OEBPS/a/one.xhtml", "OEBPS/package.opf", "OEBPS/nav.xhtml"


@pytest.mark.parametrize(
    ("name", "right", "wrong", "told"),
    [
        ("mimetype", "epub+zip", "zip", "says something else"),
        ("META-INF/container.xml", "package.opf", "gone.opf", "no package"),
        (OPF, "urn:uuid", "</dc:identifier><x>urn:uuid", "no package can be read"),
        (OPF, "<dc:language>en", "<dc:language>", "dc:language"),
        (OPF, 'id="uid"', 'id="other"', "unique identifier"),
        (OPF, "T00:00:00Z", "", "dcterms:modified"),
        (OPF, "schema:accessibilityHazard", "schema:other", "accessibilityHazard"),
        (OPF, 'href="b.xhtml"', 'href="c.xhtml"', "b.xhtml is not listed"),
        (OPF, 'href="b.xhtml"', 'href="c.xhtml"', "c.xhtml is listed, and not there"),
        (OPF, 'idref="page-b"', 'idref="style"', "is no page"),
        (OPF, 'idref="page-b"', 'idref="page-a-one"', "tells a page twice"),
        (OPF, ' properties="nav"', "", "0 items are the contents"),
        (OPF, ' properties="cover-image"', "", "no cover"),
        (OPF, 'properties="mathml svg"', 'properties="svg"', "mathml is told wrongly"),
        (NAV, "<span>B</span>", "<span></span>", "no name"),
        (NAV, "<span>B</span>", "", "an entry holds"),
        (NAV, 'href="a/one.xhtml"', 'href="b.xhtml"', "of reading differ"),
        (NAV, 'epub:type="toc" role', "role", "not one list"),
        (ONE, "<br/>", "<br>", "not well-formed"),
        (ONE, "<title>One", "<title>", "page with a title"),
        (ONE, ' lang="en"', "", "no language"),
        (ONE, 'id="about"', 'id="one"', "the id 'one' is there 2 times"),
        (ONE, "../b.xhtml#two", "../b.xhtml#gone", "leads to no place"),
        (ONE, "../b.xhtml#two", "../gone.xhtml", "leads to no file"),
        (ONE, "../b.xhtml#two", "file:///etc/hosts", "not in the EPUB"),
        (ONE, "../b.xhtml#two", "javascript:alert()", "is for scripts"),
        (ONE, "<br/>", "<script/>", "<script>"),
        (ONE, "<br/>", '<i onclick="x()"/>', "is for scripts"),
        (ONE, "<br/>", "<div/>", "<p> holds ['div']"),
        (ONE, "<ul>", "<ul><p/>", "<ul> holds ['p']"),
        (ONE, "<br/>", '<img src="../cover.png"/>', "an image has no alternative"),
        (ONE, "<br/>", '<img src="https://x.example/a.png" alt="A"/>', "not in the EPUB"),
        (ONE, "<br/>", '<i style="background: url(//x.example/a)"/>', "another host"),
        (ONE, "<mi>x</mi>", "<mi><mrow/></mi>", "<mi> holds more than text"),
        (ONE, ' alttext="x"', "", "a formula has no alternative"),
        (ONE, ' aria-label="A map."', "", "a drawing has no alternative"),
        ("OEBPS/book.css", "body", "@import 'https://x.example/a.css'; body", "another host"),
    ],
)
def test_what_breaks_a_rule_is_seen(small, tmp_path, name, right, wrong, told):
    broken = tmp_path / "broken.epub"
    with zipfile.ZipFile(small) as good, zipfile.ZipFile(broken, "w") as bad:
        for entry in good.infolist():
            text = good.read(entry)
            if entry.filename == name:
                assert right in text.decode()
                text = text.decode().replace(right, wrong, 1).encode()
            bad.writestr(entry, text)
    assert told in "\n".join(problems(broken))


def test_files_that_no_package_names_or_that_stand_wrongly_are_seen(small, tmp_path):
    broken = tmp_path / "broken.epub"
    with zipfile.ZipFile(small) as good, zipfile.ZipFile(broken, "w") as bad:
        for entry in reversed(good.infolist()):
            bad.writestr(entry, good.read(entry))
        bad.writestr("OEBPS/rest.txt", "x")
    found = "\n".join(problems(broken))
    assert "the first file is not `mimetype`" in found
    assert "OEBPS/rest.txt is not listed" in found


@pytest.fixture(scope="module")
def whole(site, repository, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("epub") / "whole.epub"
    epub.write(repository, site, file)
    return file


def test_the_whole_book_obeys_the_rules(whole):
    assert problems(whole) == []


def test_it_holds_every_page_and_is_small(whole, repository):
    wanted = {f"OEBPS/{page}.xhtml" for _, pages in contents(repository) for page in pages}
    with zipfile.ZipFile(whole) as archive:
        assert len(wanted) > 60
        assert wanted <= {*archive.namelist()}
    assert whole.stat().st_size < 25e6


def test_nothing_of_a_chapter_is_lost(whole, site):
    """Every text, figure, formula and answer of a page stands in its chapter."""
    page = "book/attention/scaled-dot-product"
    before = BeautifulSoup((site / f"{page}.html").read_text("utf8"), "html.parser").article
    after = read(whole, f"{page}.xhtml")
    for kind in ("svg[role=img]", "math", "pre", "table", "figcaption"):
        assert len(after.select(kind)) == len(
            [one for one in before.select(kind) if not one.find_parent(class_="cite")]
        )
    assert [code.get_text() for code in after.select("pre")] == [
        code.get_text() for code in before.select("pre") if not code.find_parent(class_="cite")
    ]
    told = after.select_one("#answers").get_text()
    for reply in before.select(".question-told .question-verdict"):
        assert reply.get_text() in told


def test_without_a_site_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert epub.main() == 2
    assert "run `make book` first" in capsys.readouterr().err


def test_the_site_leads_to_it_and_the_workflow_publishes_it(repository):
    settings = yaml.safe_load((repository / "_config.yml").read_text("utf8"))
    assert f"{settings['html']['baseurl']}{epub.NAME}.epub" in (repository / "index.md").read_text()
    workflow = (repository / ".github" / "workflows" / "publish.yml").read_text()
    assert f"make epub && cp _build/epub/{epub.NAME}.epub _build/html/" in workflow
