"""No held-out pair of words is ever seen in training, in either order."""

import random

import pytest

from lessons.models import grammar
from lessons.models.grammar import corpus, winograd
from lessons.models.grammar.splits import (
    Splits,
    book_splits,
    candidate_pairs,
    make_splits,
    pairs_in,
)
from lessons.models.making import training_rows as batches, word_tokenizer as vocabulary


def leaks(sentences) -> list[str]:
    """The sentences that hold both words of a held-out pair."""
    held = book_splits().validation | book_splits().test
    return [one.text for one in sentences if not held.isdisjoint(pairs_in(one.tokens))]


def test_splits_are_disjoint_and_hold_out_a_tenth_each():
    splits = book_splits()
    assert splits.validation.isdisjoint(splits.test)
    for group in candidate_pairs():
        for held in (splits.validation, splits.test):
            assert len(held.intersection(group)) == round(0.1 * len(group))


@pytest.mark.parametrize("kind", [*corpus.KINDS, "repeat"])
def test_training_sentences_hold_no_held_out_pair(kind):
    rng = random.Random(0)
    assert leaks(grammar.sentence(kind, "train", rng) for _ in range(500)) == []


@pytest.mark.parametrize("kind", corpus.TRANSLATED)
def test_training_translations_hold_no_held_out_pair(kind):
    rng = random.Random(0)
    assert leaks(grammar.translation(kind, "train", rng).source for _ in range(500)) == []


def test_the_leak_check_finds_leaks_where_the_splits_are_ignored():
    rng, nothing = random.Random(0), Splits(frozenset(), frozenset())
    for kind in ("winograd", "people", "agreement", "plain", "repeat"):
        drawn = [grammar.sentence(kind, "train", rng, splits=nothing) for _ in range(200)]
        assert leaks(drawn), kind


def test_a_pair_is_held_out_in_both_orders_and_in_the_plural():
    key, bed = "key", "bed"
    splits = Splits(frozenset(), frozenset({frozenset((key, bed))}))
    for text in ("the key hid the bed", "the bed hid the key", "the keys near the red beds"):
        sentence = grammar.Sentence(tuple(text.split()), "x", pair=frozenset((key, bed)))
        assert grammar.split_of(sentence, splits) == "test"
        assert grammar.split_of(grammar.Sentence(sentence.tokens, "x"), splits) == "none"


def test_both_halves_of_a_pair_lie_in_one_split():
    rng = random.Random(0)
    for _ in range(300):
        one = winograd.choose_schema(rng)
        halves = {grammar.split_of(winograd.english(half), book_splits())
                  for half in (one, winograd.flip(one))}  # fmt: skip
        assert len(halves) == 1


def test_test_sentences_come_from_test_pairs():
    rng = random.Random(0)
    for kind in corpus.KINDS:
        for _ in range(20):
            assert grammar.sentence(kind, "test", rng).pair in book_splits().test


def test_batches_of_the_encoder_hold_no_held_out_pair():
    """What the model reads is the training split: decode a batch, one sentence a row, and look."""
    tokenizer = vocabulary.make_tokenizer("encoder", vocabulary.words_of("encoder"), max_length=64)
    batch = batches.encoder_batch(random.Random(0), tokenizer.get_vocab(), masked=0.0)
    texts = tokenizer.batch_decode(batch["input_ids"], skip_special_tokens=True)
    assert len(texts) == 64 and leaks(grammar.Sentence(tuple(t.split()), "x") for t in texts) == []


@pytest.mark.parametrize("share", [0.0, 0.5, -1.0])
def test_impossible_shares_are_refused(share):
    with pytest.raises(ValueError, match=r"below 0\.5"):
        make_splits(random.Random(0), share=share)
