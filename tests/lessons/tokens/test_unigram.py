import math

import pytest
from hypothesis import given, strategies as st
from tokenizers import models

from lessons.tokens import best_segmentation, segmentations
from support import few

words = st.text(st.sampled_from("abc"), min_size=1, max_size=9)
# Single characters are always known; all numbers differ, so that nothing ties.
tables = st.dictionaries(
    st.text(st.sampled_from("abc"), min_size=2, max_size=4), st.floats(-9, -1), max_size=12
).map(lambda longer: {"a": -3.17, "b": -4.31, "c": -2.93, **longer})
# The chapter's table.
TABLE = {
    token: math.log(p)
    for token, p in {
        "c": 0.05, "a": 0.05, "t": 0.05, "s": 0.1,
        "at": 0.1, "ts": 0.02, "cat": 0.05, "ats": 0.004,
    }.items()
}  # fmt: skip


def check_is_the_best(cut, word, table):
    tokens, value = cut(word, table)
    ways = segmentations(word, table)
    assert "".join(tokens) == word
    assert math.isclose(value, max(ways.values()), rel_tol=0, abs_tol=1e-12)
    assert math.isclose(ways[tuple(tokens)], value, rel_tol=0, abs_tol=1e-12)


def check_agrees_with_the_library(cut, word, table):
    library = models.Unigram([("<unk>", -99.0), *table.items()], unk_id=0)
    tokens, value = cut(word, table)
    found = [token.value for token in library.tokenize(word)]
    if found != tokens:  # then both are equally probable
        assert math.isclose(sum(table[token] for token in found), value, abs_tol=1e-9)


@few
@given(word=words, table=tables)
def test_best_segmentation(word, table):
    check_is_the_best(best_segmentation, word, table)
    check_agrees_with_the_library(best_segmentation, word, table)


@few
@given(word=words)
def test_there_are_as_many_ways_as_subsets_of_the_gaps(word):
    every = {word[i:j]: -1.0 for i in range(len(word)) for j in range(i + 1, len(word) + 1)}
    ways = segmentations(word, every)
    assert len(ways) == 2 ** (len(word) - 1)
    assert all(ways[tokens] == -len(tokens) for tokens in ways)


def greedy(word, table):
    tokens = []
    while word:
        end = max(n for n in range(1, len(word) + 1) if word[:n] in table)
        tokens.append(word[:end])
        word = word[end:]
    return tokens, sum(table[token] for token in tokens)


def fewest(word, table):
    ways = segmentations(word, table)
    tokens = min(ways, key=len)
    return list(tokens), ways[tokens]


def worst(word, table):
    ways = segmentations(word, table)
    tokens = min(ways, key=ways.get)
    return list(tokens), ways[tokens]


@pytest.mark.parametrize("mutant", [greedy, fewest, worst])
@pytest.mark.parametrize("check", [check_is_the_best, check_agrees_with_the_library])
def test_broken_cuts_are_caught(check, mutant):
    table = {"a": -1.0, "b": -2.0, "ab": -5.0, "bc": -1.5, "c": -2.25, "abc": -6.0}
    check(best_segmentation, "abc", table)
    with pytest.raises(AssertionError):
        check(mutant, "abc", table)


def test_by_hand():
    ways = segmentations("cats", TABLE)
    assert {tokens: round(math.exp(value), 9) for tokens, value in ways.items()} == {
        ("cat", "s"): 0.005,
        ("c", "at", "s"): 0.0005,
        ("c", "ats"): 0.0002,
        ("c", "a", "ts"): 0.00005,
        ("c", "a", "t", "s"): 0.0000125,
    }
    assert best_segmentation("cats", TABLE)[0] == ["cat", "s"]


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="'dog' cannot be cut"):
        best_segmentation("dog", TABLE)
    assert segmentations("dog", TABLE) == {}
    assert best_segmentation("", TABLE) == ([], 0.0)
