"""Expected counts are those of all cuts written down; EM never falls; characters stay known."""

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given, strategies as st

from lessons.tokens import (
    best_segmentation,
    costs_of_dropping,
    em_round,
    expected_counts,
    segmentations,
    train_unigram,
)
from support import few

words = st.text(st.sampled_from("abc"), min_size=1, max_size=8)
tables = st.dictionaries(
    st.text(st.sampled_from("abc"), min_size=2, max_size=4), st.floats(-9, -1), max_size=10
).map(lambda longer: {"a": -3.17, "b": -4.31, "c": -2.93, **longer})
corpora = st.dictionaries(words, st.integers(1, 4), min_size=1, max_size=5)


def check_counts(count, word, table):
    ways = segmentations(word, table)
    whole = sum(map(math.exp, ways.values()))
    expected = Counter()
    for way, value in ways.items():
        for token in way:
            expected[token] += math.exp(value) / whole
    counts, log_probability = count(word, table)
    assert math.isclose(log_probability, math.log(whole), abs_tol=1e-9)
    assert counts.keys() == expected.keys()
    assert all(math.isclose(counts[token], n, abs_tol=1e-9) for token, n in expected.items())


@few
@given(words, tables)
def test_the_sums_agree_with_all_cuts_written_down(word, table):
    check_counts(expected_counts, word, table)


def of_the_best_cut(word, table):
    tokens, value = best_segmentation(word, table)
    return Counter(tokens), value


def test_counting_the_best_cut_alone_is_caught():
    with pytest.raises(AssertionError):
        check_counts(of_the_best_cut, "ab", {"a": -1.0, "b": -2.0, "ab": -2.5})


@few
@given(corpora, tables)
def test_no_round_makes_the_corpus_less_probable(corpus, table):
    total = math.log(sum(map(math.exp, table.values())))
    table = {token: value - total for token, value in table.items()}
    values = []
    for _ in range(4):
        table, value = em_round(corpus, table)
        values.append(value)
        assert math.isclose(sum(map(math.exp, table.values())), 1, abs_tol=1e-9)
    assert all(b > a - 1e-6 for a, b in itertools.pairwise(values))


def test_the_chapter_by_hand():
    given_by_hand = {"c": 0.05, "a": 0.05, "t": 0.05, "s": 0.1}
    given_by_hand |= {"at": 0.1, "ts": 0.02, "cat": 0.05, "ats": 0.004}
    table, _ = em_round({"cats": 1}, {token: math.log(p) for token, p in given_by_hand.items()})
    assert math.isclose(math.exp(table["s"]), 0.456, abs_tol=5e-4)
    assert math.isclose(math.exp(table["cat"]), 0.413, abs_tol=5e-4)


def test_what_is_dropped_is_what_is_missed_least():
    corpus = {"cat": 20, "cats": 10, "dog": 1}
    left = train_unigram(corpus, size=8)
    assert len(left) == 8 and {"cat"} == {token for token in left if len(token) > 1}
    costs = costs_of_dropping(corpus, left)
    assert costs.keys() == {"cat"} and costs["cat"] > 10


def test_no_character_is_lost_and_impossible_sizes_are_refused():
    left = train_unigram({"aaaa": 9, "ab": 1}, size=2)
    assert left.keys() == {"a", "b"} and left["b"] < left["a"]
    with pytest.raises(ValueError, match="1 tokens for 2 characters"):
        train_unigram({"ab": 1}, size=1)
    with pytest.raises(ValueError, match="'ab' cannot be cut into known tokens"):
        expected_counts("ab", {"a": -1.0})
