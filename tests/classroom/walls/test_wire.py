"""What crosses arrives as it was and plain; what cannot cross is named."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from classroom.walls import wire
from classroom.walls.wire import WireError, decode, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.text()
    | st.characters(categories=["Cs"])
    | st.binary()
)
keys = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.integers(), st.text())
dtypes = st.sampled_from(sorted(wire.ARRAYS))
arrays = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0)))
values = st.recursive(
    scalars | arrays | arrays.map(torch.from_numpy),
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner) | st.sets(keys)
    ),
    max_leaves=10,
)


def alike(one, other):
    """Return whether two values are the same in type, shape, kind and content; NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and alike(one.double().numpy(), other.double().numpy())
    if isinstance(one, np.ndarray):
        same = one.shape == other.shape and one.dtype == other.dtype
        return same and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return alike(list(one), list(other)) and alike(list(one.values()), list(other.values()))
    return one == other or (one != one and other != other)


@given(values)
def test_a_value_comes_back_as_it_was(value):
    assert alike(decode(encode(value)), value)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.rand(3, 4).T,
        torch.rand(3).bfloat16(),
        torch.tensor(True),
        torch.rand(0, 2),
        torch.rand(2, 2).expand(3, 2, 2),
    ],
)
def test_a_tensor_comes_back(tensor):
    found = decode(encode(tensor))
    assert found.dtype == tensor.dtype and torch.equal(found, tensor)


class Sly(np.ndarray):
    def __eq__(self, other):
        return True

    def tobytes(self, *arguments):
        return b"\0" * 24

    __array_priority__ = 1000


class SlyList(list):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.arange(3.0).view(Sly), np.ndarray),
        (torch.nn.Parameter(torch.ones(2)), torch.Tensor),
        (torch.max(torch.rand(2, 2), 0), tuple),
        (SlyList([1]), list),
        (np.str_("a"), str),
        (type("SlyText", (str,), {"__eq__": lambda *_: True, "__hash__": None})("a"), str),
        (type("SlyNumber", (float,), {"__eq__": lambda *_: True})(2.0), float),
        (type("SlyInteger", (int,), {"__eq__": lambda *_: True})(2), int),
        (np.ma.masked_array([1.0]).data, np.ndarray),
    ],
)
def test_what_arrives_is_plain(value, plain):
    assert type(decode(encode(value))) is plain


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (1j, "complex"),
        (np.zeros(2, complex), "complex128"),
        (torch.zeros(2, dtype=torch.complex64), "complex64"),
        (np.array([object()]), "object"),
        (np.array(["a"]), "str"),
        (np.ma.masked_array([1], [True]), "masked"),
        (torch.zeros(2).to_sparse(), "sparse"),
        (torch.zeros(2, device="meta"), "meta"),
        (np.zeros(wire.MAX_ELEMENTS + 1, bool), "elements"),
        (np.zeros((wire.MAX_ELEMENTS + 1, 0)), "elements"),
        ([0] * (wire.MAX_NODES + 1), "parts"),
        ([np.zeros(wire.MAX_ELEMENTS)] * 3, "MB"),
        ("a" * (wire.MAX_TEXT + 1), "characters"),
        (2**5000, "bits"),
        (nested(100), "deep"),
        (endless(), "deep"),
        ({frozenset({1})}, "can be keys"),
        ({torch.ones(1): 1}, "can be keys"),
        (iter([1]), "list_iterator"),
        (object(), "object"),
        (len, "function"),
    ],
)
def test_what_cannot_cross_is_named(value, word):
    with pytest.raises(WireError, match=word):
        encode(value)


def test_keys_of_numpy_cross_as_the_keys_they_equal():
    counts = {np.int64(1): 2, np.str_("a"): 1, (np.int64(1), "b"): 3}
    found = decode(encode(counts))
    assert found == {1: 2, "a": 1, (1, "b"): 3}
    assert [type(key) for key in found] == [int, str, tuple]
    assert decode(encode({np.float32(0.5), np.int64(3)})) == {0.5, 3}


def forged(tree, body=b""):
    header = json.dumps(tree).encode()
    return wire.PREFIX.pack(len(header), len(body)) + header + body


# Python compares each key with all before it that have the same hash.
ALIKE = [["int", hex(factor * (2**61 - 1))] for factor in range(1000)]


def deep_text(depth):
    header = b"[" * depth
    return wire.PREFIX.pack(len(header), 0) + header


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff" * 8,
        b"\0\0\0\x01\0\0\0\0",
        forged([]),
        forged({}),
        forged("none"),
        forged(["unknown"]),
        forged(["take", 1]),
        forged(["none", 1]),
        forged(["bool", 1]),
        forged(["int", 5]),
        forged(["int", "0x" + "f" * 5000]),
        forged(["float", "one"]),
        forged(["str", ["a"]]),
        forged(["bytes", -1]),
        forged(["bytes", 1]),
        forged(["array", "object", [1], 8], b"\0" * 8),
        forged(["array", "float64", [2], 8], b"\0" * 8),
        forged(["array", "float64", [-1], 8], b"\0" * 8),
        forged(["array", "float64", [1 << 60, 0], 0]),
        forged(["array", "float64", [1] * 40, 8], b"\0" * 8),
        forged(["array", "float64", "1", 8], b"\0" * 8),
        forged(["scalar", "float64", [1], 8], b"\0" * 8),
        forged(["tensor", "qint8", [1], 1], b"\0"),
        forged(["set", [["list", []]]]),
        forged(["dict", [[["list", []], ["none"]]]]),
        forged(["dict", [["none"]]]),
        forged(["set", ALIKE]),
        forged(["dict", [[key, ["none"]] for key in ALIKE]]),
        forged(["function", 1]),
        forged(["module", 1, ["dict", []]]),
        forged(["list", ["ab"]]),
        forged(["list", 5]),
        deep_text(100_000),
        forged(nested(500)),
    ],
)
def test_nonsense_is_refused(message):
    with pytest.raises(WireError):
        decode(message)


@given(st.binary(max_size=60))
def test_no_bytes_make_another_error(data):
    message = wire.PREFIX.pack(len(data), 0) + data
    with pytest.raises(WireError):
        decode(message)


def test_functions_and_modules_cross_as_numbers():
    kept = []

    def keep(function):
        kept.append(function)
        return len(kept) - 1

    layer = torch.nn.Linear(2, 1)
    found = decode(encode([len, layer], keep), lambda *handle: handle)
    assert found[0] == (0, None) and kept == [len, layer]
    assert found[1][0] == 1 and torch.equal(found[1][1]["weight"], layer.weight)


def test_special_numbers_keep_what_they_are():
    nan, negative = decode(encode((math.nan, -0.0)))
    assert math.isnan(nan) and math.copysign(1, negative) == -1
