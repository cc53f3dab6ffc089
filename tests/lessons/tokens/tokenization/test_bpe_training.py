from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given, strategies as st

from lessons.tokens import (
    BytePairTokenizer,
    count_pairs,
    merge_pair,
    sample_text,
    single_bytes,
    split_pieces,
    train_bpe,
)
from lessons.tokens.tokenization import bpe_training
from support import few
from support.bytelevel import SIGNS, trained

# Few letters, so that pairs repeat, overlap and tie.
texts = st.text(st.sampled_from("aab bc1 é"), max_size=80)
CORPUS = ["cat", "cats", "cat", "bat", "bats"]


def check_agrees_with_the_library(train, text, vocab_size):
    merges, library = trained(text, vocab_size)
    assert train(split_pieces(text), vocab_size=vocab_size) == merges
    tokens = BytePairTokenizer(merges).tokens
    signs = sorted(library.get_vocab(), key=library.get_vocab().get)
    assert signs == ["".join(SIGNS[byte] for byte in token) for token in tokens]


@few
@given(text=texts, more=st.integers(0, 30))
@example(text="aaaa aaa aa", more=5)
@example(text="", more=3)
def test_agrees_with_the_library(text, more):
    check_agrees_with_the_library(train_bpe, text, 256 + more)


@pytest.mark.parametrize("vocab_size", [256, 300, 512, 700])
def test_agrees_with_the_library_on_the_sample_text(vocab_size):
    check_agrees_with_the_library(train_bpe, sample_text(), vocab_size)


def test_by_hand():
    """The four merges of the chapter; the fourth is a tie, and "cat" entered before "bat"."""
    words = Counter(tuple(bytes([byte]) for byte in word.encode()) for word in CORPUS)
    counts = count_pairs(words)
    assert counts == {(b"a", b"t"): 5, (b"c", b"a"): 3, (b"b", b"a"): 2, (b"t", b"s"): 2}
    assert train_bpe(CORPUS, vocab_size=260) == [
        (b"a", b"t"),
        (b"c", b"at"),
        (b"b", b"at"),
        (b"cat", b"s"),
    ]


def test_it_ends_when_no_pair_is_left():
    assert train_bpe(CORPUS, vocab_size=1000)[-1] == (b"bat", b"s")
    assert len(train_bpe(CORPUS, vocab_size=1000)) == 5
    assert train_bpe([], vocab_size=300) == []


@pytest.mark.parametrize(
    ("symbols", "merged"),
    [
        ("aaa", ["aa", "a"]),
        ("aaaa", ["aa", "aa"]),
        ("baab", ["b", "aa", "b"]),
        ("abab", ["a", "b", "a", "b"]),
        ("a", ["a"]),
        ("", []),
    ],
)
def test_merging_goes_from_left_to_right(symbols, merged):
    letters = tuple(letter.encode() for letter in symbols)
    assert merge_pair(letters, (b"a", b"a")) == tuple(one.encode() for one in merged)


def test_single_bytes_are_those_of_gpt2():
    """Ids in the published vocabulary: "!" 0, "A" 32, "a" 64, the space 220, line feed 198."""
    tokens = single_bytes()
    assert sorted(tokens) == [bytes([byte]) for byte in range(256)]
    known = {b"!": 0, b"A": 32, b"a": 64, b" ": 220, b"\n": 198}
    assert {token: tokens.index(token) for token in known} == known


def last_of_ties(counts, ids):
    return max(counts, key=lambda p: (counts[p], ids[p[0]], ids[p[1]]))


def by_bytes(counts, ids):
    return min(counts, key=lambda p: (-counts[p], p))


def first_seen(counts, ids):
    return max(counts, key=counts.get)


def rarest(counts, ids):
    return min(counts, key=lambda p: (counts[p], ids[p[0]], ids[p[1]]))


def training_that_chooses(choose):
    """Return the training with another choice among the pairs."""

    def train(pieces, *, vocab_size):
        words = Counter(tuple(bytes([b]) for b in piece.encode()) for piece in pieces)
        ids = {token: place for place, token in enumerate(single_bytes())}
        merges = []
        while len(ids) < vocab_size and (counts := count_pairs(words)):
            merges.append(choose(counts, ids))
            ids.setdefault(b"".join(merges[-1]), len(ids))
            words = Counter(
                {merge_pair(symbols, merges[-1]): times for symbols, times in words.items()}
            )
        return merges

    return train


def test_the_frame_of_the_broken_trainings_is_sound():
    def right(counts, ids):
        return min(counts, key=lambda p: (-counts[p], ids[p[0]], ids[p[1]]))

    check_agrees_with_the_library(training_that_chooses(right), sample_text(), 400)


@pytest.mark.parametrize("choose", [last_of_ties, by_bytes, first_seen, rarest])
def test_broken_choices_are_caught(choose):
    with pytest.raises(AssertionError):
        check_agrees_with_the_library(training_that_chooses(choose), sample_text(), 400)


def words_once(words):
    """Count each different word once, however often it occurs."""
    counts = Counter()
    for symbols in words:
        counts.update(pairwise(symbols))
    return counts


def presence(words):
    """Count a pair once a word, even where it occurs twice."""
    counts = Counter()
    for symbols, times in words.items():
        for pair in set(pairwise(symbols)):
            counts[pair] += times
    return counts


def from_the_right(symbols, pair):
    reverse = merge_pair(tuple(one[::-1] for one in symbols[::-1]), (pair[1][::-1], pair[0][::-1]))
    return tuple(one[::-1] for one in reverse[::-1])


def first_only(symbols, pair):
    for place in range(len(symbols) - 1):
        if symbols[place : place + 2] == pair:
            return (*symbols[:place], pair[0] + pair[1], *symbols[place + 2 :])
    return symbols


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("count_pairs", words_once),
        ("count_pairs", presence),
        ("merge_pair", from_the_right),
        ("merge_pair", first_only),
    ],
)
def test_broken_steps_are_caught(monkeypatch, name, broken):
    text = "aaab aaab banana banana cab aaac " * 3
    check_agrees_with_the_library(train_bpe, text, 280)
    monkeypatch.setattr(bpe_training, name, broken)
    with pytest.raises(AssertionError):
        check_agrees_with_the_library(train_bpe, text, 280)


def test_a_merge_counts_again_only_the_words_that_it_changes(monkeypatch):
    """Or each of a thousand merges would count the whole corpus."""
    counted = []

    def watched(words):
        counted.append(len(words))
        return count_pairs(words)

    monkeypatch.setattr(bpe_training, "count_pairs", watched)
    pieces = split_pieces(sample_text())
    merges = train_bpe(pieces, vocab_size=700)
    assert counted[0] == len(set(pieces))
    assert sum(counted) < 0.1 * len(merges) * counted[0]


def test_merges_do_not_cross_pieces():
    whole = train_bpe(["the cat the cat the cat"], vocab_size=300)
    cut = train_bpe(split_pieces("the cat the cat the cat"), vocab_size=300)
    assert any(b"e c" in first + second for first, second in whole)
    assert not any(b"e c" in first + second for first, second in cut)


def test_a_vocabulary_holds_the_bytes():
    with pytest.raises(ValueError, match="pass at least 256"):
        train_bpe(CORPUS, vocab_size=255)
