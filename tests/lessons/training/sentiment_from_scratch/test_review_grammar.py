"""The grammar of reviews: by hand, and what its kinds promise."""

import pytest

from lessons.training.sentiment_from_scratch import review_grammar as grammar
from lessons.training.sentiment_from_scratch.review_grammar import Clause, Review, draw_reviews

GOOD = Clause("plot", (), "good", opinion=False, negated=False)
FAR = Clause("music", ("very", "really"), "bad", opinion=True, negated=True)
NEAR = Clause("cast", ("very",), "great", opinion=False, negated=True)


def test_clauses_by_hand():
    assert [one.text for one in (GOOD, FAR, NEAR)] == [
        "the plot was good",
        "I do not think the music was very really bad",
        "the cast was not very great",
    ]
    assert [one.praises for one in (GOOD, FAR, NEAR)] == [True, True, False]


@pytest.mark.parametrize(
    ("clauses", "joint", "positive"),
    [
        ((GOOD,), "", True),
        ((NEAR,), "", False),
        ((GOOD, NEAR), "but", False),
        ((GOOD, NEAR), "though", True),
        ((NEAR, FAR), "but", True),
        ((NEAR, FAR), "though", False),
    ],
)
def test_the_clause_that_decides(clauses, joint, positive):
    assert Review(clauses, joint, ()).positive == positive


def test_the_text_is_a_sentence_with_asides_behind_it():
    review = Review((GOOD, NEAR), "but", ("We left.",))
    assert review.text == "The plot was good, but the cast was not very great. We left."


def test_each_kind_has_what_it_promises():
    plain, negated, contrast, newly = (
        draw_reviews(60, keep=kind, seed=1)
        for kind in (grammar.plain, grammar.negated, grammar.contrast, grammar.newly_negated)
    )
    assert not any("not" in one.text or one.joint for one in plain)
    assert all("not" in one.text.split() and not one.joint for one in (*negated, *newly))
    assert all(one.clauses[0].adjective in grammar.NEVER_NEGATED for one in newly)
    assert not any(one.clauses[0].adjective in grammar.NEVER_NEGATED for one in negated)
    assert all(one.clauses[0].praises != one.clauses[1].praises for one in contrast)
    assert {one.joint for one in contrast} == {"but", "though"}


def test_what_is_learned_from_holds_nothing_that_is_kept_out():
    texts = draw_reviews(500, keep=grammar.learnable)
    assert not any(word in one.text for one in texts for word in grammar.UNSEEN)
    for one in texts:
        assert not any(c.negated and c.adjective in grammar.NEVER_NEGATED for c in one.clauses)
    assert 0.45 < sum(one.positive for one in texts) / 500 < 0.55


def test_the_seed_decides_all():
    assert draw_reviews(5, seed=3) == draw_reviews(5, seed=3) != draw_reviews(5, seed=4)
