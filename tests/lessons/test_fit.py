import math

import pytest
import torch
from torch import nn

from lessons.fit import fit, rate


def noise(generator):
    return torch.randn(16, 3, generator=generator)


def distance(model, x):
    """Zero for the model that sums what it is given."""
    return (model(x)[:, 0] - x.sum(dim=1)).square().mean()


def trained(seed=0, **options):
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    settings = {"steps": 300, "learning_rate": 0.1} | options
    return model, fit(model, noise, distance, seed=seed, **settings)


def test_it_learns_and_reports_every_step():
    model, losses = trained()
    assert len(losses) == 300 and losses[-1] < 1e-4 < 0.1 < losses[0]
    torch.testing.assert_close(model.weight, torch.ones(1, 3), rtol=0, atol=0.02)
    assert not model.training


def test_the_seed_decides_the_batches_and_nothing_else_does():
    _, first = trained()
    torch.randn(5)
    assert trained()[1] == first
    assert trained(seed=1)[1] != first


def test_a_step_is_adamw_s():
    """One step after warm-up, on a gradient shorter than one, by hand."""
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(0.5)
    fit(
        model, lambda _: torch.tensor([[0.1]]), lambda model, x: model(x).sum(),
        steps=1, learning_rate=0.01, warm_up=0, weight_decay=0.1,
    )  # fmt: skip
    # AdamW's first step has length one, whatever the gradient.
    expected = 0.5 * (1 - 0.01 * 0.1) - 0.01
    assert model.weight.item() == pytest.approx(expected, abs=1e-6)


def test_a_long_gradient_is_cut():
    model = nn.Linear(1, 1, bias=False)
    fit(model, lambda _: torch.tensor([[100.0]]), lambda model, x: model(x).sum(),
        steps=1, learning_rate=0.01)  # fmt: skip
    assert model.weight.grad.item() == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_it(value):
    model = nn.Linear(3, 1)
    with pytest.raises(ValueError, match="step 0: lower the learning rate"):
        fit(model, noise, lambda model, x: model(x).mean() * value, steps=3, learning_rate=0.1)


def test_no_step_is_refused():
    with pytest.raises(ValueError, match="pass at least 1"):
        trained(steps=0)


def test_the_rate_warms_up_and_comes_down():
    rates = [rate(step, 1000, 0.01, warm_up=100) for step in range(1000)]
    assert max(rates) == pytest.approx(0.01) and rates.index(max(rates)) == 99
    assert rates[100:] == sorted(rates[100:], reverse=True) and rates[-1] < 1e-6
