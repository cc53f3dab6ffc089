"""Write plain values as JSON, and read them back: what a check calls an answer with.

Plain are tensors, arrays, numbers, strings, None, and lists, tuples and dictionaries of them.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def to_json(value: object) -> object:
    """Return a plain value as what `json` can write.

    Raises:
        ValueError: The value is not plain.

    >>> to_json((1, torch.tensor([0.1])))
    {'tuple': [1, {'tensor': [0.1], 'dtype': 'float32', 'shape': [1]}]}
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Tensor):
        array = value.detach().cpu().numpy()
        return {"tensor": _numbers(array), "dtype": str(array.dtype), "shape": list(array.shape)}
    if isinstance(value, np.ndarray):
        return {"array": _numbers(value), "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[to_json(key), to_json(item)] for key, item in value.items()]}
    raise ValueError(
        f"a check can pass and get tensors, arrays, numbers, strings, None, and lists, tuples and "
        f"dictionaries of them, but this is a {type(value).__name__}"
    )


def from_json(value: object) -> Any:
    """Return what :func:`to_json` was given.

    >>> from_json(to_json((1, torch.tensor([0.1]))))
    (1, tensor([0.1000]))
    """
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "tuple" in value:
        return tuple(from_json(item) for item in value["tuple"])
    if "dict" in value:
        return {from_json(key): from_json(item) for key, item in value["dict"]}
    array = np.array(value.get("tensor", value.get("array")), dtype=value["dtype"])
    array = array.reshape(value["shape"])
    return torch.from_numpy(array) if "tensor" in value else array


def copied(value: object) -> Any:
    """Return a plain value anew, so that nobody's change of it is seen elsewhere."""
    return from_json(to_json(value))


def _numbers(array: np.ndarray) -> list:
    """Return an array's numbers, each with no more digits than its type needs."""
    if array.dtype in (np.float32, np.float16):
        return [float(str(number)) for number in array.ravel()]
    return array.ravel().tolist()
