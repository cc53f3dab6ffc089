r"""Weights: bring the tensors of another library's model under our names, and check them.

A family lists which of its modules corresponds to which of theirs, with `#` for a layer's
number. Nothing is guessed: a tensor that is missing, superfluous or of another shape is an
error that names it.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from lessons.blocks import gelu, gelu_tanh, relu, silu

Model = TypeVar("Model", bound=nn.Module)

ACTIVATIONS = {
    "gelu": gelu,
    "gelu_new": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
    "relu": relu,
    "silu": silu,
}


def activation(name: str) -> Callable:
    """Return the activation that transformers' configurations call by this name.

    Raises:
        ValueError: The book has no such activation.

    >>> activation("gelu_new").__name__
    'gelu_tanh'
    """
    if name not in ACTIVATIONS:
        raise ValueError(
            f"activation {name!r} is not known here: pass one of {', '.join(ACTIVATIONS)}"
        )
    return ACTIVATIONS[name]


def require(condition: bool, message: str) -> None:
    """Refuse a configuration that these families don't cover.

    Raises:
        ValueError: The condition does not hold.
    """
    if not condition:
        raise ValueError(message)


def their_name(name: str, names: Mapping[str, str]) -> str:
    """Return the other library's name of one of our parameters.

    Raises:
        ValueError: The table has no entry for it.

    >>> their_name("layers.3.attention.to_query.weight", {"layers.#.attention.to_query": "h.#.q"})
    'h.3.q.weight'
    >>> their_name("layers.0.feed_norm.gain", {"layers.#.feed_norm": "h.#.ln"})
    'h.0.ln.weight'
    """
    module, kind = name.rsplit(".", 1)
    general = re.sub(r"\.\d+\.", ".#.", module)
    if general not in names:
        raise ValueError(f"the table of names lacks {general!r}")
    layer = re.search(r"\.(\d+)\.", module)
    theirs = names[general].replace("#", layer[1] if layer else "")
    return f"{theirs}.{'weight' if kind == 'gain' else kind}"


def fill(
    build: Callable[[], Model],
    tensors: Mapping[str, Tensor],
    names: Mapping[str, str],
    *,
    unused: str = "(?!)",
) -> Model:
    """Build a model whose parameters are copies of these tensors.

    Two names of one tensor, such as an embedding that also is the output layer, stay one.

    Args:
        build: Makes the model; its random initialization is skipped.
        tensors: The weights by their names.
        names: For each of our modules, theirs, with # for a layer's number.
        unused: A regular expression for names of theirs that the model does without.

    Raises:
        ValueError: A tensor is missing, has another shape, or has no place in the model.
    """
    with torch.device("meta"):
        model = build()
    copies: dict[tuple, nn.Parameter] = {}
    wanted = set()
    for name, parameter in list(model.named_parameters(remove_duplicate=False)):
        theirs = their_name(name, names)
        wanted.add(theirs)
        tensor = _checked(theirs, tensors, parameter.shape)
        key = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
        if key not in copies:
            copies[key] = nn.Parameter(by_columns(tensor.detach()))
        module, _, own = name.rpartition(".")
        setattr(model.get_submodule(module), own, copies[key])
    for name in tensors:
        if name not in wanted and not re.search(unused, name):
            raise ValueError(f"the tensor {name} has no place in this model: is it another kind?")
    return model.eval()


def by_columns(tensor: Tensor) -> Tensor:
    """Return a copy whose columns, not rows, lie together in memory, if it is a matrix.

    The numbers are the same. But generation multiplies one vector at a time, which takes as
    long as reading the matrix, and a CPU reads it a third faster in this order.

    >>> by_columns(torch.zeros(2, 3)).stride()
    (1, 2)
    """
    if tensor.dim() != 2:
        return tensor.clone()
    return tensor.mT.clone(memory_format=torch.contiguous_format).mT


def _checked(name: str, tensors: Mapping[str, Tensor], shape: torch.Size) -> Tensor:
    if name not in tensors:
        raise ValueError(f"the weights lack the tensor {name}: is the file complete?")
    tensor = tensors[name]
    if tensor.shape != shape:
        raise ValueError(
            f"the tensor {name} has shape {tuple(tensor.shape)}, but the configuration asks for "
            f"{tuple(shape)}"
        )
    return tensor
