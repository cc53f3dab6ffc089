"""A browser visits every page that is unlike others, and a sample that follows content."""

import pytest

from support import sample
from support.sample import SAMPLED, note_passed, to_visit, visits
from support.visit import VISITS

LISTINGS = [f"_modules/{name}.html" for name in "abcdefghijklmnop"]
PAGES = ["index.html", "book/one.html", *LISTINGS]


@pytest.fixture
def small_site(tmp_path):
    """Return a site whose pages differ in one word."""
    site = tmp_path / "html"
    for path in PAGES:
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(f"page {path}")
    (site / "_static").mkdir()
    (site / "_static" / "book.css").write_text("p {}")
    forget()
    yield site
    forget()


def forget():
    sample._digest.cache_clear()
    sample._common.cache_clear()


def test_pages_unlike_others_are_visited_in_all_views_and_listings_by_sample(small_site):
    seen = list(visits(small_site, PAGES))
    for path in ("index.html", "book/one.html"):
        assert [view for one, view in seen if one == path] == list(VISITS)
    drawn = [(path, view) for path, view in seen if path in LISTINGS]
    assert len(drawn) == SAMPLED["_modules/"] == len({path for path, _ in drawn})
    assert {view for _, view in drawn} == set(VISITS)


def test_the_sample_follows_content(small_site):
    before = {path for path, _ in visits(small_site, PAGES)}
    for path in LISTINGS:
        (small_site / path).write_text(f"another page {path}")
    forget()
    assert {path for path, _ in visits(small_site, PAGES)} != before


@pytest.mark.parametrize("changed", ["book/one.html", "_static/book.css"])
def test_what_passed_is_visited_again_when_it_changed_and_in_ci(small_site, monkeypatch, changed):
    monkeypatch.delenv("CI", raising=False)
    visit = ("book/one.html", "desktop")
    assert visit in to_visit(small_site, PAGES, "desktop")
    note_passed(small_site, *visit)
    assert visit not in to_visit(small_site, PAGES, "desktop")
    assert ("book/one.html", "phone") in to_visit(small_site, PAGES, "phone")
    monkeypatch.setenv("CI", "true")
    assert visit in to_visit(small_site, PAGES, "desktop")
    monkeypatch.delenv("CI")
    (small_site / changed).write_text("changed")
    forget()
    assert visit in to_visit(small_site, PAGES, "desktop")
