"""ROUGE against the package rouge-score, on drawn texts and on the frozen chapters."""

import pytest
from hypothesis import given, strategies as st
from rouge_score.rouge_scorer import RougeScorer

from lessons.adaptation import chapter_texts, rouge_l, rouge_n, rouge_words
from support import few

SCORER = RougeScorer(["rouge1", "rouge2", "rouge3", "rougeL"], use_stemmer=False)
TEXTS = st.lists(st.sampled_from("the cat Cat sat. on-mat 2 it's — é".split()), max_size=12).map(
    " ".join
)


def check_as_the_package(n_scores, l_scores, summary, reference):
    theirs = SCORER.score(reference, summary)
    ours = {f"rouge{n}": n_scores(summary, reference, n=n) for n in (1, 2, 3)}
    ours["rougeL"] = l_scores(summary, reference)
    for name, scores in ours.items():
        expected = theirs[name]
        assert scores == pytest.approx((expected.precision, expected.recall, expected.fmeasure))


@few
@given(TEXTS, TEXTS)
def test_as_the_package_on_drawn_texts(summary, reference):
    check_as_the_package(rouge_n, rouge_l, summary, reference)


def test_as_the_package_on_chapters():
    for one in chapter_texts():
        check_as_the_package(rouge_n, rouge_l, " ".join(one.sentences[:3]), one.reference)


def recall_for_f1(summary, reference, *, n):
    scores = rouge_n(summary, reference, n=n)
    return scores._replace(f1=scores.recall)


def not_clipped(summary, reference, *, n):
    ours, theirs = rouge_words(summary), rouge_words(reference)
    runs = [tuple(ours[at : at + n]) for at in range(len(ours) - n + 1)]
    there = {tuple(theirs[at : at + n]) for at in range(len(theirs) - n + 1)}
    return rouge_n(summary, reference, n=n)._replace(
        precision=sum(one in there for one in runs) / max(len(runs), 1)
    )


def in_any_order(summary, reference):
    return rouge_n(summary, reference)


@pytest.mark.parametrize("broken", [recall_for_f1, not_clipped])
def test_broken_counts_are_caught(broken):
    with pytest.raises(AssertionError):
        check_as_the_package(broken, rouge_l, "the the the cat sat now", "the cat sat down")


def test_a_broken_order_is_caught():
    with pytest.raises(AssertionError):
        check_as_the_package(rouge_n, in_any_order, "cat the sat", "the cat sat")


def test_it_refuses_no_words_in_a_run():
    with pytest.raises(ValueError, match="at least 1"):
        rouge_n("a", "a", n=0)
