"""What is frozen stays, and what trains is counted."""

import pytest
import torch
from torch import nn

from lessons.adaptation import train_only, trained_count


def test_only_the_named_parts_move():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 3), nn.Linear(3, 1))
    train_only(model, ["1.weight", "2."])
    assert trained_count(model) == 9 + 4
    model(torch.ones(1, 2)).sum().backward()
    assert [one.grad is not None for one in model.parameters()] == [
        False,
        False,
        True,
        False,
        True,
        True,
    ]
    train_only(model, ["0."])
    assert trained_count(model) == 9
    assert trained_count(train_only(model, ())) == 0


def test_a_name_that_is_none_is_refused():
    model = nn.Sequential(nn.Linear(2, 3))
    with pytest.raises(ValueError, match="no parameter's name begins with 'head'"):
        train_only(model, ["0.", "head"])
    assert trained_count(model) == 9
