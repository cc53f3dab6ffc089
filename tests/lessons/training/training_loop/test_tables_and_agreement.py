"""What the chapter claims of its decoder and of tables of pairs, on five seeds."""

from functools import partial

import pytest
import torch
from jaxtyping import config

from lessons import models
from lessons.families import next_token_loss, small_decoder
from lessons.fit import fit


@pytest.fixture
def unchecked():
    """Train without checking shapes, which would take as long as the training itself."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("seed", range(5))
def test_a_table_knows_its_pairs_and_the_decoder_the_rule(seed):
    sentences = models.agreement_sentences(3000, seed=seed)
    later = models.agreement_sentences(64, keep=models.has_relative_clause)
    ids = models.word_ids(sentences + later)
    text = models.running_text(sentences, ids)
    row_of = partial(models.text_rows, text=text, length=10)
    model, empty = (small_decoder(len(ids), positions=24, seed=seed) for _ in range(2))
    draw = partial(row_of, rows=32)
    fit(model, draw, next_token_loss, steps=400, learning_rate=0.01, seed=seed)

    pairs = torch.zeros(len(ids), len(ids)).index_put((text[:-1], text[1:]), torch.ones(1), True)
    often, sums, behind = pairs.sum(dim=0) / pairs.sum(), pairs.sum(dim=1, keepdim=True), {}
    filled = [((pairs + fill * often) / (sums + fill)).log() for fill in (1, 3, 10, 30)]
    for name, of in (("own", sentences), ("new", models.agreement_sentences(1000, seed=seed + 9))):
        rows = row_of(torch.Generator(), rows=1000, text=models.running_text(of, ids))
        with torch.no_grad():
            reads = next_token_loss(model, rows).item()
        best = min(-one[rows[:, :-1], rows[:, 1:]].mean().item() for one in filled)
        behind[name] = best - reads
    choices = models.agreement_choices(200, seed=seed, keep=models.one_noun_between)
    right = [models.choices_right(one, choices, ids) for one in (model, empty)]
    print(seed, behind, right)
    assert behind["own"] < 0.1 < 0.15 < behind["new"]
    assert right[0] > 0.85 > 0.65 > right[1]
