"""Links, baselines and scores."""

import pytest
import torch
from hypothesis import given, settings, strategies as st

from lessons.foundations import Proportion
from lessons.interpretation import (
    baseline,
    first_of,
    induction_links,
    nearest_before,
    previous_token_links,
    score_heads,
)
from lessons.models import shifted

few = settings(deadline=None, max_examples=25)


def attending(links, queries, keys, *, elsewhere=0.0):
    """One layer of two heads: head 0 looks where the links say, head 1 at key 0."""
    weights = torch.full((1, 2, queries, keys), elsewhere, dtype=torch.float64)
    weights[:, :, :, 0] += 0.4
    for query, key in links:
        weights[0, 0, query, key] += 0.5
    return weights


def test_induction_by_hand():
    # A B C A B A: the second A should find B, the second B finds C, the third A finds B again,
    # the one after its last occurrence.
    assert induction_links([1, 2, 3, 1, 2, 1]) == [(3, 1), (4, 2), (5, 4)]
    assert induction_links([1, 2, 3]) == []
    assert induction_links([5, 5]) == [(1, 1)]


@few
@given(ids=st.lists(st.integers(0, 4), max_size=12))
def test_induction_links_lead_to_what_followed(ids):
    for query, key in induction_links(ids):
        assert ids[key - 1] == ids[query]
        assert 0 < key <= query
        assert ids[query] not in ids[key:query]  # it is the last occurrence


def test_links_by_rule():
    assert previous_token_links(1) == []
    assert nearest_before(2, [3, 4]) is None


def test_baselines_by_hand():
    # "the trophy does not fit in the suitcase because it": nouns at 1 and 7, the pronoun at 9.
    links, nouns = [[(9, 1)], [(9, 7)], [(9, 1)]], [[1, 7]] * 3
    assert baseline(nearest_before, links, nouns) == Proportion(1, 3)
    assert baseline(first_of, links, nouns) == Proportion(2, 3)
    with pytest.raises(ValueError, match="no link to score"):
        baseline(first_of, [[]], [[1]])


@few
@given(tokens=st.integers(3, 9), elsewhere=st.floats(0, 0.05))
def test_the_head_that_knows_is_found(tokens, elsewhere):
    links = [(query, query - 1) for query in range(2, tokens)]
    weights = attending(links, tokens, tokens, elsewhere=elsewhere)
    scores = score_heads([weights, weights], [links, links[:1]])
    assert scores.best() == (0, 0)
    assert scores.of(0, 0) == Proportion(len(links) + 1, len(links) + 1)
    assert scores.of(0, 1).hits == 0
    assert scores.rates.tolist() == [[1.0, 0.0]]
    # The broken variant: keys counted without the [CLS] in front.
    assert score_heads([weights], [shifted(links, keys=-1)]).of(0, 0).hits == 0


def test_scores_by_hand():
    weights = torch.tensor([[[[0.2, 0.8, 0.0], [0.5, 0.3, 0.2]]]])
    scores = score_heads([weights, weights], [[(0, 1)], [(1, 2)]])
    assert scores.of(0, 0) == Proportion(1, 2)
    assert scores.mass.item() == pytest.approx(0.5)


def test_equal_hits_are_decided_by_mass():
    weights = torch.tensor([[[[0.6, 0.4]], [[0.9, 0.1]]]])
    assert score_heads([weights], [[(0, 0)]]).best() == (0, 1)


def test_texts_without_links():
    weights = torch.ones(1, 1, 2, 3)
    with pytest.raises(ValueError, match="no link to score"):
        score_heads([weights], [[]])
