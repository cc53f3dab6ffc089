"""What is written as JSON comes back as it was, and nothing else is written."""

import json
import math

import numpy as np
import pytest
import torch

from classroom.exercises.compare import difference
from classroom.exercises.values import copied, from_json, to_json


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        0.1,
        math.inf,
        "cat",
        [1, (2.0, "x")],
        {"a": [None], 3: "b"},
        torch.randn(2, 3, generator=torch.Generator().manual_seed(0)),
        torch.tensor([0.1, -math.inf, math.nan], dtype=torch.float64),
        torch.tensor([[True], [False]]),
        torch.arange(4),
        torch.empty(0, 2),
        torch.tensor(1.5),
        np.arange(3.0),
        np.float32(0.1),
    ],
)
def test_values_return(value):
    again = from_json(json.loads(json.dumps(to_json(value))))
    assert difference(again, value, tolerance=0) == ""
    if isinstance(value, torch.Tensor):
        assert again.dtype == value.dtype and again.shape == value.shape


@pytest.mark.parametrize("value", [object(), {1}, torch.Generator(), [len], b"x"])
def test_other_things_are_refused(value):
    with pytest.raises(ValueError, match="a check can pass and get tensors"):
        to_json(value)


def test_a_copy_is_one():
    one = torch.zeros(2)
    copied((one,))[0].fill_(1)
    assert difference(one, torch.zeros(2)) == ""
