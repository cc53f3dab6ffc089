"""What is told of how to cite a page can be read by those who format sources."""

import pytest
from pybtex.database import parse_string

from bookbuild.cite import bibtex, citation
from support.small_book import ROOT

ADDRESS = "https://book.example/book/attention/heads.html"


@pytest.mark.parametrize(
    "title", ["Heads", "Q & A: 100 % of $5, a_b and #1", "Who “looks” at {what}"]
)
def test_an_entry_holds_what_the_repository_says_of_itself(title):
    book = citation(ROOT)
    entry = parse_string(bibtex(book, "book/attention/heads", title, ADDRESS), "bibtex")
    ((key, found),) = entry.entries.items()
    assert key == "attention-under-the-hood-heads"
    assert found.type == "incollection"
    assert found.fields["title"].replace("\\", "") == title
    assert found.fields["booktitle"] == book["title"]
    assert found.fields["year"] == str(book["date-released"])[:4]
    assert found.fields["url"] == ADDRESS
    assert [str(one) for one in found.persons["author"]] == [
        f"{{{author['name']}}}" for author in book["authors"]
    ]


def test_the_front_page_cites_the_book():
    book = citation(ROOT)
    entry = parse_string(bibtex(book, "index", "Welcome", "https://book.example/"), "bibtex")
    ((key, found),) = entry.entries.items()
    assert (key, found.type) == ("attention-under-the-hood", "book")
    assert found.fields["title"] == book["title"]


def test_a_book_that_says_nothing_of_itself_is_not_cited(tmp_path):
    assert citation(tmp_path) is None
