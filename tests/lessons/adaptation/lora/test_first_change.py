"""α, after one step: twice with Adam, four times with plain descent, whatever the rank."""

from functools import partial

import pytest
import torch

from lessons.adaptation import Labeled, step_from_base
from lessons.families import small_decoder

IDS = torch.randint(20, (8, 8), generator=torch.Generator().manual_seed(0))
TEXTS = Labeled(IDS, IDS)


@pytest.mark.parametrize(
    ("optimizer", "ratio"), [(torch.optim.Adam, 2), (torch.optim.AdamW, 2), (torch.optim.SGD, 4)]
)
@pytest.mark.parametrize("rank", [1, 4])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_doubled(optimizer, ratio, rank, seed):
    model = small_decoder(20, positions=8)
    few, many = (
        step_from_base(model, TEXTS, alpha=alpha, optimizer=optimizer, rank=rank, seed=seed).size
        for alpha in (3.0, 6.0)
    )
    assert abs(many / few - ratio) < 0.02 * ratio


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_falls_by_alpha_and_not_by_the_rank(seed):
    model = small_decoder(20, positions=8)
    fall = {
        (rank, alpha): step_from_base(
            model, TEXTS, alpha=float(alpha), optimizer=torch.optim.Adam, rank=rank, seed=seed
        ).fall
        for rank, alpha in ((1, 1), (16, 1), (1, 16))
    }
    assert 0.5 < fall[16, 1] / fall[1, 1] < 2 and fall[1, 16] > 8 * fall[1, 1] > 0


def test_the_seed_decides_the_first_draw():
    step = partial(step_from_base, small_decoder(20, positions=8), TEXTS, alpha=4.0)
    first, again, other = (step(optimizer=torch.optim.SGD, seed=seed).size for seed in (0, 0, 1))
    assert first == again != other


def test_the_model_is_left_as_it_is():
    model = small_decoder(20, positions=8)
    before = model(IDS)
    assert step_from_base(model, TEXTS, alpha=4.0, optimizer=torch.optim.Adam).size > 0
    assert torch.equal(model(IDS), before)
    assert all(one.requires_grad and one.grad is None for one in model.parameters())
