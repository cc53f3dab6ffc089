"""Trainings alike but for their seeds."""

from functools import partial

import pytest
import torch

from lessons.families import next_token_loss, small_decoder
from lessons.fit import fit
from lessons.training import losses_on, some_rows, train_by_seed

TEXT = torch.randint(20, (30, 8), generator=torch.Generator().manual_seed(0))
DRAW = partial(some_rows, TEXT, 4)
build = partial(small_decoder, 20, positions=8, d_model=8, layers=1)


def test_each_is_the_training_with_its_seed():
    models = train_by_seed(build, DRAW, steps=4, learning_rate=0.01, seeds=2)
    for seed, model in enumerate(models):
        alone = build(seed=seed)
        fit(alone, DRAW, next_token_loss, steps=4, learning_rate=0.01, seed=seed)
        assert torch.equal(model.unembed.weight, alone.unembed.weight)
    assert not torch.equal(models[0].unembed.weight, models[1].unembed.weight)
    with torch.no_grad():
        expected = [next_token_loss(model, TEXT).item() for model in models]
    assert losses_on(TEXT, models).tolist() == expected


def test_rows_are_drawn_alike():
    drawn = some_rows(torch.arange(10)[:, None], 5000, torch.Generator().manual_seed(0))
    assert (torch.bincount(drawn[:, 0]) - 500).abs().max() < 100


def test_no_models_have_no_losses():
    with pytest.raises(ValueError, match="pass at least one"):
        losses_on(TEXT, [])
