"""The whole book as one PDF holds every chapter, and its links lead to their places in it."""

import collections

import pikepdf
import pytest
import yaml
from bs4 import BeautifulSoup

from bookbuild import pdf
from bookbuild.tagged import FORMULA, with_artifacts
from bookbuild.whole import parsed
from support.pdf import problems

BASE = "https://attention-under-the-hood.github.io/book/"
FEW = [("", ["index"]), ("Attention", ["book/attention/scaled-dot-product", "exercises/attention"])]


@pytest.fixture(scope="module")
def whole(site, repository) -> BeautifulSoup:
    return parsed(pdf.whole(repository, site))


def test_it_holds_every_page_of_the_contents_but_listings_solutions_and_progress(whole, repository):
    toc = yaml.safe_load((repository / "_toc.yml").read_text("utf8"))
    files = [one["file"] for part in toc["parts"] for one in part["chapters"]]
    aside = ("solutions/", "book/reference/api/", "book/reference/progress")
    wanted = [name for name in files if not name.startswith(aside)]
    sections = [str(section["id"]) for section in whole.select("main > section")]
    assert sections == [pdf.anchor(name) for name in ["index", *wanted]]
    listed = [str(link["href"]) for link in whole.select(".book-contents a")]
    assert listed == [f"#{section}" for section in sections]


def test_each_page_leads_to_itself_on_the_website_before_its_title(whole):
    """After a page's last line it would often stand alone on a sheet."""
    for section in whole.select("main > section"):
        first = section.find(["p", "h1"])
        assert first["class"] == ["book-source"]
        assert section["id"] == pdf.anchor(
            str(first.a["href"]).removeprefix(BASE).removesuffix(".html")
        )


def test_links_lead_to_their_places_or_to_the_website(whole):
    ids = collections.Counter(
        str(element["id"]) for element in whole.select("[id]") if not element.find_parent("svg")
    )
    assert [name for name, count in ids.items() if count > 1] == []
    links = [str(link["href"]) for link in whole.select("a[href]")]
    assert [link for link in links if not link.startswith(("#", "http://", "https://"))] == []
    inside = {link[1:] for link in links if link.startswith("#")}
    assert len(inside) > 500
    assert inside <= {*ids}


def test_pictures_are_there(whole, site):
    cover, *rest = whole.select("img[src]")
    assert cover["alt"].startswith("Cover: Attention Under the Hood. ")
    images = [str(image["src"]) for image in rest]
    missing = [src for src in images if not (site.parent / "pdf" / src).resolve().is_file()]
    assert not missing


@pytest.fixture(scope="module")
def printed(site, repository, chromium_path, tmp_path_factory):
    """Return three pages of the book as HTML, and as the PDF that is printed of them."""
    folder = tmp_path_factory.mktemp("build") / "pdf"
    folder.mkdir()
    (folder.parent / "html").symlink_to(site)
    page = folder / "few.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "contents", lambda root: FEW)
        page.write_text(pdf.whole(repository, site), "utf8")
    pdf.print_page(page, page.with_suffix(".pdf"), chromium_path)
    return page


def test_what_is_printed_has_an_outline_and_can_be_read_aloud(printed):
    with pikepdf.open(printed.with_suffix(".pdf")) as book:
        with book.open_outline() as outline:
            titles = [entry.title for entry in outline.root]
        assert len(book.pages) > 15
        assert book.Root.MarkInfo.Marked
        assert book.Root.Lang == "en"
        assert str(book.docinfo["/Title"]) == "Attention Under the Hood"
    wanted = ("Contents", "A dictionary that answers softly", "Exercises: attention")
    assert [want for want in wanted if not any(want in title for title in titles)] == []
    assert not printed.with_suffix(".part").exists()


def drawings_without_text(file) -> list:
    with pikepdf.open(file) as book:
        tags = [one for one in book.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one]
        drawn = [one for one in tags if one.S == "/Figure"]
        assert len(drawn) > 5
        return [dict(one) for one in drawn if not str(one.get("/Alt", "")).strip()]


def test_every_drawing_has_a_text(printed, chromium_path, tmp_path):
    assert drawings_without_text(printed.with_suffix(".pdf")) == []
    page = tmp_path / "frames.html"
    page.write_text(printed.read_text("utf8").replace('role="group"', ""), "utf8")
    pdf.print_page(page, page.with_suffix(".pdf"), chromium_path)
    assert drawings_without_text(page.with_suffix(".pdf"))


def test_it_obeys_the_rules_of_pdf_ua(printed):
    assert problems(printed.with_suffix(".pdf")) == []


def test_every_formula_is_read_aloud(printed):
    drawn = printed.read_text("utf8").count('class="katex"')
    with pikepdf.open(printed.with_suffix(".pdf")) as book:
        told = [str(one.Alt) for one in book.objects if is_tag(one) and one.S == "/Formula"]
    assert len(told) == drawn > 50
    assert r"\sqrt{d_\text{head}}" in told
    assert not any(text.startswith(FORMULA) for text in told)


def test_titles_keep_their_spaces_and_links_tell_title_and_page(printed):
    with pikepdf.open(printed.with_suffix(".pdf")) as book:
        with book.open_outline() as outline:
            titles = [entry.title for entry in outline.root]
        assert "A dictionary that answers softly: scaled dot-product attention" in titles
        told = [str(link.Contents) for link in book.pages[1].Annots]
        drawn = book.pages[1].Contents.read_bytes().split(b"/PageNumbers")[1]
    pages = [int(text.rpartition(", page ")[2]) for text in told]
    assert [text.rpartition(",")[0] for text in told] == titles[1:]
    assert pages == sorted({*pages})
    assert drawn.count(b" Tj") == len(pages)


