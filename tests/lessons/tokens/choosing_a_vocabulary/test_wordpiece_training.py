"""The gain of a merge is the difference of two log-probabilities, and decides as the paper says."""

import math
from collections import Counter
from operator import attrgetter

import pytest
from hypothesis import given, strategies as st

from lessons.tokens import marked, merge_marked, pair_scores, train_wordpiece
from support import few

SIX = {"in": 3, "it": 3, "an": 3, "at": 4, "ox": 2, "up": 1}
corpora = st.dictionaries(
    st.text(st.sampled_from("ab"), min_size=1, max_size=6), st.integers(1, 5), min_size=1
)


def log_probability(words):
    counts = Counter()
    for tokens, times in words.items():
        for token in tokens:
            counts[token] += times
    return sum(n * math.log(n / counts.total()) for n in counts.values())


def check_gains(score, corpus):
    """No symbol that follows itself: there a merge joins fewer pairs than there are."""
    words = {marked(word): times for word, times in corpus.items()}
    for pair, found in score(words).items():
        if pair[0] != pair[1]:
            after = {merge_marked(tokens, pair): times for tokens, times in words.items()}
            assert math.isclose(
                found.gain, log_probability(after) - log_probability(words), abs_tol=1e-9
            )


@few
@given(corpora)
def test_the_gain_is_what_the_log_probability_gains(corpus):
    check_gains(pair_scores, corpus)


def without_the_total(words):
    size = sum(len(tokens) * times for tokens, times in words.items())
    return {
        pair: score._replace(gain=score.gain - size * 1e-3)
        for pair, score in pair_scores(words).items()
    }


def test_another_gain_is_caught():
    with pytest.raises(AssertionError):
        check_gains(without_the_total, SIX)


def test_the_three_scores_choose_three_pairs():
    first = {
        by: train_wordpiece(SIX, merges=1, by=attrgetter(by))[0] for by in ("frequency", "ratio")
    }
    assert first == {"frequency": ("a", "##t"), "ratio": ("u", "##p")}
    assert train_wordpiece(SIX, merges=1, by=attrgetter("gain")) == [("o", "##x")]
    assert pair_scores({marked(w): n for w, n in SIX.items()})["u", "##p"].ratio == 1


def test_merging_ends_when_no_pair_is_left():
    assert train_wordpiece({"a": 3}, merges=5, by=attrgetter("gain")) == []
    assert train_wordpiece({"ab": 1, "": 2}, merges=5, by=attrgetter("frequency")) == [("a", "##b")]
    assert len(train_wordpiece(SIX, merges=99, by=attrgetter("gain"))) == 6


def test_a_mark_stays_with_the_first_part():
    assert merge_marked(("a", "##a", "##a"), ("##a", "##a")) == ("a", "##aa")
    assert merge_marked(("a", "##a", "##a"), ("a", "##a")) == ("aa", "##a")
    assert marked("") == () and marked("é?") == ("é", "##?")
