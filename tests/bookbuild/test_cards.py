"""Each chapter has a picture for links to it, with its title in the book's letters."""

import io
from types import SimpleNamespace

import pytest
import yaml
from PIL import Image

from bookbuild import cards

PARTS = [
    {"caption": "Tokens", "chapters": [{"file": "book/tokens/one"}, {"file": "exercises/tokens"}]},
    {"caption": "Reference", "chapters": [{"file": "book/reference/glossary"}]},
]


@pytest.fixture
def app(tmp_path):
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump({"parts": PARTS}))
    config = SimpleNamespace(html_baseurl="https://book.example/", project="The Book")
    return SimpleNamespace(srcdir=tmp_path, config=config)


def test_chapters_have_a_card_and_other_pages_show_the_books(app):
    assert cards.chapters(app.srcdir) == {"index": "", "book/tokens/one": "Tokens"}
    told = {}
    for page in ("book/tokens/one", "exercises/tokens"):
        context = {"title": "One &amp; <em>all</em>", "metatags": "<meta>"}
        cards.tell(app, page, "page.html", context, None)
        told[page] = context["metatags"]
    own, shared = told.values()
    assert '"https://book.example/_static/cards/book-tokens-one.png"' in own
    assert 'og:image:alt" content="One &amp; all"' in own
    assert '"https://book.example/_static/cards/index.png"' in shared
    assert 'og:image:alt" content="The Book"' in shared
    assert all(text.startswith("<meta>") for text in told.values())


def test_a_book_without_parts_has_no_cards(app):
    (app.srcdir / "_toc.yml").write_text("root: index\n")
    context = {"title": "One"}
    cards.tell(app, "index", "page.html", context, None)
    assert context == {"title": "One"}


def test_a_card_differs_with_its_title_and_is_the_same_for_the_same():
    one, other = (cards.card("Book", "Tokens", title) for title in ("One: more", "Two"))
    assert one == cards.card("Book", "Tokens", "One: more") != other
    drawn = Image.open(io.BytesIO(one)).convert("RGB")
    assert drawn.size == (cards.WIDTH, cards.HEIGHT)
    assert drawn.getpixel((5, 5)) == (0x00, 0x22, 0x4E)
    assert len(one) < 100_000


@pytest.mark.parametrize("title", ["W" * 30 + " " + "W" * 30 + ": " + "word " * 18])
def test_a_long_title_stays_within_the_card_and_above_the_drawing(title):
    drawn = Image.open(io.BytesIO(cards.card("Book", "Tokens", title))).convert("L")
    ground = drawn.getpixel((5, 5))
    edges = [drawn.getpixel((x, y)) for x in (cards.WIDTH - 20,) for y in range(cards.HEIGHT)]
    assert set(edges) == {ground}
    assert {drawn.getpixel((x, 424)) for x in range(cards.WIDTH)} == {ground}
