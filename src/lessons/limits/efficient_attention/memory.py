"""Memory, measured: the most bytes that a computation holds at once, beside its inputs.

Every tensor that an operation of torch returns is counted while it is alive. So the number is the
same in each run and on each machine. What an operation takes for itself while it works, within
its own kernel, is not seen.
"""

import weakref
from collections.abc import Callable

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten


class HeldBytes(TorchDispatchMode):
    """Count, while a `with` block runs, the bytes of the tensors that are alive.

    >>> import torch
    >>> with HeldBytes() as held:
    ...     total = (torch.ones(10) * 2).sum()
    >>> held.most
    80
    """

    def __init__(self) -> None:
        super().__init__()
        self.alive: dict[int, int] = {}
        self.most = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run an operation, and count what it returns anew."""
        result = func(*args, **(kwargs or {}))
        known = {_storage(tensor)._cdata for tensor in _tensors((args, kwargs))}
        for tensor in _tensors(result):
            storage = _storage(tensor)
            place = storage._cdata
            if place not in known and place not in self.alive:
                self.alive[place] = storage.nbytes()
                weakref.finalize(storage, self.alive.pop, place, None)
        self.most = max(self.most, sum(self.alive.values()))
        return result


def most_bytes(function: Callable, *inputs: Tensor) -> int:
    """Return the most bytes that `function` holds at once, its inputs not counted.

    >>> import torch
    >>> x = torch.ones(64, 8)
    >>> most_bytes(lambda x: (x @ x.T).softmax(dim=-1) @ x, x)  # two tables of 64 × 64
    32768
    """
    with HeldBytes() as held:
        function(*inputs)
    return held.most


def _tensors(tree: object) -> list[Tensor]:
    return [leaf for leaf in tree_flatten(tree)[0] if isinstance(leaf, Tensor)]


def _storage(tensor: Tensor):
    return tensor.untyped_storage()
