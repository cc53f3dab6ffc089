r"""Adapters as things of their own: taken off, kept in a small file, put on, or many side by side.

Reference: :cite:t:`sheng2023`, who serve thousands of adapters on one base.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lessons.adaptation.lora.low_rank import LowRank, adapted_layers, replace_module


class Adapter(NamedTuple):
    """What an adapter's file holds: no matrix of the base, but a mark by which it is known."""

    tensors: dict[str, Tensor]  # `down` and `up` of each layer
    scales: dict[str, float]
    base: str

    @property
    def size(self) -> int:
        """How many bytes its tensors take."""
        return sum(one.nbytes for one in self.tensors.values())


def mark_of(layers: Sequence[Any]) -> str:
    """Return a mark of some layers' matrices: another one where a single bit is another.

    >>> layer = nn.Linear(2, 3)
    >>> mark = mark_of([layer])
    >>> _ = layer.weight.data[0, 0].add_(1)
    >>> mark == mark_of([layer])
    False
    """
    digest = hashlib.sha256()
    for layer in layers:
        weight = layer.weight.detach().cpu().contiguous()
        digest.update(weight.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:16]


def take_adapter(model: nn.Module) -> Adapter:
    """Return copies of a model's updates, and a mark of the matrices that they were learned for.

    Raises:
        ValueError: No layer of the model has an update.

    >>> from lessons.adaptation import adapt
    >>> model = adapt(nn.Sequential(nn.Linear(2, 3)), ["0"], rank=1, alpha=1.0)
    >>> sorted(take_adapter(model).tensors)
    ['0.down', '0.up']
    """
    layers = adapted_layers(model)
    tensors = {
        f"{name}.{part}": getattr(layer, part).detach().clone()
        for name, layer in layers.items()
        for part in ("down", "up")
    }
    scales = {name: layer.scale for name, layer in layers.items()}
    return Adapter(tensors, scales, mark_of([layer.base for layer in layers.values()]))


def put_on(model: nn.Module, adapter: Adapter) -> nn.Module:
    """Set an adapter's updates beside the layers that they were learned for, in place.

    An adapter that is there already is exchanged for it.

    Raises:
        ValueError: The model lacks a layer, or its matrices are not those of the adapter's base.

    >>> from copy import deepcopy
    >>> from lessons.adaptation import adapt
    >>> base = nn.Sequential(nn.Linear(2, 3))
    >>> adapter = take_adapter(adapt(deepcopy(base), ["0"], rank=1, alpha=1.0))
    >>> [name for name, _ in put_on(base, adapter).named_parameters()]
    ['0.down', '0.up', '0.base.weight', '0.base.bias']
    """
    modules = dict(model.named_modules())
    if missing := sorted(set(adapter.scales) - set(modules)):
        raise ValueError(f"the model has no layer {missing[0]!r}: this adapter is for another base")
    bases: dict[str, Any] = {
        name: getattr(modules[name], "base", modules[name]) for name in adapter.scales
    }
    if mark_of(list(bases.values())) != adapter.base:
        raise ValueError(
            "the model's matrices are not those that this adapter was learned for: load its base"
        )
    for name, base in bases.items():
        down, up = (adapter.tensors[f"{name}.{part}"] for part in ("down", "up"))
        layer = LowRank(base, rank=len(down), alpha=adapter.scales[name] * len(down))
        layer.down, layer.up = nn.Parameter(down.clone()), nn.Parameter(up.clone())
        replace_module(model, name, layer)
    return model


def updates_by_row(
    x: Float[Tensor, "batch tokens d_in"],
    downs: Float[Tensor, "adapters rank d_in"],
    ups: Float[Tensor, "adapters d_out rank"],
    chosen: Int64[Tensor, " batch"],
) -> Float[Tensor, "batch tokens d_out"]:
    """Return the update of each text by an adapter of its own.

    Args:
        x: What goes into the frozen matrix.
        downs: Each adapter's first factor.
        ups: Each adapter's second factor, its scale in it.
        chosen: Which adapter each text has.

    >>> x, downs = torch.ones(2, 1, 2), torch.ones(2, 1, 2)
    >>> ups = torch.tensor([[[1.0]], [[10.0]]])
    >>> updates_by_row(x, downs, ups, torch.tensor([1, 0])).flatten()
    tensor([20.,  2.])
    """
    return x @ downs[chosen].mT @ ups[chosen].mT


class Shelf(nn.Module):
    """A layer with the updates of several adapters, one of which each text of a batch gets.

    Args:
        base: The frozen layer.
        updates: Of the same rank, one for each adapter.
        chosen: Which adapter each text has; it is shared by all layers, and written in place.
    """

    def __init__(self, base: nn.Module, updates: Sequence[LowRank], chosen: list[int]):
        super().__init__()
        self.base, self.chosen = base, chosen
        self.downs = torch.stack([one.down.detach() for one in updates])
        self.ups = torch.stack([one.scale * one.up.detach() for one in updates])

    def forward(self, x: Float[Tensor, "batch tokens d_in"]) -> Float[Tensor, "batch tokens d_out"]:
        """Compute the frozen part for all texts at once, and each text's update.

        Raises:
            ValueError: There are not as many choices as texts.
        """
        if len(self.chosen) != len(x):
            raise ValueError(f"{len(self.chosen)} choices for {len(x)} texts: pass one for each")
        chosen = torch.tensor(self.chosen, device=x.device)
        return self.base(x) + updates_by_row(x, self.downs, self.ups, chosen)
