"""From texts to batches: what is unknown, what is padding, and who is drawn how often."""

from collections import Counter

import pytest
import torch

from lessons.training import (
    batch_of,
    clause_words_of,
    draw_batches,
    padded,
    padding_share,
    vocabulary_of,
    words_and_pairs_of,
    words_of,
)

ROWS = [[5] * length for length in range(1, 41)]


def test_frequent_words_get_the_first_numbers_and_rare_ones_none():
    words = vocabulary_of(["a b b c", "b a d"])
    assert words.tokens == ["[UNK]", "[PAD]", "b", "a"]
    assert words.encode(words_of("a b c z")) == [3, 2, 0, 0]
    assert vocabulary_of(["a b", "a b"], cut=words_and_pairs_of).tokens[2:] == ["a", "b", "a b"]


def test_empty_texts_are_refused():
    for rows in ([], [[]], [[5], []]):
        with pytest.raises(ValueError, match="pass texts of at least one token"):
            padded(rows)


def drawn(pool, batches=400):
    draw, generator = draw_batches(ROWS, range(40), size=8, pool=pool), torch.Generator()
    return [draw(generator.manual_seed(seed)) for seed in range(batches)]


def test_batches_of_like_lengths_hold_less_padding_and_every_text_as_often():
    sorted_, mixed = drawn(8), drawn(1)
    assert padding_share(sorted_) < 0.15 < 0.4 < padding_share(mixed)
    for batches in (sorted_, mixed):
        counts = Counter(int(one) for batch in batches for one in batch.labels)
        assert len(counts) == 40
        assert 40 < min(counts.values()) <= max(counts.values()) < 130  # 80 on average


def test_labels_stay_with_their_texts():
    for batch in drawn(8, batches=20):
        assert ((batch.ids != 1).sum(dim=1) == batch.labels + 1).all()


def test_the_share_of_padding_by_hand():
    assert padding_share([batch_of([[5], [5, 5, 5]], [0, 1]), batch_of([[5]], [0])]) == 2 / 7


@pytest.mark.parametrize(
    ("text", "plain", "turned"),
    [
        ("Good, we think. But why?", "1 good|1 ,|1 we|1 think|.|but|why|?", None),
        ("A, though not B!", "1 a|1 ,|2 not|2 b|though|!",
         "1 though a|1 though ,|2 though not not|2 though not b|though|!"),
        ("not A", "1 not|1 a", "1 not not|1 not a"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_words_carry_their_clause(text, plain, turned):
    assert clause_words_of(text) == [one for one in plain.split("|") if one]
    if turned is not None:
        assert clause_words_of(text, turned=True) == [one for one in turned.split("|") if one]
