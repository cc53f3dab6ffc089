"""A source is formatted once, and anew where it or its label has changed."""

import pytest
from pybtex.database import Entry, Person

from bookbuild import citations


@pytest.fixture
def style():
    """Return a style that counts how often it formats."""

    class Style:
        count = 0

        @citations.once
        def format_entry(self, label, entry, bib_data=None):
            self.count += 1
            return f"{label} {entry.fields['title']}"

    citations._formatted.clear()
    yield Style()
    citations._formatted.clear()


def entry(title: str = "Align", author: str = "Bahdanau, Dzmitry") -> Entry:
    return Entry("misc", {"title": title}, {"author": [Person(author)]})


def test_the_same_entry_is_formatted_once(style):
    assert [style.format_entry("1", entry()) for _ in range(3)] == ["1 Align"] * 3
    assert style.count == 1


@pytest.mark.parametrize(
    ("label", "changed"),
    [("2", entry()), ("1", entry(title="Translate")), ("1", entry(author="Cho, Kyunghyun"))],
)
def test_another_label_or_entry_is_formatted_anew(style, label, changed):
    style.format_entry("1", entry())
    assert style.format_entry(label, changed) == f"{label} {changed.fields['title']}"
    assert style.count == 2
