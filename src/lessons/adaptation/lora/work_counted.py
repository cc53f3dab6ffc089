r"""What a training step asks of a machine, counted: no clock, so the same on any machine."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode


class Work(NamedTuple):
    """A training step's work, without that of the optimizer."""

    multiplications: int  # in products of matrices
    calls: int  # of operations of torch
    kept: int  # bytes that the way forward keeps for the way back, without the weights


class _Calls(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def work_of_step(model: nn.Module, loss_of: Callable[[nn.Module], Tensor]) -> Work:
    """Count what the way forward and the way back ask for; gradients are left as they were.

    Args:
        model: Those of its parameters that are not frozen get gradients.
        loss_of: From the model to a loss.

    >>> layer = nn.Linear(4, 3)
    >>> work_of_step(layer, lambda layer: layer(torch.ones(2, 4)).sum()).multiplications
    48
    """
    wanted = [one for one in model.parameters() if one.requires_grad]
    weights = {one.untyped_storage().data_ptr() for one in model.state_dict().values()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    flops, calls = FlopCounterMode(display=False), _Calls()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        with flops, calls:
            torch.autograd.grad(loss_of(model), wanted, allow_unused=True)
    # A multiplication and an addition are counted as two operations.
    return Work(flops.get_total_flops() // 2, calls.count, sum(kept.values()))


def training_bytes(model: nn.Module) -> dict[str, int]:
    """Return the bytes that stay from step to step: weights, and what AdamW needs to train some.

    A weight that trains has a gradient and two moments; a frozen one has none.

    >>> training_bytes(nn.Linear(2, 3))
    {'weights': 36, 'gradients': 36, 'moments': 72}
    """
    weights = sum(one.nbytes for one in (*model.parameters(), *model.buffers()))
    gradients = sum(one.nbytes for one in model.parameters() if one.requires_grad)
    return {"weights": weights, "gradients": gradients, "moments": 2 * gradients}
