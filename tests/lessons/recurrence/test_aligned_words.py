import pytest
import torch

from lessons.recurrence import (
    aligned,
    batch_of,
    diagonal,
    draw_batch,
    moved_words,
    strongest,
    table_of_places,
    words_of,
)
from lessons.recurrence.phrase_pairs import Pair

PAIRS = [
    Pair(("my", "red", "cars"), ("mes", "voitures", "rouges"), (0, 2, 1)),
    Pair(("dogs",), ("chiens",), (0,)),
]


def test_by_hand():
    batch = batch_of(PAIRS)
    assert words_of(batch).tolist() == [[True, True, True, False], [True, False, False, False]]
    assert moved_words(batch).tolist() == [[False, True, True, False], [False] * 4]
    assert diagonal(batch).tolist() == [[0, 1, 2, 3], [0, 1, 1, 1]]
    assert aligned(diagonal(batch), batch, words_of(batch)) == 0.5
    assert aligned(diagonal(batch), batch, moved_words(batch)) == 0
    perfect = torch.nn.functional.one_hot(batch.alignment.clamp(min=0), 4).float()
    assert aligned(strongest(perfect), batch, words_of(batch)) == 1
    assert aligned(strongest(perfect.roll(1, dims=2)), batch, words_of(batch)) == 0


def test_the_diagonal_is_wrong_for_every_moved_word_and_about_half_of_all():
    batch = draw_batch(torch.Generator().manual_seed(0), size=400, phrases=[3])
    assert aligned(diagonal(batch), batch, moved_words(batch)) == 0
    assert 0.4 < aligned(diagonal(batch), batch, words_of(batch)) < 0.6


def test_a_table_of_places_knows_the_commonest_source_at_each_pair_of_lengths():
    target = "voitures", "rouges"
    as_is, swapped = (Pair(("red", "cars"), target, places) for places in ((0, 1), (1, 0)))
    pairs = [as_is, swapped, swapped, Pair(("my", "red", "cars"), target, (2, 2))]
    batch = batch_of(pairs)
    assert table_of_places(batch, batch)[:, :2].tolist() == [[1, 0]] * 3 + [[2, 2]]
    assert table_of_places(batch_of(pairs[3:]), batch)[0].tolist() == [0, 0, 0]


def test_no_word_is_refused():
    batch = batch_of(PAIRS[1:])
    with pytest.raises(ValueError, match="no word counts"):
        aligned(diagonal(batch), batch, moved_words(batch))
