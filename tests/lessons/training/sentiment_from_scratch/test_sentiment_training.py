"""Trainings of classifiers: small ones in full, and what the chapter claims on more seeds."""

from functools import cache, partial

import pytest
import torch

from lessons.training import (
    Bag,
    Labeled,
    SentimentEncoder,
    clause_words_of,
    draw_reviews,
    labeled,
    sorted_words_of,
    train_classifier,
    words_and_pairs_of,
    words_of,
)
from lessons.training.sentiment_from_scratch import review_grammar as grammar

FEW = [Labeled(one, int("good" in one)) for one in ("a good plot", "a bad plot", "good", "bad !")]


def small(texts=FEW, **options):
    defaults = {"cut": words_of, "steps": 60, "learning_rate": 0.1, "size": 8}
    return train_classifier(Bag, texts * 5, texts, **defaults | options)


def test_a_bag_learns_its_votes_and_the_vocabulary_is_of_what_was_learned():
    trained = small()
    assert trained.share_right(FEW) == 1.0
    assert "superb" not in trained.vocabulary.tokens
    votes = trained.model.votes.weight.diff(dim=1)[:, 0]
    assert votes[trained.vocabulary.ids["good"]] > 0.5 > -0.5 > votes[trained.vocabulary.ids["bad"]]


def test_the_best_look_is_kept():
    wrong = [Labeled(one.text, 1 - one.positive) for one in FEW]
    trained = train_classifier(
        Bag, FEW * 5, wrong, cut=words_of, steps=60, learning_rate=0.1, size=8
    )
    assert trained.watch.losses[0] == min(trained.watch.losses)
    assert not trained.model.votes.weight.any()  # as before the first step


def test_an_empty_class_is_told_before_anything_is_trained():
    praise = [one for one in FEW if one.positive]
    for learned, validation in ((praise, FEW), (FEW, praise)):
        with pytest.raises(ValueError, match="class 0 has no example"):
            train_classifier(Bag, learned, validation, cut=words_of, steps=1, learning_rate=0.1)


def test_the_seed_decides_all():
    first, again, other = (small(seed=seed) for seed in (0, 0, 1))
    assert first.losses == again.losses != other.losses


def test_pairs_can_do_what_words_cannot():
    turned = [Labeled(one, int(one in ("good", "not bad"))) for one in
              ("good", "bad", "not good", "not bad")]  # fmt: skip
    assert small(turned).share_right(turned) < 1.0
    assert small(turned, cut=words_and_pairs_of, steps=200).share_right(turned) == 1.0


@cache
def texts():
    """Return the chapter's reviews: to learn from, and for validation."""
    drawn = partial(draw_reviews, keep=grammar.learnable)
    return [
        labeled(drawn(count, seed=seed), wrong=0.05, seed=seed) for count, seed in
        ((4000, 1), (400, 2))
    ]  # fmt: skip


def encoder(seed, *, cut=words_of):
    build = partial(SentimentEncoder, positions=64, seed=seed)
    return train_classifier(build, *texts(), cut=cut, steps=600, learning_rate=0.005, seed=seed)


@pytest.fixture(scope="module")
def encoders():
    """Train the chapter's encoder with four seeds more than the page: of weights and of batches."""
    return [encoder(seed) for seed in range(1, 5)]


@pytest.mark.slow
def test_what_the_encoder_reads_on_four_more_seeds(encoders):
    plain, negated, contrast, newly = (
        labeled(draw_reviews(300, keep=kind, seed=11))
        for kind in (grammar.plain, grammar.negated, grammar.contrast, grammar.newly_negated)
    )
    unseen = labeled(draw_reviews(300, keep=grammar.plain, adjectives=grammar.UNSEEN, seed=11))
    for trained in encoders:
        assert trained.share_right(plain) > 0.9 and trained.share_right(negated) > 0.8
        assert trained.share_right(contrast) > 0.62
        assert trained.share_right(newly) > 0.5
        assert 0.38 < trained.share_right(unseen) < 0.62


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_either_alone_is_worth_nothing_for_contrasts_on_four_more_seeds(seed):
    """Words without order, order without votes that another word turns; a bag with both."""
    bag = partial(train_classifier, Bag, *texts(), steps=400, learning_rate=0.02, seed=seed)
    givens = {
        "sorted": encoder(seed, cut=sorted_words_of),
        "clauses": bag(cut=clause_words_of),
        "both": bag(cut=partial(clause_words_of, turned=True)),
    }
    kinds = (grammar.plain, grammar.negated, grammar.contrast)
    asked = [labeled(draw_reviews(300, keep=kind, seed=11)) for kind in kinds]
    right = {name: [one.share_right(some) for some in asked] for name, one in givens.items()}
    print(seed, right)
    assert max(right["sorted"][2], right["clauses"][2]) < 0.6
    assert right["sorted"][1] > 0.75 > right["clauses"][1] and min(right["both"]) > 0.95


@pytest.mark.slow
def test_the_answer_turns_with_what_decides_on_four_more_seeds(encoders):
    edits = [grammar.other_joint, partial(grammar.turned, decider=True),
             partial(grammar.turned, decider=False)]  # fmt: skip
    reviews = [
        one
        for one in draw_reviews(400, keep=grammar.contrast, seed=12)
        if all(grammar.learnable(edit(one)) for edit in edits)
    ]
    for trained in encoders:
        before = trained.answers([one.text for one in reviews])
        joint, decider, other = (
            (trained.answers([edit(one).text for one in reviews]) != before).double().mean()
            for edit in edits
        )
        assert torch.minimum(joint, decider) > other + 0.1
