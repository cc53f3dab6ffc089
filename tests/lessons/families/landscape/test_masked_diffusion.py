"""Filling masks in passes: what is filled when, what stays, and that looking is what helps."""

import random
from itertools import pairwise

import pytest
import torch
from hypothesis import given, strategies as st

from lessons import families, models
from lessons.families import fill_in_passes, in_any_order, surest_first, without_looking
from support import few

MASK = 5


class Watching:
    """A guesser that likes each token equally, and notes how many masks it was shown."""

    def __init__(self, logits=None):
        self.logits = logits
        self.shown = []

    def __call__(self, ids):
        self.shown.append((ids == MASK).sum(dim=-1).tolist())
        return torch.zeros(*ids.shape, 6) if self.logits is None else self.logits


@given(st.integers(1, 9), st.integers(1, 12), st.sampled_from([surest_first, in_any_order]))
@few
def test_all_masks_are_filled_and_the_rest_is_left(masks, passes, order):
    generator = torch.Generator().manual_seed(masks)
    ids = torch.tensor([[1, *(masks * [MASK]), 2], [MASK, *(masks * [3]), MASK]])
    guess = Watching()
    filled = fill_in_passes(
        guess, ids, mask=MASK, passes=passes, generator=generator, order=order, never=[0, 4]
    )
    assert set(filled[ids == MASK].tolist()) <= {1, 2, 3}
    assert filled[ids != MASK].equal(ids[ids != MASK])
    assert len(guess.shown) == passes
    left = [shown[0] for shown in guess.shown] + [0]
    parts = [one - two for one, two in pairwise(left)]
    assert sum(parts) == masks and max(parts) - min(parts) <= 1


def test_the_surest_are_filled_first():
    logits = torch.zeros(1, 3, 6)
    logits[0, 1, 2] = 50.0
    guess = Watching(logits)
    generator = torch.Generator().manual_seed(0)
    first = torch.full((1, 3), MASK)
    seen = []

    def order(chances, generator):
        seen.append(chances)
        return surest_first(chances, generator)

    fill_in_passes(guess, first, mask=MASK, passes=3, generator=generator, order=order)
    assert seen[0].argmax() == 1 and guess.shown == [[3], [2], [1]]


def test_a_pass_sees_what_the_one_before_wrote():
    class Echo:
        """Guesses at each place the token on its left, if that is known."""

        def __call__(self, ids):
            left = ids.roll(1, dims=-1).clamp(max=4)
            return torch.nn.functional.one_hot(left, 6).float() * 99

    def in_reading_order(chances, generator):
        return -torch.arange(chances.shape[-1]).expand_as(chances).float()

    ids = torch.tensor([[2, MASK, MASK, MASK]])
    options = dict(mask=MASK, generator=torch.Generator(), order=in_reading_order)
    assert fill_in_passes(Echo(), ids, passes=3, **options).tolist() == [[2, 2, 2, 2]]
    assert fill_in_passes(Echo(), ids, passes=1, **options).tolist() != [[2, 2, 2, 2]]
    blind = without_looking(Echo()(ids))
    assert fill_in_passes(blind, ids, passes=3, **options).tolist() != [[2, 2, 2, 2]]


def test_there_must_be_a_pass():
    with pytest.raises(ValueError, match="at least 1"):
        fill_in_passes(Watching(), torch.tensor([[MASK]]), mask=MASK, passes=0,
                       generator=torch.Generator())  # fmt: skip


@pytest.fixture(scope="module")
def writing():
    """The book's encoder, all masks, and the decoder's surprise at what was written."""
    encoder, decoder = (models.load(name, source="book") for name in ("encoder", "decoder"))
    reads, judge = (families.from_transformers(one.model) for one in (encoder, decoder))
    names = encoder.tokenizer
    blank = torch.full((64, 11), names.mask_token_id)
    blank[:, 0], blank[:, -1] = names.cls_token_id, names.sep_token_id

    @torch.no_grad()
    def surprise(guess, order, passes, seed):
        filled = fill_in_passes(
            guess, blank, mask=names.mask_token_id, passes=passes, order=order,
            never=names.all_special_ids, generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip
        texts = [names.decode(one[1:-1]) for one in filled]
        rows = [models.encode(decoder, text).input_ids for text in texts]
        mixed = [
            " ".join(random.Random(seed).sample(words, len(words)))
            for words in map(str.split, texts)
        ]
        mixed_rows = [models.encode(decoder, text).input_ids for text in mixed]
        as_written, as_words = (
            float(families.next_token_loss(judge, torch.cat(some))) for some in (rows, mixed_rows)
        )
        return as_written, as_words, len({word for text in texts for word in text.split()})

    with torch.no_grad():
        return surprise, reads, without_looking(reads(blank))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_the_page_says_of_passes_holds_for_five_draws(writing, seed):
    surprise, reads, blind = writing
    surest, its_words, different = surprise(reads, surest_first, 9, seed)
    any_order, other_words, more_different = surprise(reads, in_any_order, 9, seed)
    one_pass, *_ = surprise(reads, in_any_order, 1, seed)
    three, *_ = surprise(reads, surest_first, 3, seed)
    without, *_ = surprise(blind, surest_first, 9, seed)
    assert surest + 1.4 < any_order and any_order + 1.4 < min(one_pass, without)
    assert surest + 0.7 < three < surest + 1.4
    assert its_words > other_words - 0.5  # it is not that sure words are frequent ones
    assert 80 < different < more_different


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_sure_places_first_help_even_where_no_likely_word_is_kept(writing, seed):
    surprise, reads, _ = writing
    said = []

    def noted(ids):
        said.append(reads(ids))
        return said[-1]

    def surest_place(chances, generator):
        logs = said[-1].log_softmax(dim=-1)
        return (logs.exp() * logs).sum(dim=-1)  # minus the entropy

    places, _, different = surprise(noted, surest_place, 9, seed)
    surest, _, fewer = surprise(reads, surest_first, 9, seed)
    any_order, *_ = surprise(reads, in_any_order, 9, seed)
    assert places + (any_order - surest) / 2 < any_order
    assert surest + 0.1 < places and fewer < different
