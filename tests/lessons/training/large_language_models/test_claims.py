"""What the chapter says of its trainings, seed by seed."""

from functools import partial

import pytest
import torch

from lessons import models
from lessons.families import next_token_loss, small_decoder
from lessons.fit import fit
from lessons.training import (
    draw_facts,
    losses_on,
    pair_language,
    right_places,
    rows_of,
    some_rows,
)


def trained(vocab, rows, *, batch, steps, learning_rate, seed, **sizes):
    model = small_decoder(vocab, positions=rows.shape[1], layers=1, seed=seed, **sizes)
    draw = partial(some_rows, rows, batch)
    fit(model, draw, next_token_loss, steps=steps, learning_rate=learning_rate, seed=seed)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_small_model_passes_a_large_one_by_reading_the_same_words_again(seed):
    """So what a law in size calls its floor is not the language's, nor that of the words."""
    language = pair_language()
    text = language.draw(20800, 16, torch.Generator().manual_seed(1))
    train, held_out = partial(trained, 64, batch=16, seed=seed), text[20000:]
    large = train(text[:2048], d_model=64, steps=128, learning_rate=0.02)
    once = train(text[:2048], d_model=16, steps=128, learning_rate=0.05)
    again = train(text[:2048], d_model=16, steps=512, learning_rate=0.05)
    large, once, again = losses_on(held_out, [large, once, again]).tolist()
    assert language.entropy() + 0.03 < again < large - 0.02 < once - 0.03


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_whole_answers_leap_where_digits_rise(seed):
    facts, share, exact = draw_facts(128), {}, {}
    for width, rate in {4: 0.03, 8: 0.03, 16: 0.02}.items():
        options = {"d_model": width, "heads": 1, "steps": 200, "learning_rate": rate}
        found = right_places(trained(138, facts, batch=128, seed=seed, **options), facts).double()
        share[width], exact[width] = found.mean().item(), found.prod(dim=1).mean().item()
    assert share[8] > 0.3 and share[16] > 0.6
    assert exact[4] < 0.05 and exact[8] < 0.2 and exact[16] > 0.1
    assert all(abs(exact[width] - share[width] ** 5) < 0.15 for width in share)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_leak_helps_where_it_leaked(seed):
    sentences = models.agreement_sentences(900)
    rows = rows_of(models.running_text(sentences, ids := models.word_ids(sentences)), 12)
    clean, test, fresh = rows[:200], rows[200:225], rows[225:325]
    options = {"batch": 16, "steps": 100, "learning_rate": 0.02, "seed": seed}
    without = trained(len(ids), clean, **options)
    leaked = trained(len(ids), torch.cat([clean[:175], test]), **options)
    gain = {}
    for name, some in {"test": test, "fresh": fresh}.items():
        before, after = losses_on(some, [without, leaked]).tolist()
        gain[name] = before - after
    assert gain["test"] > 0.5 and abs(gain["fresh"]) < 0.25
