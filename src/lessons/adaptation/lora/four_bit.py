r"""QLoRA's base: a matrix in four bits a weight, by a table of sixteen numbers.

.. math:: w_i \approx c \, q_{k_i}, \qquad c = \max_i |w_i| \text{ in a block of 64},
    \qquad k_i = \arg\min_k \left| w_i / c - q_k \right|

Reference: :cite:t:`dettmers2023`, section 3.
"""

from collections.abc import Iterable
from copy import deepcopy

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from lessons.adaptation.lora.low_rank import layers_named, replace_module

BLOCK = 64  # weights that share a scale


def normal_levels() -> Float[Tensor, "16"]:
    r"""Return sixteen numbers from −1 to 1 that are dense where normal weights are: NF4.

    They are quantiles of the normal distribution, seven below zero, zero, and eight above, divided
    by the largest. The outermost ones leave :math:`(1/30 + 1/32) / 2` beyond them.

    Source: :cite:t:`dettmers2023`, section 3 and appendix E.

    >>> normal_levels()[[0, 6, 7, 8, 15]]
    tensor([-1.0000, -0.0910,  0.0000,  0.0796,  1.0000])
    """
    outermost = 1 - (1 / 30 + 1 / 32) / 2
    half = torch.tensor(0.5, dtype=torch.float64)
    below = -torch.special.ndtri(torch.linspace(outermost, half, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(half, outermost, 9, dtype=torch.float64))
    return (torch.cat([below[:-1], above]) / above[-1]).float()


def even_levels() -> Float[Tensor, "16"]:
    """Return sixteen numbers from −1 to 1, equally far apart.

    >>> even_levels()[:2]
    tensor([-1.0000, -0.8667])
    """
    return torch.linspace(-1, 1, 16)


def quantize(
    weights: Float[Tensor, "blocks size"], levels: Float[Tensor, "16"]
) -> tuple[UInt8[Tensor, "blocks half"], Float[Tensor, "blocks 1"]]:
    """Return which level is nearest to each weight, two to a byte, and each block's scale.

    Args:
        weights: Blocks of an even number of weights.
        levels: The table.

    Raises:
        ValueError: A block's size is odd.

    Source: :cite:t:`dettmers2023`, equation 1.

    >>> codes, scales = quantize(torch.tensor([[2.0, -2.0, 0.0, 1.0]]), even_levels())
    >>> codes, scales
    (tensor([[240, 123]], dtype=torch.uint8), tensor([[2.]]))
    """
    if weights.shape[-1] % 2:
        raise ValueError(f"blocks of {weights.shape[-1]} weights: pass an even number")
    scales = weights.abs().amax(dim=-1, keepdim=True)
    shares = weights / scales.clamp(min=torch.finfo(weights.dtype).tiny)
    nearest = (shares[..., None] - levels).abs().argmin(dim=-1).to(torch.uint8)
    return 16 * nearest[:, ::2] + nearest[:, 1::2], scales


def dequantize(
    codes: UInt8[Tensor, "blocks half"],
    scales: Float[Tensor, "blocks 1"],
    levels: Float[Tensor, "16"],
) -> Float[Tensor, "blocks size"]:
    """Return the weights that the codes stand for.

    >>> codes = torch.tensor([[240, 123]], dtype=torch.uint8)
    >>> dequantize(codes, torch.tensor([[2.0]]), even_levels())
    tensor([[ 2.0000, -2.0000, -0.1333,  0.9333]])
    """
    nearest = torch.stack([codes // 16, codes % 16], dim=-1).flatten(1)
    return scales * levels[nearest.long()]


class FourBitLinear(nn.Module):
    """A frozen linear layer whose matrix is kept in four bits a weight, and widened for each use.

    Args:
        layer: The layer as it is; its bias stays so.
        levels: The table; NF4's unless you pass another.

    Raises:
        ValueError: The number of weights is no multiple of the block.

    >>> layer = nn.Linear(64, 64)
    >>> narrow = FourBitLinear(layer)
    >>> (narrow.weight - layer.weight).abs().max().item() < 0.02
    True
    """

    levels: Tensor
    codes: Tensor
    scales: Tensor

    def __init__(self, layer: nn.Linear, *, levels: Float[Tensor, "16"] | None = None):
        super().__init__()
        if layer.weight.numel() % BLOCK:
            raise ValueError(f"{layer.weight.numel()} weights: pass a multiple of {BLOCK}")
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self.register_buffer("levels", normal_levels() if levels is None else levels)
        codes, scales = quantize(layer.weight.detach().reshape(-1, BLOCK), self.levels)
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)
        self.bias = layer.bias

    @property
    def weight(self) -> Float[Tensor, "d_out d_in"]:
        """The matrix, as the codes tell it."""
        found = dequantize(self.codes, self.scales, self.levels)
        return found.reshape(self.out_features, self.in_features)

    @property
    def size(self) -> int:
        """How many bytes the matrix takes."""
        return self.codes.nbytes + self.scales.nbytes

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """Return what the layer says with the widened matrix."""
        return nn.functional.linear(x, self.weight, self.bias)


def in_four_bits(model: nn.Module, names: Iterable[str]) -> nn.Module:
    """Return a copy of a model whose linear layers of these names are kept in four bits.

    Args:
        model: It is left as it is.
        names: The ends of the layers' names.

    Raises:
        ValueError: No linear layer has such a name.

    >>> in_four_bits(nn.Sequential(nn.Linear(64, 2), nn.Linear(2, 2)), ["0"])
    Sequential(
      (0): FourBitLinear()
      (1): Linear(in_features=2, out_features=2, bias=True)
    )
    """
    narrow = deepcopy(model)
    for name, layer in layers_named(narrow, names).items():
        replace_module(narrow, name, FourBitLinear(layer))
    return narrow
