"""What was learned by heart: a model that recites, one that doesn't, and runs that were copied."""

import pytest
import torch

from lessons.families import small_decoder
from lessons.training import Batches, Recipe, recited, share_copied, train_by_hand

TEXT = torch.randint(20, (64,), generator=torch.Generator().manual_seed(0))
OTHER = torch.randint(20, (64,), generator=torch.Generator().manual_seed(1))


def test_a_model_that_read_one_text_often_recites_it_and_no_other():
    model = small_decoder(20, positions=16, d_model=32, layers=1)
    recipe = Recipe(steps=150, learning_rate=0.02)
    train_by_hand(model, Batches(TEXT, rows=16, length=16, count=150), recipe)
    known = recited(model, TEXT.view(-1, 16), given=8)
    new = recited(model, OTHER.view(-1, 16), given=8)
    assert (known == 8).all() and new.max() < 4


def test_what_is_recited_ends_with_the_first_error(monkeypatch):
    written = torch.tensor([[1, 2, 9, 4], [9, 2, 3, 4], [1, 2, 3, 4]])
    monkeypatch.setattr(
        "lessons.training.gpt_from_scratch.by_heart.greedy", lambda *_, **__: written
    )
    rows = torch.tensor([[7, 7, 1, 2, 3, 4]] * 3)
    assert recited(small_decoder(10, positions=6), rows, given=2).tolist() == [2, 0, 4]


def test_copied_runs_by_hand():
    source = torch.tensor([0, 1, 2, 3, 4])
    assert share_copied(torch.tensor([[1, 2, 3]]), source, run=3) == 1
    assert share_copied(torch.tensor([[3, 2, 1]]), source, run=1) == 1
    assert share_copied(torch.tensor([[3, 2, 1]]), source, run=2) == 0
    assert share_copied(torch.tensor([[9, 2, 3, 9]]), source, run=2) == pytest.approx(1 / 3)
    apart = torch.tensor([[1, 2], [3, 4]])  # no run goes from row to row
    assert share_copied(apart, torch.tensor([0, 2, 3, 9]), run=2) == 0


def test_it_refuses():
    for given in (0, 8):
        with pytest.raises(ValueError, match="pass 1 to 7"):
            recited(small_decoder(20, positions=8), TEXT.view(-1, 8), given=given)
    for run in (0, 65):
        with pytest.raises(ValueError, match="pass 1 to 64, the shorter"):
            share_copied(TEXT[None], OTHER, run=run)