SMALL = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A book</title></head>
<body style="font-family: sans-serif">
<nav><h1>Contents</h1><ol><li><a href="#one">One</a></li></ol></nav>
<h1 id="one" style="break-before: page">One</h1>
<p style="background: #eee">Words, <em>more</em> and <a href="https://book.example/">a link</a>.</p>
<p><svg role="img" aria-label="A map." width="9" height="9"><rect width="9" height="9"/></svg>
<span role="img" aria-label="{FORMULA}x^2">x<sup>2</sup></span></p>
<h2>Two</h2><ul><li>an item</li><li>another</li></ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>"""


@pytest.fixture(scope="module")
def small(chromium_path, tmp_path_factory):
    page = tmp_path_factory.mktemp("small") / "small.html"
    page.write_text(SMALL, "utf8")
    pdf.print_page(page, page.with_suffix(".pdf"), chromium_path)
    return page.with_suffix(".pdf")


def test_a_small_book_obeys_the_rules(small):
    assert problems(small) == []


def is_tag(one) -> bool:
    return isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one


def tags(book, kind) -> list:
    return [one for one in book.objects if is_tag(one) and one.S == kind]


def links(book) -> list:
    return [link for page in book.pages for link in page.get("/Annots", [])]


def has(one, name) -> bool:
    return isinstance(one, pikepdf.Dictionary) and name in one


def drop(one, name):
    del one[name]


def change_metadata(name):
    def change(book):
        with book.open_metadata() as about:
            del about[name]

    return change


def unmark(book):
    content = book.pages[0].Contents
    content.write(content.read_bytes() + b"0 0 9 9 re f")


def never_end(book):
    content = book.pages[0].Contents
    content.write(content.read_bytes() + b"/Artifact BMC")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda book: book.Root.MarkInfo.update({"/Marked": False}), "not tagged"),
        (lambda book: drop(book.Root, "/Lang"), "no language"),
        (lambda book: drop(book.Root, "/ViewerPreferences"), "the file's name"),
        (change_metadata("dc:title"), "no title"),
        (change_metadata("pdfuaid:part"), "do not name PDF/UA-1"),
        (lambda book: drop(book.Root, "/Outlines"), "no outline"),
        (lambda book: drop(book.pages[0], "/Tabs"), "page 1: the keyboard"),
        (lambda book: drop(book.Root.StructTreeRoot, "/RoleMap"), "knows the tag Em"),
        (lambda book: drop(tags(book, "/Figure")[0], "/Alt"), "a Figure has no alternative"),
        (lambda book: drop(tags(book, "/Formula")[0], "/Alt"), "a Formula has no alternative"),
        (lambda book: tags(book, "/H2")[0].update({"/S": pikepdf.Name.H4}), "an H4 follows an H1"),
        (lambda book: tags(book, "/L")[0].update({"/S": pikepdf.Name.Div}), "stands in no list"),
        (lambda book: tags(book, "/LBody")[0].update({"/S": pikepdf.Name.P}), "an item of a list"),
        (lambda book: tags(book, "/LI")[0].update({"/S": pikepdf.Name.P}), "a list holds"),
        (lambda book: tags(book, "/TD")[0].update({"/S": pikepdf.Name.P}), "a row of a table"),
        (lambda book: drop(tags(book, "/TH")[0], "/A"), "does not say what it heads"),
        (
            lambda book: [one.update({"/S": pikepdf.Name.TD}) for one in tags(book, "/TH")],
            "a table has no heads",
        ),
        (lambda book: drop(links(book)[0], "/Contents"), "does not say where it leads"),
        (lambda book: drop(links(book)[0], "/StructParent"), "stands in no tag"),
        (lambda book: links(book)[0].update({"/Dest": pikepdf.Name.gone}), "leads nowhere"),
        (unmark, "page 1: neither tagged nor an artifact: {'f': 1}"),
        (never_end, "a tag does not end"),
        (
            lambda book: [
                drop(one, "/ToUnicode") for one in book.objects if has(one, "/ToUnicode")
            ],
            "nobody can tell the letters",
        ),
        (
            lambda book: [
                drop(one, "/FontFile2") for one in book.objects if has(one, "/FontFile2")
            ],
            "is not in the file",
        ),
    ],
)
def test_what_breaks_a_rule_is_seen(small, tmp_path, change, told):
    broken = tmp_path / "broken.pdf"
    with pikepdf.open(small) as book:
        change(book)
        book.save(broken)
    assert told in "\n".join(problems(broken))


def test_tags_that_do_not_end_are_refused():
    with pytest.raises(ValueError, match="print the page again"):
        with_artifacts(b"/P <</MCID 0>> BDC BT (EMC) Tj ET")


def test_nothing_is_cut_off_on_paper(printed, chrome):
    context = chrome.new_context(java_script_enabled=False, viewport={"width": 660, "height": 900})
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(printed.as_uri())
    wide = page.locator("pre, table, figure svg, img").evaluate_all(
        "all => all.filter((e) => e.getBoundingClientRect().right > innerWidth + 1"
        " || (e.matches('pre') && e.scrollWidth > e.clientWidth + 1))"
        ".map((e) => e.textContent.slice(0, 80))"
    )
    context.close()
    assert wide == []


def test_without_a_site_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert pdf.main([]) == 2
    assert "run `make book` first" in capsys.readouterr().err
