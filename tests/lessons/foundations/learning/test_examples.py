"""Examples whose truth is known, drawn with repetition."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from lessons.foundations import (
    draw_corners,
    draw_from,
    mean_loss,
    wilson_interval,
)


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def wrong(examples):
    """Return where the label is not the truth."""
    return (examples.x[:, 0] * examples.x[:, 1] < 0) != examples.labels.bool()


def test_without_turned_labels_the_first_two_numbers_tell_all():
    assert not wrong(draw_corners(500, turned=0.0, generator=chance())).any()
    assert wrong(draw_corners(500, turned=1.0, generator=chance())).all()


def test_so_many_labels_are_turned_whatever_the_example():
    examples = draw_corners(20_000, generator=chance())
    for place in range(6):
        some = wrong(examples)[examples.x[:, place] > 0]
        low, high = wilson_interval(int(some.sum()), len(some), z=3.89)
        assert low < 0.15 < high


def test_the_floor_is_what_the_truth_costs():
    """One who knows the rule and the odds pays the entropy of the odds."""
    examples = draw_corners(20_000, generator=chance())
    said = torch.where(examples.x[:, 0] * examples.x[:, 1] < 0, 0.85, 0.15)
    loss = functional.binary_cross_entropy(said, examples.labels.float())
    floor = -(0.15 * math.log(0.15) + 0.85 * math.log(0.85))
    assert loss.item() == pytest.approx(floor, abs=0.02)


def test_a_batch_has_rows_of_the_examples_with_their_labels():
    whole = draw_corners(5, generator=chance())
    batch = draw_from(whole, rows=200)(chance())
    places = (batch.x[:, None] == whole.x).all(dim=2).float().argmax(dim=1)
    assert torch.equal(batch.x, whole.x[places]) and torch.equal(batch.labels, whole.labels[places])
    assert len(places.unique()) == 5


def test_mean_loss_is_torch_s():
    model, examples = nn.Linear(6, 2), draw_corners(9, generator=chance())
    expected = functional.cross_entropy(model(examples.x), examples.labels)
    assert torch.equal(mean_loss(model, examples), expected)


@pytest.mark.parametrize("options", [{"numbers": 1}, {"turned": -0.1}, {"turned": 1.1}])
def test_it_refuses(options):
    with pytest.raises(ValueError, match="pass at least 2, and 0 to 1"):
        draw_corners(3, generator=chance(), **options)
