"""What a GGUF file says before its weights begin, read by a page of code."""

import struct
from dataclasses import dataclass
from os import PathLike
from typing import Any, BinaryIO

MAGIC = b"GGUF"
# The types of values by their number in the file: how `struct` reads them.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q"}
NUMBERS[12] = "d"
STRING, ARRAY = 8, 9
# The kinds of weights that this book speaks of.
WEIGHTS = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 8: "Q8_0", 14: "Q6_K"}


@dataclass(frozen=True)
class StoredTensor:
    """One tensor of the file: its name, its axes (the last one first), kind, and place."""

    name: str
    axes: tuple[int, ...]
    kind: str
    offset: int


@dataclass(frozen=True)
class Header:
    """All that a GGUF file holds besides the weights themselves."""

    version: int
    values: dict[str, Any]
    tensors: list[StoredTensor]
    begin: int  # of the weights, in bytes from the beginning of the file


def read_header(path: str | PathLike) -> Header:
    """Read a GGUF file's values and the list of its tensors.

    The file begins with four letters, a version and two counts. Then come the values, each a name,
    the number of its type and the value itself, and the tensors, each a name, its axes, the number
    of its kind and where it begins.

    Args:
        path: The file.

    Raises:
        ValueError: The file is no GGUF file, of another version, or ends too early.

    Source: the description of the format in the repository of the program llama.cpp.

    >>> from lessons.models.loading.wheels import find_wheel
    >>> read_header(find_wheel("decoder")).values["llama.block_count"]
    30
    """
    with open(path, "rb") as file:
        if file.read(4) != MAGIC:
            raise ValueError(f"{path} is no GGUF file: it does not begin with GGUF")
        try:
            version, tensors, values = _read(file, "I"), _read(file, "Q"), _read(file, "Q")
            if version not in (2, 3):
                raise ValueError(f"{path} has version {version} of the format: 2 and 3 are known")
            told = {_string(file): _value(file, _read(file, "I")) for _ in range(values)}
            listed = [_tensor(file) for _ in range(tensors)]
            step = told.get("general.alignment", 32)
            return Header(version, told, listed, -(-file.tell() // step) * step)
        except struct.error:
            raise ValueError(f"{path} ends before its header does: fetch it again") from None


def _read(file: BinaryIO, form: str) -> Any:
    [number] = struct.unpack(f"<{form}", file.read(struct.calcsize(form)))
    return number


def _string(file: BinaryIO) -> str:
    length = _read(file, "Q")
    text = file.read(length)
    if len(text) < length:
        raise struct.error("the file ends within a text")
    return text.decode("utf8")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == STRING:
        return _string(file)
    if kind == ARRAY:
        inner, length = _read(file, "I"), _read(file, "Q")
        return [_value(file, inner) for _ in range(length)]
    if kind not in NUMBERS:
        raise ValueError(f"there is no type of value number {kind}: the file is damaged")
    return _read(file, NUMBERS[kind])


def _tensor(file: BinaryIO) -> StoredTensor:
    name = _string(file)
    axes = tuple(_read(file, "Q") for _ in range(_read(file, "I")))
    kind = _read(file, "I")
    return StoredTensor(name, axes, WEIGHTS.get(kind, f"kind {kind}"), _read(file, "Q"))
