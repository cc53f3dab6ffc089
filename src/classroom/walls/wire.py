"""Values that cross between the grader and the sandbox as data, never as code and never by pickle.

A value becomes a tree of JSON, whose nodes name their kind, and a block of raw bytes for arrays.
Who decodes gets plain objects only, whatever was sent: a subclass with overridden methods
arrives as what it is derived from. Size, depth and number of parts are bounded on both sides.
"""

import json
import math
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_TEXT = 1_000_000
MAX_ELEMENTS = 2_000_000
MAX_HEADER = 8 << 20
MAX_BODY = 16 << 20
MAX_INTEGER_BITS = 4096
MAX_ALIKE = 100  # keys with one hash: Python compares each of them with each

PREFIX = struct.Struct(">II")  # bytes of the header, bytes of the body
ARRAY_KINDS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64"
ARRAYS = frozenset(ARRAY_KINDS.split())
TENSORS = ARRAYS | {"bfloat16"}
KEYS = (type(None), bool, int, float, str, bytes, tuple)


class WireError(ValueError):
    """A value cannot cross, or what came is no value; the sentence says what to return instead."""


def encode(value: Any, keep: Callable[[Any], int] | None = None) -> bytes:
    """Return `value` as bytes.

    `keep` is given each function or module in it, and returns a number by which the other side can
    call it; without `keep` there may be none. Raises WireError on what else is no plain data.

    >>> decode(encode({"width": 2, "rows": [1.5, float("inf")]}))
    {'width': 2, 'rows': [1.5, inf]}
    """
    encoder = _Encoder(keep)
    tree = encoder.node(value, 0)
    header = json.dumps(tree, separators=(",", ":")).encode()
    if len(header) > MAX_HEADER:
        raise WireError("the value is too large: return less")
    body = b"".join(encoder.blocks)
    return PREFIX.pack(len(header), len(body)) + header + body


