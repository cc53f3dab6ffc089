"""Compare what a function returned with what is expected, and say the difference in words.

Strict where it matters: on shapes, on kinds of numbers, and on NaN, which equals nothing. So an
answer cannot pass by being broadcast, rounded to whole numbers, or undefined.
"""

from numbers import Number

import numpy as np
import torch
from torch import Tensor


class Mismatch(AssertionError):  # noqa: N818 - it is no error of the program
    """What was returned is not what is expected; the message is a sentence that says why."""


def same(actual: object, expected: object, *, tolerance: float = 1e-5) -> None:
    """Raise unless `actual` is what is `expected`.

    Args:
        actual: What was returned: a tensor, an array, a number, a string, None, or lists,
            tuples and dictionaries of these.
        expected: What should have been returned. A tuple may stand for a list.
        tolerance: How far numbers may lie apart: as a share of the expected number where that
            is greater than one, absolutely where it is smaller.

    Raises:
        Mismatch: They differ; its message says how.

    >>> same(torch.zeros(2), torch.tensor([0.0, 3]))
    Traceback (most recent call last):
    classroom.exercises.compare.Mismatch: 1 of 2 numbers is wrong: at [1] it is 0 where 3 is ...
    """
    if sentence := difference(actual, expected, tolerance=tolerance):
        raise Mismatch(sentence)


def difference(actual: object, expected: object, *, tolerance: float = 1e-5) -> str:
    """Return a sentence that tells the first difference, or nothing where there is none.

    >>> difference((1, [2.0]), (1, [2.5]))
    'in item 1: in item 0: it is 2 where 2.5 is expected'
    """
    if isinstance(expected, Tensor | np.ndarray):
        return _array_difference(actual, expected, tolerance)
    if isinstance(expected, dict):
        return _dict_difference(actual, expected, tolerance)
    if isinstance(expected, list | tuple):
        return _sequence_difference(actual, expected, tolerance)
    if isinstance(expected, Number):
        return _number_difference(actual, expected, tolerance)
    if isinstance(expected, str) and isinstance(actual, str):  # numpy's texts too
        equal = str.__eq__(actual, expected)
    else:
        equal = type(actual) is type(expected) and actual == expected
    if equal:
        return ""
    return f"it is {describe(actual)} where {describe(expected)} is expected"


def describe(value: object) -> str:
    """Say in a few words what a value is.

    >>> describe((torch.zeros(2, 3), 0.5, "cat"))
    "(a tensor of shape (2, 3), 0.5, 'cat')"
    """
    if isinstance(value, Tensor | np.ndarray):
        name = "tensor" if isinstance(value, Tensor) else "array"
        if value.ndim == 1 and len(value) <= 4:
            return f"{name}([{', '.join(_short(number) for number in value.tolist())}])"
        return f"{'a' if name == 'tensor' else 'an'} {name} of shape {tuple(value.shape)}"
    if isinstance(value, list | tuple) and len(value) <= 4:
        inner = ", ".join(describe(item) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None or isinstance(value, str | Number):
        return _short(value)
    return f"an object of type {type(value).__name__}"


def _array_difference(actual: object, expected: Tensor | np.ndarray, tolerance: float) -> str:
    wanted = Tensor if isinstance(expected, Tensor) else np.ndarray
    if not isinstance(actual, wanted):
        return f"it is {describe(actual)} where {describe(expected)} is expected"
    found, right = torch.as_tensor(actual).detach().cpu(), torch.as_tensor(expected).detach().cpu()
    if found.shape != right.shape:
        return f"the shape is {tuple(found.shape)} where {tuple(right.shape)} is expected"
    if _kind(found) != _kind(right):
        return f"it holds {_kind(found)} where {_kind(right)} are expected"
    wide = torch.complex128 if right.is_complex() else torch.float64
    close = torch.isclose(
        found.to(wide), right.to(wide), rtol=tolerance, atol=tolerance, equal_nan=True
    )
    if close.all():
        return ""
    place = (~close).nonzero()[0].tolist()
    wrong, where = int((~close).sum()), tuple(place)
    verb = "is" if wrong == 1 else "are"
    seen, needed = _told_apart(found[where].item(), right[where].item())
    return (
        f"{wrong} of {close.numel()} numbers {verb} wrong: at {place} "
        f"it is {seen} where {needed} is expected"
    )


def _kind(array: Tensor) -> str:
    """Return what an array holds, in words."""
    if array.dtype == torch.bool:
        return "True and False"
    if array.is_complex():
        return "complex numbers"
    return "decimal numbers" if array.is_floating_point() else "whole numbers"


def _number_difference(actual: object, expected: Number, tolerance: float) -> str:
    """Compare two numbers; one that stands in an array without axes counts as a number."""
    if isinstance(actual, Tensor | np.ndarray | np.generic) and not actual.ndim:
        actual = actual.item()
    if isinstance(actual, Number) and isinstance(actual, bool) == isinstance(expected, bool):
        exact = isinstance(expected, int)
        close = np.isclose(  # type: ignore[call-overload]  # a type checker sees no int in Number
            actual, expected, rtol=tolerance, atol=tolerance, equal_nan=True
        )
        if actual == expected or (close and not exact):
            return ""
        seen, wanted = _told_apart(actual, expected)
        return f"it is {seen} where {wanted} is expected"
    return f"it is {describe(actual)} where {describe(expected)} is expected"


def _sequence_difference(actual: object, expected: list | tuple, tolerance: float) -> str:
    if not isinstance(actual, list | tuple):
        return f"it is {describe(actual)} where {describe(expected)} is expected"
    if len(actual) != len(expected):
        return f"it has {len(actual)} items where {len(expected)} are expected"
    for number, (found, right) in enumerate(zip(actual, expected, strict=True)):
        if sentence := difference(found, right, tolerance=tolerance):
            return f"in item {number}: {sentence}"
    return ""


def _dict_difference(actual: object, expected: dict, tolerance: float) -> str:
    if not isinstance(actual, dict):
        return f"it is {describe(actual)} where {describe(expected)} is expected"
    if set(actual) != set(expected):
        return (
            f"its keys are {sorted(actual, key=str)} where {sorted(expected, key=str)} are expected"
        )
    for key, right in expected.items():
        if sentence := difference(actual[key], right, tolerance=tolerance):
            return f"at {key!r}: {sentence}"
    return ""


def _told_apart(found: object, right: object) -> tuple[str, str]:
    """Return two numbers' texts, with as many digits as it takes to see the difference.

    >>> _told_apart(0.5, 2.0), _told_apart(1.00001, 1.0)
    (('0.5', '2'), ('1.00001', '1'))
    """
    for digits in (4, 8, 17):
        texts = _short(found, digits), _short(right, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _short(value: object, digits: int = 4) -> str:
    """Return a value's text, decimal numbers with so many digits.

    >>> _short(0.123456), _short(2.0), _short(True)
    ('0.1235', '2', 'True')
    """
    return f"{value:.{digits}g}" if isinstance(value, float) else repr(value)
