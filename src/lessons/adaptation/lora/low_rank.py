r"""LoRA: beside a frozen matrix, a product of two thin ones learns what is to change.

.. math:: y = W x + b + s \, B A x, \qquad A \in \mathbb{R}^{r \times d_\text{in}},
    \; B \in \mathbb{R}^{d_\text{out} \times r}, \; s = \alpha / r

Reference: :cite:t:`hu2022`; the tests' oracle is the package peft.
"""

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.adaptation.trained_parts import train_only


def low_rank_update(
    x: Float[Tensor, "*batch d_in"],
    down: Float[Tensor, "rank d_in"],
    up: Float[Tensor, "d_out rank"],
    *,
    scale: float,
) -> Float[Tensor, "*batch d_out"]:
    r"""Return :math:`s \, B A x`: first down to a few numbers, then up again.

    Args:
        x: What goes into the frozen matrix.
        down: :math:`A`.
        up: :math:`B`.
        scale: :math:`s`.

    Source: :cite:t:`hu2022`, equation 3.

    >>> low_rank_update(torch.tensor([1.0, 2]), torch.ones(1, 2), torch.ones(3, 1), scale=2.0)
    tensor([6., 6., 6.])
    """
    return scale * (x @ down.mT) @ up.mT


class LowRank(nn.Module):
    r"""A linear layer that stays as it is, and a low-rank update beside it that learns.

    Args:
        base: A layer with `in_features` and `out_features`.
        rank: :math:`r`.
        alpha: :math:`\alpha`; the update is multiplied by :math:`\alpha / r`.
        generator: Where the first `down` comes from; the first `up` is zero.

    Raises:
        ValueError: The rank is not between 1 and the sizes of the layer.

    Source: :cite:t:`hu2022`, section 4.1.

    >>> layer = nn.Linear(3, 2)
    >>> adapted = LowRank(layer, rank=1, alpha=1.0)
    >>> torch.equal(adapted(torch.ones(3)), layer(torch.ones(3)))  # nothing is changed as yet
    True
    """

    def __init__(
        self,
        base: Any,  # nn.Linear, or another module with its sizes, `weight` and `bias`
        *,
        rank: int,
        alpha: float,
        generator: torch.Generator | None = None,
    ):
        super().__init__()
        d_in, d_out = base.in_features, base.out_features
        if not 1 <= rank <= min(d_in, d_out):
            raise ValueError(
                f"the rank is {rank}, the layer {d_in} by {d_out}: pass a rank from 1 to "
                f"{min(d_in, d_out)}"
            )
        self.base: Any = base
        self.scale = alpha / rank
        drawn = torch.rand(rank, d_in, generator=generator)
        self.down = nn.Parameter((2 * drawn - 1) / d_in**0.5)
        self.up = nn.Parameter(torch.zeros(d_out, rank))

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """Return what the layer says, and the update."""
        return self.base(x) + low_rank_update(x, self.down, self.up, scale=self.scale)

    def merged(self) -> nn.Linear:
        """Return one linear layer that says the same: its matrix has the update in it."""
        layer = nn.Linear(self.base.in_features, self.base.out_features, bias=False)
        update = self.scale * self.up @ self.down
        layer.weight = nn.Parameter((self.base.weight + update).detach())
        if self.base.bias is not None:
            layer.bias = nn.Parameter(self.base.bias.detach().clone())
        return layer


def replace_module(model: nn.Module, name: str, module: nn.Module) -> None:
    """Put another module into the place that a dotted name tells.

    >>> model = nn.Sequential(nn.Linear(2, 3))
    >>> replace_module(model, "0", nn.Identity())
    >>> model
    Sequential(
      (0): Identity()
    )
    """
    parent, _, own = name.rpartition(".")
    setattr(model.get_submodule(parent), own, module)


def layers_named(model: nn.Module, names: Iterable[str]) -> dict[str, Any]:
    """Return a model's linear layers whose names end like one of these.

    Args:
        model: What is searched.
        names: Ends of names, such as `to_query` or `attention.to_output`.

    Raises:
        ValueError: No linear layer has such a name.

    >>> list(layers_named(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), ["1"]))
    ['1']
    """
    layers = {name: one for name, one in model.named_modules() if hasattr(one, "in_features")}
    found: dict[str, Any] = {}
    for wanted in names:
        fits = {name: one for name, one in layers.items() if f".{name}".endswith(f".{wanted}")}
        if not fits:
            ends = sorted({name.rpartition(".")[2] for name in layers})
            raise ValueError(f"no linear layer is named {wanted!r}: pass some of {', '.join(ends)}")
        found |= fits
    return found


def block_matrices(model: nn.Module) -> list[str]:
    """Return the ends of the names of all matrices in a decoder's blocks.

    >>> from lessons.families import small_decoder
    >>> block_matrices(small_decoder(9, positions=4))
    ['to_query', 'to_key', 'to_value', 'to_output', 'to_hidden']
    """
    layers = {name for name, one in model.named_modules() if hasattr(one, "in_features")}
    blocks = [name for name, _ in model.named_modules() if name.startswith("layers.")]
    return list(dict.fromkeys(name.rpartition(".")[2] for name in blocks if name in layers))


def adapt(
    model: nn.Module, names: Iterable[str], *, rank: int, alpha: float, seed: int = 0
) -> nn.Module:
    """Freeze a model, and set a low-rank update beside each linear layer of these names.

    Args:
        model: It is changed in place, and returned.
        names: The ends of the layers' names.
        rank: The updates' rank.
        alpha: The updates are multiplied by alpha / rank.
        seed: Decides the first weights.

    Raises:
        ValueError: A name belongs to no linear layer, or the rank does not fit.

    >>> adapted = adapt(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), ["0"], rank=1, alpha=1.0)
    >>> [name for name, one in adapted.named_parameters() if one.requires_grad]
    ['0.down', '0.up']
    """
    generator = torch.Generator().manual_seed(seed)
    layers = layers_named(model, names)
    updates = [
        LowRank(layer, rank=rank, alpha=alpha, generator=generator) for layer in layers.values()
    ]
    train_only(model, ())
    for name, update in zip(layers, updates, strict=True):
        replace_module(model, name, update.to(layers[name].weight.device))
    return model


def adapted_layers(model: nn.Module) -> dict[str, LowRank]:
    """Return the layers of a model that have an update, by their names.

    Raises:
        ValueError: There is none.

    >>> list(adapted_layers(adapt(nn.Sequential(nn.Linear(2, 3)), ["0"], rank=1, alpha=1.0)))
    ['0']
    """
    found = {name: one for name, one in model.named_modules() if isinstance(one, LowRank)}
    if not found:
        raise ValueError("no layer has an update: adapt the model first, and merge it once")
    return found


def merge(model: nn.Module) -> nn.Module:
    """Add each update to its matrix, so that the model is an ordinary one again, in place.

    Raises:
        ValueError: No layer has an update, for instance since all are merged already.

    >>> merge(adapt(nn.Sequential(nn.Linear(2, 3)), ["0"], rank=1, alpha=1.0))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
    )
    """
    for name, layer in adapted_layers(model).items():
        replace_module(model, name, layer.merged())
    return model
