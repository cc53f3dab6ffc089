"""Where answers have a ceiling, margins tell more: heads that look, and two that work together."""

from functools import partial

import pytest
import torch

from lessons.interpretation import (
    alike,
    antecedent_margins,
    antecedents_right,
    losses,
    maps_for,
    pronoun_links,
    score_heads,
    silenced,
    silences,
)
from lessons.models.grammar import finish, winograd
from lessons.models.grammar.draws import distinct, draw_schema, draw_sentences, drawing

EVERY = [(layer, head) for layer in range(3) for head in range(4)]


@pytest.mark.parametrize("seed", range(1, 3))
@torch.no_grad()
def test_each_head_that_looks_adds_to_the_margin(encoder, seed):
    some = draw_sentences("winograd", "test", 100, seed)
    rates = score_heads(maps_for(encoder, some), list(map(pronoun_links, some))).rates
    kinds = silences(encoder, some, alike(some, drawing("winograd", "train")))
    kinds = {kind: kinds[kind] for kind in ("means", "another's")}
    margins = partial(antecedent_margins, encoder, some)
    lost = losses(encoder.model, margins, kinds, {head: [head] for head in EVERY})
    chance = {head: max(of[kind].chance for kind in kinds) for head, of in lost.items()}
    looking = [head for head in EVERY if rates[head] > 0.9]
    assert len(looking) >= 5 and max(chance[head] for head in looking) < 0.05 / 12
    assert min(chance[head] for head in ((0, 2), (1, 0), (2, 2))) > 0.05 / 12
    whole = margins().mean()
    assert max(lost[head][kind].lost for head in looking for kind in kinds) < whole / 5


@pytest.mark.parametrize("seed", range(2))
def test_beside_one_head_another_turns_what_it_does_not_turn_alone(encoder, seed):
    schemas = [
        one
        for one in distinct(draw_schema, f"margins/{seed}", 150)
        if one.frame in ("hide", "fit", "break")
    ]
    ones = [finish(winograd.english(one)) for one in schemas]
    flipped = [[finish(winograd.english(winograd.flip(one)))] for one in schemas]
    opposite = silences(encoder, ones, flipped)["another's"]
    places = [[at, at - 2] for at in (one.antecedents[-1][0] + 1 for one in ones)]

    def turned(*heads):
        with silenced(encoder.model, opposite, heads, places=places):
            return (~antecedents_right(encoder, ones)).float().mean()

    assert turned((0, 0)) < 0.1 and 0.3 < turned((0, 3)) < 0.8
    assert min(turned((0, 3), (0, other)) for other in (0, 1)) > 0.9
    assert turned((0, 3), (0, 2)) < 0.8
