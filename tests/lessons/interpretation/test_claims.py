"""What the chapter on heads claims holds for other sentences than those that it shows."""

from functools import partial

import pytest
import torch

from lessons.interpretation import (
    ablate_heads,
    ablation_effects,
    copied_share,
    exchange_word,
    induction_links,
    maps_for,
    mean_margin,
    patching_effects,
    previous_token_links,
    pronoun_links,
    record_heads,
    right_share,
    said_twice,
    score_heads,
)
from lessons.models.grammar.draws import draw_sentences

EVERY = [(layer, head) for layer in range(3) for head in range(4)]
SEEDS = range(1, 6)


@torch.no_grad()
def maps(model, ids):
    return torch.stack(model(ids, output_attentions=True).attentions, dim=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_heads_that_look_are_not_needed_alone_and_layers_replace_each_other(encoder, seed):
    some = draw_sentences("winograd", "test", 100, seed)
    rates = score_heads(maps_for(encoder, some), list(map(pronoun_links, some))).rates
    measure = partial(right_share, encoder, some)
    lost = ablation_effects(encoder.model, measure, EVERY)
    needed = max(lost, key=lost.get)
    assert lost[needed] > 0.05 and rates[needed] < 0.1
    assert max(lost[head] for head in EVERY if rates[head] > 0.9) < 0.03
    left = {}
    for layers in ((0,), (1,), (2,), (1, 2)):
        with ablate_heads(encoder.model, [head for head in EVERY if head[0] in layers]):
            left[layers] = measure()
    assert min(left[1,], left[2,]) > 0.96
    assert max(left[0,], left[1, 2]) < 0.78


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_induction_needs_the_previous_token_where_keys_are_made(decoder, seed):
    ids = said_twice(decoder, 100, seed=seed)
    links = [induction_links(row) for row in ids.tolist()]
    table = maps(decoder.model, ids)
    previous = score_heads(table, [previous_token_links(20)] * 100).rates
    inducing = score_heads(table, links).best()
    writers = [(0, head) for head in range(4) if previous[0, head] > 0.9]
    rates, copied = [], []
    for positions in (range(10), range(10, 20)):
        with ablate_heads(decoder.model, writers, positions=list(positions)):
            rates.append(score_heads(maps(decoder.model, ids), links).rates[inducing])
            copied.append(copied_share(decoder.model, ids))
    assert rates[0] < 0.4 < 0.8 < rates[1]
    assert copied[0] < 0.25 < 0.8 < copied[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_of_the_heads_with_the_bright_cell_one_carries_the_answer(decoder, seed):
    ids, place = said_twice(decoder, 100, seed=seed), 4
    exchanged = exchange_word(ids, place)
    clean, corrupted = ids[:, :14], exchanged[:, :14]
    answers = ids[:, place], exchanged[:, place]
    with record_heads(decoder.model) as written:
        whole = mean_margin(decoder.model, clean, *answers)
    measure = partial(mean_margin, decoder.model, corrupted, *answers)
    effects = patching_effects(decoder.model, measure, dict(written), EVERY)
    restored = {head: effect / (whole - measure()) for head, effect in effects.items()}
    brightest = (maps(decoder.model, clean)[:, :, :, -1].argmax(-1) == place).float().mean(0)
    bright = [head for head in EVERY if brightest[head] > 0.9]
    carrying = sorted(restored[head] for head in bright)
    assert len(bright) >= 3
    assert carrying[-1] > 0.6 and carrying[-2] < 0.2