def decode(data: bytes, handle: Callable[[int, dict | None], Any] | None = None) -> Any:
    """Return the value that `encode` wrote, as plain objects.

    `handle` makes an object of a kept function's number (and a module's parameters by name).
    Raises WireError on anything that `encode` would not write.
    """
    header, body = sizes(data[: PREFIX.size])
    if len(data) != PREFIX.size + header + body:
        raise WireError("the message has another length than it says")
    try:
        tree = json.loads(data[PREFIX.size : PREFIX.size + header])
        return _Decoder(memoryview(data)[PREFIX.size + header :], handle).node(tree, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise WireError("the message is no value that the wire carries") from error


def sizes(prefix: bytes) -> tuple[int, int]:
    """Return how many bytes of header and body follow a prefix; raise WireError if too many."""
    if len(prefix) != PREFIX.size:
        raise WireError("the message ends before it begins")
    header, body = PREFIX.unpack(prefix)
    if header > MAX_HEADER or body > MAX_BODY:
        raise WireError("the message is larger than the wire carries")
    return header, body


class _Encoder:
    def __init__(self, keep):
        self.keep = keep
        self.blocks: list[bytes] = []
        self.nodes = 0
        self.space = MAX_BODY

    def node(self, value, depth):
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise WireError(f"the value has more than {MAX_NODES:,} parts: return an array instead")
        if depth > MAX_DEPTH:
            raise WireError(f"the value is nested more than {MAX_DEPTH} deep: return a flatter one")
        if value is None:
            return ["none"]
        plain = self.scalar(value) or self.array(value)
        return plain or self.container(value, depth + 1) or self.kept(value, depth + 1)

    def scalar(self, value):
        if isinstance(value, bool):
            return ["bool", bool(value)]
        if isinstance(value, np.generic) and not isinstance(value, str | bytes):
            return None
        if isinstance(value, int):
            number = int.__int__(value)
            if number.bit_length() > MAX_INTEGER_BITS:
                raise WireError(f"an integer has more than {MAX_INTEGER_BITS} bits: return a float")
            return ["int", hex(number)]
        if isinstance(value, float):
            return ["float", float.hex(value)]
        if isinstance(value, complex):
            raise WireError("a complex number cannot be graded: return its real part")
        if isinstance(value, str):
            if str.__len__(value) > MAX_TEXT:
                raise WireError(
                    f"a text has more than {MAX_TEXT:,} characters: return a shorter one"
                )
            return ["str", str.__str__(value)]
        if isinstance(value, bytes):
            return ["bytes", self.block(bytes.__getitem__(value, slice(None)))]
        return None

    def array(self, value):
        torch = sys.modules.get("torch")  # where nobody imported torch, nothing is a tensor
        if torch is not None and isinstance(value, torch.Tensor):
            return self.tensor(value, torch)
        if not isinstance(value, np.ndarray | np.generic):
            return None
        if isinstance(value, np.ma.MaskedArray):
            raise WireError("a masked array cannot be graded: return a plain one")
        kind = "array" if isinstance(value, np.ndarray) else "scalar"
        value = np.asarray(value)
        dtype = value.dtype.name
        if dtype not in ARRAYS:
            raise WireError(
                f"an array of {_short(dtype)} cannot be graded: return numbers or booleans"
            )
        self.fits(value.shape)
        native = value.astype(value.dtype.newbyteorder("="), order="C", copy=False)
        return [kind, dtype, list(value.shape), self.block(native.tobytes())]

    def tensor(self, value, torch):
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in TENSORS:
            raise WireError(
                f"a tensor of {_short(dtype)} cannot be graded: return numbers or booleans"
            )
        if value.layout is not torch.strided or value.device.type == "meta":
            raise WireError("a sparse or meta tensor cannot be graded: return a dense one")
        self.fits(value.shape)
        plain = value.detach().as_subclass(torch.Tensor)
        plain = plain.cpu().resolve_neg().contiguous()
        raw = plain.view(torch.int16) if dtype == "bfloat16" else plain
        return ["tensor", dtype, list(plain.shape), self.block(raw.numpy().tobytes())]

    def container(self, value, depth):
        for kind, base in (("list", list), ("tuple", tuple)):
            if isinstance(value, base):
                return [kind, [self.node(item, depth) for item in value]]
        if isinstance(value, set | frozenset):
            return ["set", [self.node(_plain_key(item), depth) for item in value]]
        if isinstance(value, dict):
            pairs = dict.items(value)
            return [
                "dict",
                [
                    [self.node(_plain_key(key), depth), self.node(item, depth)]
                    for key, item in pairs
                ],
            ]
        return None

    def kept(self, value, depth):
        if self.keep is None or not callable(value):
            raise WireError(
                f"a value of type {_short(type(value).__name__)} cannot be graded: return tensors, "
                "arrays, numbers, texts, None, or lists, tuples, sets and dictionaries of them"
            )
        torch = sys.modules.get("torch")
        if torch is None or not isinstance(value, torch.nn.Module):
            return ["function", self.keep(value)]
        return ["module", self.keep(value), self.node(dict(value.named_parameters()), depth)]

    def fits(self, shape):
        if not _fits(shape):
            raise WireError(
                f"an array has more than {MAX_ELEMENTS:,} elements: return a smaller one"
            )

    def block(self, data):
        self.space -= len(data)
        if self.space < 0:
            raise WireError(f"the value has more than {MAX_BODY >> 20} MB: return less")
        self.blocks.append(data)
        return len(data)


class _Decoder:
    def __init__(self, body, handle):
        self.body = body
        self.handle = handle
        self.nodes = 0
        self.at = 0

    def node(self, tree, depth):
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError("the value is nested too deeply, or has too many parts")
        kind, *content = tree
        return getattr(self, f"_{kind}")(*content, depth=depth + 1) if kind in KINDS else _refuse()

    def _none(self, *, depth):
        return None

    def _bool(self, value, *, depth):
        return value if type(value) is bool else _refuse()

    def _int(self, text, *, depth):
        return int(text, 16) if len(text) <= MAX_INTEGER_BITS // 4 + 3 else _refuse()

    def _float(self, text, *, depth):
        return float.fromhex(text)

    def _str(self, text, *, depth):
        return text if type(text) is str and len(text) <= MAX_TEXT else _refuse()

    def _bytes(self, length, *, depth):
        return self.take(length)

    def _array(self, dtype, shape, length, *, depth):
        if dtype not in ARRAYS or not _fits(shape):
            _refuse()
        return np.frombuffer(self.take(length), dtype).reshape(shape).copy()

    def _scalar(self, dtype, shape, length, *, depth):
        return self._array(dtype, shape, length, depth=depth)[()] if shape == [] else _refuse()

    def _tensor(self, dtype, shape, length, *, depth):
        import torch

        if dtype not in TENSORS or not _fits(shape):
            _refuse()
        raw = self._array("int16" if dtype == "bfloat16" else dtype, shape, length, depth=depth)
        tensor = torch.from_numpy(raw)
        return tensor.view(torch.bfloat16) if dtype == "bfloat16" else tensor

    def _list(self, items, *, depth):
        return [self.node(item, depth) for item in items]

    def _tuple(self, items, *, depth):
        return tuple(self._list(items, depth=depth))

    def _set(self, items, *, depth):
        return set(_unlike(_key(item) for item in self._list(items, depth=depth)))

    def _dict(self, pairs, *, depth):
        found = [(_key(self.node(key, depth)), self.node(item, depth)) for key, item in pairs]
        _unlike(key for key, _ in found)
        return dict(found)

    def _function(self, number, *, depth):
        if self.handle is None or type(number) is not int:
            _refuse()
        return self.handle(number, None)

    def _module(self, number, parameters, *, depth):
        parameters = self.node(parameters, depth)
        if self.handle is None or type(number) is not int or type(parameters) is not dict:
            _refuse()
        return self.handle(number, parameters)

    def take(self, length):
        if type(length) is not int or not 0 <= length <= len(self.body) - self.at:
            _refuse()
        self.at += length
        return bytes(self.body[self.at - length : self.at])


KINDS = frozenset(name[1:] for name in vars(_Decoder) if name[0] == "_" and name[1] != "_")


def _fits(shape):
    """Return whether an array of this shape is small, also in the axes that an empty one has."""
    sound = len(shape) <= 16 and all(type(axis) is int and axis >= 0 for axis in shape)
    return sound and math.prod(max(axis, 1) for axis in shape) <= MAX_ELEMENTS


def _plain_key(value):
    """Return a key with Python's own numbers and texts in place of numpy's, which equal them."""
    if isinstance(value, tuple):
        return tuple(map(_plain_key, value))
    return _key(value.item() if isinstance(value, np.generic) else value)


def _key(value):
    parts = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(part, KEYS) for part in parts):
        raise WireError("only texts, numbers and tuples of them can be keys, or members of a set")
    return value


def _unlike(keys: Iterable) -> list:
    """Return keys, unless many have one hash: a dictionary of such keys would take hours."""
    keys = list(keys)
    if max(Counter(map(hash, keys)).values(), default=0) > MAX_ALIKE:
        _refuse()
    return keys


def _short(name):
    return str(name)[:60]


def _refuse():
    raise WireError("the message is no value that the wire carries")
