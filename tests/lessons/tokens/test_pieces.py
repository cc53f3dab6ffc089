import re
import unicodedata

import pytest
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from lessons.tokens import sample_text, split_pieces
from support import proofs

# The library may know characters of a newer Unicode, which others take for unassigned.
assigned = st.characters(codec="utf-8", exclude_categories=("Cn", "Cs"))
texts = st.one_of(
    st.text(assigned),
    st.text(st.sampled_from("aZé 1²\n\t'sdl.,!\u00a0\u3000日ि"), max_size=40),
)
SPECIMEN = "I'll  pay 12.50\n\n\tfor  it, don't\u00a0you?  ½ naïve_word पढ़ "


def check_nothing_is_lost(split, text):
    assert "".join(split(text)) == text


def check_agrees_with_the_library(split, text):
    library = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    assert split(text) == [text[start:end] for _, (start, end) in library]


def at_spaces(text):
    return text.split()


def spaces_behind(text):
    return re.findall(r"\S+\s*|^\s+", text)


def digits_with_letters(text):
    return re.findall(r"'s|'t|'re|'ve|'m|'ll|'d| ?\w+| ?[^\s\w]+|\s+(?!\S)|\s+", text)


def without_endings(text):
    return re.findall(r" ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+", text)


def all_spaces_apart(text):
    return re.findall(r"'\w+|[^\W\d_]+|\d+|(?:[^\s\w]|_)+|\s+", text)


CATCHES = {
    check_nothing_is_lost: [at_spaces],
    check_agrees_with_the_library: [
        at_spaces,
        spaces_behind,
        digits_with_letters,
        without_endings,
        all_spaces_apart,
    ],
}


test_split_pieces, test_broken_splits_are_caught = proofs(split_pieces, CATCHES, SPECIMEN, texts)


@pytest.mark.parametrize("check", CATCHES)
@pytest.mark.parametrize("text", [sample_text(), ""])
def test_some_texts(check, text):
    check(split_pieces, text)


def test_agrees_on_every_character():
    """Each assigned character, between a letter and a number and after a space."""
    library = pre_tokenizers.ByteLevel(add_prefix_space=False)
    for start in range(0, 0x30000, 0x1000):
        signs = [chr(code) for code in range(start, start + 0x1000)]
        signs = [one for one in signs if unicodedata.category(one) not in ("Cn", "Cs")]
        text = "\n".join(f"a{one}1 {one} x" for one in signs)
        found = [text[a:b] for _, (a, b) in library.pre_tokenize_str(text)]
        assert split_pieces(text) == found
