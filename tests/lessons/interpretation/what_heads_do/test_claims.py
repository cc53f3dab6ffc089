"""What the chapter on heads claims holds for other sentences than those that it shows."""

from functools import partial

import pytest
import torch

from lessons.interpretation import (
    alike,
    antecedents_right,
    copied_right,
    exchange_word,
    induction_links,
    losses,
    maps_for,
    mean_margin,
    patching_effects,
    previous_token_links,
    pronoun_links,
    record_heads,
    said_twice,
    score_heads,
    silenced,
    silences,
)
from lessons.models.grammar import repeat
from lessons.models.grammar.draws import distinct, draw_sentences, drawing

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
    kinds = silences(encoder, some, alike(some, drawing("winograd", "train")))
    groups = {head: [head] for head in EVERY}
    groups |= {n: [head for head in EVERY if head[0] == n] for n in range(3)}
    groups["both"] = groups[1] + groups[2]
    lost = losses(encoder.model, partial(antecedents_right, encoder, some), kinds, groups)
    for kind in kinds:
        assert max(lost[head][kind].lost for head in EVERY if rates[head] > 0.9) < 0.03
        assert max(lost[1][kind].lost, lost[2][kind].lost) < 0.2
        assert min(lost[0][kind].lost, lost["both"][kind].lost) > 0.25
    assert max(lost[0, 0][kind].chance for kind in ("means", "another's")) < 0.05 / 12
    assert rates[0, 0] < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_induction_needs_the_previous_token_where_keys_are_made(decoder, seed):
    lists = distinct(partial(repeat, length=10), f"induction/{seed}", 100)
    ids = decoder.tokenizer([one.text for one in lists], return_tensors="pt").input_ids
    links = [induction_links(row) for row in ids.tolist()]
    table = maps(decoder.model, ids)
    previous = score_heads(table, [previous_token_links(20)] * 100).rates
    inducing = score_heads(table, links).best()
    writers = [(0, head) for head in range(4) if previous[0, head] > 0.9]
    others = [(0, head) for head in range(4) if (0, head) not in writers]
    means = silences(decoder, lists, alike(lists, partial(repeat, length=10)))["means"]
    rates, copied = [], []
    for heads, at in ((writers, range(10)), (writers, range(10, 20)), (others, range(10))):
        with silenced(decoder.model, means, heads, places=[at] * 100):
            rates.append(score_heads(maps(decoder.model, ids), links).rates[inducing])
            copied.append(copied_right(decoder, lists).mean())
    assert rates[0] < 0.4 < 0.8 < min(rates[1:])
    assert copied[0] < 0.25 < 0.8 < min(copied[1:])


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
