"""The whole book as one PDF holds every chapter, and its links lead to their places in it."""

import collections

import pikepdf
import pytest
import yaml
from bs4 import BeautifulSoup

from bookbuild import pdf
from bookbuild.whole import parsed

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
    images = [str(image["src"]) for image in whole.select("img[src]")]
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
