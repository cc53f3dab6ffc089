from functools import partial

import pytest
import torch

from lessons.fit import fit
from lessons.recurrence import batch_of, draw_batch, studied, unseen
from lessons.recurrence.padded_pairs import ENGLISH
from lessons.recurrence.phrase_pairs import Pair
from lessons.recurrence.phrase_words import DETERMINERS

DRAW = partial(draw_batch, size=8, phrases=[1, 2, 3], talk=0.3)


def test_it_finds_what_fit_has_drawn():
    drawn = []

    def watched(generator):
        drawn.append(DRAW(generator))
        return drawn[-1]

    model = torch.nn.Linear(1, 1)
    fit(model, watched, lambda model, batch: model.weight.sum(), steps=5, learning_rate=0.1, seed=3)
    for phrases in (1, 2, 3):
        found = studied(DRAW, steps=5, phrases=phrases, seed=3)
        everything = {tuple(row[row > 0].tolist()) for batch in drawn for row in batch.source}
        assert all(tuple(row[row > 0].tolist()) in everything for row in found.source)


@pytest.mark.parametrize("phrases", [1, 2, 3])
def test_the_sentences_have_so_many_phrases_and_are_no_small_talk(phrases):
    found = studied(DRAW, steps=30, phrases=phrases)
    determiners = torch.tensor([ENGLISH.ids[word] for word in DETERMINERS])
    assert (torch.isin(found.source, determiners).sum(dim=1) == phrases).all()
    assert not (found.source == ENGLISH.ids["?"]).any()
    assert (found.alignment.max(dim=1).values == (found.source > 0).sum(dim=1) - 1).all()


def test_other_sentences_are_unseen():
    cats, dogs = Pair(("cats",), ("chats",), (0,)), Pair(("dogs",), ("chiens",), (0,))
    long = Pair(("my", "cats"), ("mes", "chats"), (0, 1))
    assert unseen(batch_of([cats, long]), batch_of([dogs, cats])).tolist() == [False, True]


def test_a_length_that_was_not_drawn_is_refused():
    with pytest.raises(ValueError, match="4 phrases"):
        studied(DRAW, steps=2, phrases=4)
