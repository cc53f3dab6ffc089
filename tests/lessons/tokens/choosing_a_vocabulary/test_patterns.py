"""GPT-4's cuts lose nothing, and are those of the library's own splitter by the same pattern."""

import pytest
from hypothesis import given, strategies as st
from tokenizers import Regex, pre_tokenizers

from lessons.tokens import split_as_gpt4
from lessons.tokens.choosing_a_vocabulary.patterns import GPT4
from support import few

LIBRARY = pre_tokenizers.Split(Regex(GPT4.pattern), behavior="isolated")


@few
@given(st.text())
def test_the_pieces_joined_are_the_text(text):
    assert "".join(split_as_gpt4(text)) == text


@few
@given(st.text(st.sampled_from("aB'sS 12\n.(é")))
def test_the_library_cuts_alike(text):
    assert [piece for piece, _ in LIBRARY.pre_tokenize_str(text)] == split_as_gpt4(text)


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
