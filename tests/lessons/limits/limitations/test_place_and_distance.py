"""Copying by distance at equal places, and by place at equal distances."""

import random

import pytest
import torch

from lessons.limits import earlier_text, repetition_hits
from lessons.models.grammar.corpus import open_words


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_distance_costs_something_and_the_place_more(decoder, seed):
    near, far, late = (
        repetition_hits(decoder, words, before=before, seed=seed)[:, :9].double().mean()
        for words, before in ((10, 40), (50, 0), (10, 100))
    )
    assert near - 0.08 > far > 0.6 > 0.1 > late


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_place_of_the_list_harms_and_not_the_place_that_is_asked(decoder, seed):
    """Asked at places 70 to 78: a list that began at 40 is found, one that began at 60 is not."""
    early, late = (
        repetition_hits(decoder, words, before=before, seed=seed)[:, :9].double().mean()
        for words, before in ((30, 40), (10, 60))
    )
    assert early > 0.6 > 0.2 > late


@pytest.mark.parametrize("seed", range(5))
def test_late_numbers_harm_in_the_first_round_and_hardly_in_the_second(decoder, seed):
    rng, numbers = random.Random(seed), decoder.tokenizer.get_vocab()
    said = torch.tensor([[numbers[w] for w in rng.sample(open_words(), 10)] for _ in range(20)])
    begun = torch.tensor([earlier_text(decoder, 20, rng) for _ in said])
    text, place, share = torch.cat([begun, said, said], dim=1), torch.arange(40), []
    for late in ((place > 19) & (place < 30), place > 29):
        with torch.no_grad():
            logits = decoder.model(input_ids=text, position_ids=(place + 60 * late)[None]).logits
        share.append((logits[:, 30:-1].argmax(dim=-1) == said[:, 1:]).double().mean())
    assert share[0] < 0.2 < 0.6 < share[1]


@pytest.mark.parametrize("seed", range(3))
def test_the_end_of_a_long_list_is_lost_though_it_stood_early(decoder, seed):
    hits = repetition_hits(decoder, 50, seed=seed).double().mean(dim=0)
    assert hits[:9].mean() > 0.6 > 0.3 > hits[-19:].mean()
