"""What stands above a title says where in the book a page is, and shows what its part is about."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup

from bookbuild import drawings, opener

CONTENTS: dict = {
    "parts": [
        {
            "caption": "Tokens",
            "chapters": [
                {"file": name} for name in ("book/tokens/one", "exercises/two", "solutions/three")
            ],
        },
        {"caption": "Reference", "chapters": [{"file": "book/reference/glossary"}]},
    ]
}


@pytest.fixture
def above(tmp_path):
    """Return what stands above a page's title in a small book."""
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(CONTENTS))
    app = SimpleNamespace(srcdir=tmp_path)

    def shown(page: str, body: str = "", doctree: object = 1) -> BeautifulSoup:
        context = {"body": body}
        opener.add(app, page, "page.html", context, doctree)  # type: ignore[arg-type]
        return BeautifulSoup(context.get("opener", ""), "html.parser")

    return shown


def test_a_part_begins_with_its_drawing_and_other_pages_with_its_name(above):
    first, second = above("book/tokens/one"), above("exercises/two")
    assert first.select_one(".band svg") and not second.select_one("svg")
    assert first.select_one(".band-name").get_text(" ", strip=True) == "Part 1 Tokens"
    assert second.select_one(".eyebrow").get_text(" ", strip=True) == "Part 1 Tokens"
    assert "one more merge" in first.select_one(".band-told").get_text()


@pytest.mark.parametrize("page", ["index", "book/reference/glossary"])
def test_the_front_page_and_pages_of_reference_have_none(above, page):
    assert not above(page).contents


def test_generated_pages_have_none(above):
    assert not above("search", doctree=None).contents


def test_the_time_is_what_the_page_says(above):
    assert above("book/tokens/one", "It takes about 45 minutes.").select_one(".time").text == (
        "Chapter 1 · about 45 minutes"
    )
    assert above("book/tokens/one", "It takes a while.").select_one(".time").text == "Chapter 1"
    assert above("exercises/two", "It takes a while.").select_one(".time") is None
    lab = "<em>Duration</em>: 50 minutes."
    assert above("exercises/two", lab).select_one(".time").text == "about 50 minutes"
    both = "It takes about 85 minutes. easy · 10 minutes · 2 points, hard · 25 minutes · 4 points"
    assert above("exercises/two", both).select_one(".time").text == "2 exercises, 35 minutes"


def test_solutions_take_no_time_of_their_own(above):
    assert above("solutions/three", "easy · 10 minutes · 2 points").select_one(".time") is None


def test_chapters_are_numbered_from_part_to_part(request):
    numbers = opener.numbers(request.config.rootpath)
    assert list(numbers.values()) == list(range(1, len(numbers) + 1))
    assert not [page for page in numbers if page.startswith(("exercises", "solutions", "book/lab"))]
    assert (numbers["book/tokens/tokenization"], numbers["book/tokens/embeddings"]) == (3, 5)


@pytest.mark.parametrize(
    ("page", "href", "number"),
    [
        ("book/a/one", "#", "1"),
        ("book/a/one", "../b/two.html", "2"),
        ("index", "book/b/two.html", "2"),
        ("book/a/one", "../../exercises/a.html", None),
        ("exercises/a", "#", None),
    ],
)
def test_the_list_of_pages_has_the_numbers(page, href, number):
    link = f'<a class="current reference internal" href="{href}">x</a>'
    found = opener.numbered(link, page, {"book/a/one": 1, "book/b/two": 2})
    shown = BeautifulSoup(found, "html.parser").select_one(".number")
    assert (shown.text if shown else None) == number


@pytest.mark.parametrize(
    ("page", "here"),
    [
        ("book/tokens/tokenization", "tokens"),
        ("book/tokens/embeddings", "vectors"),
        ("book/families/images", "family"),
        ("book/training/training-loop", None),
        ("exercises/tokens", None),
    ],
)
def test_the_way_marks_where_a_page_is(page, here):
    marked = re.findall(r'<li aria-current="step">(\w+)</li>', opener.way(page))
    assert marked == ([here] if here else [])
    assert bool(opener.way(page)) == bool(here)


def test_every_stop_of_the_way_leads_by_chapters_of_the_book(repository_contents):
    for pages in opener.WAY.values():
        for start in pages:
            assert any(page.startswith(start) for page in repository_contents), start


@pytest.fixture
def repository_contents(request) -> list[str]:
    return [page for _, pages in opener.parts(request.config.rootpath) for page in pages]


def test_every_part_of_the_book_has_a_drawing_of_its_own(request):
    captions = {caption.lower() for caption, _ in opener.parts(request.config.rootpath)}
    assert captions - {"reference"} == set(drawings.DRAWINGS)
    shown = {name: drawings.svg(draw()) for name, draw in drawings.DRAWINGS.items()}
    assert len(set(shown.values())) == len(shown)
    for name, svg in shown.items():
        assert len(svg) < 8000, name


@pytest.mark.parametrize("draw", [*drawings.DRAWINGS.values(), drawings.book])
def test_a_drawing_is_a_map_between_0_and_1_and_the_same_each_time(draw):
    map_ = draw()
    assert map_.shape == (drawings.ROWS, drawings.COLUMNS)
    assert 0 <= map_.min() < 0.2 < 0.75 < map_.max() <= 1
    assert np.array_equal(map_, draw())


def test_drawings_show_what_they_say():
    heads = drawings.interpretation()
    assert [row for row in range(drawings.ROWS) if not heads[row].any()] == [4]
    rank_one = drawings.adaptation() ** 2
    assert np.linalg.matrix_rank(rank_one, tol=1e-10) == 1
    assert np.linalg.matrix_rank(drawings.positions(), tol=1e-10) > 1
    later = drawings.COLUMN >= 7 * (drawings.ROW + 1)
    assert not drawings.attention()[later].any()
    assert drawings.positions()[later].any()
    pieces = [int((np.diff(row) != 0).sum()) for row in drawings.tokens()]
    assert pieces[0] == 0 < pieces[1] <= pieces[-1]  # letters look alike, and merged ones do not
