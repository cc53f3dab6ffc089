"""The cuts lose nothing, and are those of the library's own splitter by the same pattern."""

import pytest
from hypothesis import given, strategies as st
from tokenizers import Regex, pre_tokenizers

from lessons.tokens import split_as_gpt4, split_as_gpt4o
from lessons.tokens.choosing_a_vocabulary.patterns import GPT4, GPT4O
from support import few

BOTH = [(split_as_gpt4, GPT4), (split_as_gpt4o, GPT4O)]


@few
@given(st.text())
@pytest.mark.parametrize("split", [split_as_gpt4, split_as_gpt4o])
def test_the_pieces_joined_are_the_text(split, text):
    assert "".join(split(text)) == text


@few
@given(st.text(st.sampled_from("aB'sS 12\n/.(éकि")))
@pytest.mark.parametrize(("split", "pattern"), BOTH)
def test_the_library_cuts_alike(split, pattern, text):
    library = pre_tokenizers.Split(Regex(pattern.pattern), behavior="isolated")
    assert [piece for piece, _ in library.pre_tokenize_str(text)] == split(text)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("1234567", ["123", "456", "7"]),
        ("IT'S", ["IT", "'S"]),
        ("(a)\n\nb", ["(a", ")\n\n", "b"]),
        ("a  b", ["a", " ", " b"]),
    ],
)
def test_pieces_by_hand(text, pieces):
    assert split_as_gpt4(text) == pieces


def test_marks_go_with_their_letters_in_gpt4os_pieces_alone():
    assert split_as_gpt4o("किताब पढ़") == ["किताब", " पढ़"]
    assert len(split_as_gpt4("किताब पढ़")) > 3
