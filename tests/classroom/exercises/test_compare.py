"""What equals what, and how a difference is told."""

import math

import numpy as np
import pytest
import torch

from classroom.exercises.compare import Mismatch, difference, same


class EqualsEverything:
    ndim, shape, dtype = 0, (), torch.float32

    def __eq__(self, other):
        return True

    def item(self):
        return self


NAN = math.nan
EQUAL = [
    (torch.ones(2), torch.ones(2)),
    (torch.ones(2, dtype=torch.float64), torch.ones(2)),
    (torch.ones(2, requires_grad=True), torch.ones(2)),
    (torch.tensor([NAN, math.inf]), torch.tensor([NAN, math.inf])),
    (torch.empty(0, 3), torch.empty(0, 3)),
    (1 + 1e-7, 1.0),
    (torch.tensor(0.5), 0.5),
    (np.float64(0.5), 0.5),
    (1, 1.0),
    (3, 3),
    (NAN, NAN),
    (None, None),
    ("cat", "cat"),
    (np.str_("cat"), "cat"),
    ([1, 2], (1, 2)),
    ({"a": torch.ones(1)}, {"a": torch.ones(1)}),
    (np.arange(3), np.arange(3)),
    (torch.tensor([1 + 2j]), torch.tensor([1 + 2j])),
]
DIFFERENT = [
    (torch.ones(2, 1), torch.ones(2), "the shape is (2, 1) where (2,) is expected"),
    (torch.tensor([1, 1]), torch.ones(2), "whole numbers where decimal numbers are expected"),
    (torch.tensor([True]), torch.tensor([1]), "True and False where whole numbers"),
    (torch.tensor([NAN, 1]), torch.ones(2), "1 of 2 numbers is wrong: at [0] it is nan where 1"),
    (torch.ones(2), torch.tensor([NAN, 1]), "where nan is expected"),
    (torch.zeros(2), torch.ones(2), "2 of 2 numbers are wrong"),
    (torch.tensor([1.0001]), torch.ones(1), "it is 1.0001 where 1 is expected"),
    (np.ones(2), torch.ones(2), "array([1, 1]) where tensor([1, 1]) is expected"),
    ([1.0, 1.0], torch.ones(2), "[1, 1] where tensor([1, 1]) is expected"),
    (EqualsEverything(), torch.ones(2), "an object of type EqualsEverything"),
    (EqualsEverything(), 1.0, "an object of type EqualsEverything"),
    (EqualsEverything(), None, "an object of type EqualsEverything"),
    (EqualsEverything(), "cat", "an object of type EqualsEverything"),
    (EqualsEverything(), [1], "an object of type EqualsEverything"),
    (EqualsEverything(), {}, "an object of type EqualsEverything"),
    (True, 1, "it is True where 1 is expected"),
    (1, True, "it is 1 where True is expected"),
    (2.0000001, 2, "it is 2.0000001 where 2 is expected"),
    (torch.ones(1), 1.0, "tensor([1]) where 1 is expected"),
    (NAN, 1.0, "it is nan where 1 is expected"),
    (None, 1.0, "it is None where 1 is expected"),
    ([1], [1, 2], "it has 1 items where 2 are expected"),
    ([1, [3]], [1, [4]], "in item 1: in item 0: it is 3 where 4 is expected"),
    ({"a": 1}, {"b": 1}, "its keys are ['a'] where ['b'] are expected"),
    ({"a": 1}, {"a": 2}, "at 'a': it is 1 where 2 is expected"),
    ("cat", "dog", "it is 'cat' where 'dog' is expected"),
]


@pytest.mark.parametrize(("actual", "expected"), EQUAL)
def test_equal(actual, expected):
    assert difference(actual, expected) == ""
    same(actual, expected)


@pytest.mark.parametrize(("actual", "expected", "words"), DIFFERENT)
def test_different(actual, expected, words):
    with pytest.raises(Mismatch) as raised:
        same(actual, expected)
    assert words in str(raised.value)


def test_tolerance_is_what_is_asked_for():
    same(torch.tensor([1.01]), torch.ones(1), tolerance=0.1)
    with pytest.raises(Mismatch):
        same(torch.tensor([1 + 1e-7], dtype=torch.float64), torch.ones(1), tolerance=1e-9)
