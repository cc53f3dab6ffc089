r"""Weights in four or eight bits: blocks of 32, each with a scale of its own.

The three kinds are those of llama.cpp's files. With :math:`a` the number of the block that is
farthest from 0, and all roundings to the nearest whole number:

.. math::

    \text{Q8\_0: } s = |a| / 127,\; q_i = [w_i / s] \qquad
    \text{Q4\_0: } s = -a / 8,\; q_i = \min([w_i / s] + 8, 15) \qquad
    \text{Q4\_1: } s = (\max w - \min w) / 15,\; m = \min w,\; q_i = [(w_i - m) / s]
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import TypeVar

import torch
from jaxtyping import Float, Float16, Int
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

Model = TypeVar("Model", bound=nn.Module)
BLOCK = 32
# Bits of a code, and how many half-precision numbers a block has beside its codes.
KINDS = {"Q8_0": (8, 1), "Q4_0": (4, 1), "Q4_1": (4, 2)}


@dataclass(frozen=True)
class Blocks:
    """Quantized weights: whole numbers, and what turns them back into weights.

    `kind` is one of `KINDS`; `codes` are the whole numbers of each block, `scale` is its scale, and
    `least`, for Q4_1 only, the number that belongs to the code 0; `shape` is that of the weights.
    """

    kind: str
    codes: Int[Tensor, "blocks block"]
    scale: Float16[Tensor, "blocks 1"]
    least: Float16[Tensor, "blocks 1"] | None
    shape: torch.Size


def bits_per_weight(kind: str, *, block: int = BLOCK) -> float:
    """Return how many bits a weight costs, with its part of the block's scale.

    Raises:
        ValueError: There is no such kind.

    >>> bits_per_weight("Q4_0"), bits_per_weight("Q8_0")
    (4.5, 8.5)
    """
    bits, numbers = _known(kind)
    return bits + 16 * numbers / block


def quantize(weights: Float[Tensor, "*axes columns"], kind: str, *, block: int = BLOCK) -> Blocks:
    """Return the weights in blocks along their last axis, as llama.cpp's files hold them.

    Args:
        weights: Of any shape.
        kind: One of `KINDS`.
        block: How many weights share a scale; in files it is 32.

    Raises:
        ValueError: There is no such kind, or the last axis is no whole number of blocks.

    Source: :cite:t:`dettmers2022`, section 2, for blocks with a scale of their own; the kinds are
    those of the program llama.cpp.

    >>> quantize(torch.tensor([0.9, -0.3, 0.1, -0.6]), "Q4_0", block=4).codes
    tensor([[ 0, 11,  7, 13]])
    """
    _known(kind)
    if weights.shape[-1] % block:
        raise ValueError(
            f"rows of {weights.shape[-1]} weights make no whole blocks of {block}: "
            "keep this matrix in higher precision"
        )
    rows = weights.float().reshape(-1, block)
    least = None
    if kind == "Q4_1":
        least = rows.amin(dim=-1, keepdim=True)
        scale = (rows.amax(dim=-1, keepdim=True) - least) / 15
        codes = _divided(rows - least, scale).add(0.5).trunc().clamp(0, 15)
    else:
        farthest = rows.gather(-1, rows.abs().argmax(dim=-1, keepdim=True))
        if kind == "Q4_0":
            scale = farthest / -8
            codes = _divided(rows, scale).add(8.5).trunc().clamp(0, 15)
        else:
            scale = farthest.abs() / 127
            exact = _divided(rows, scale)
            codes = exact.sign() * (exact.abs() + 0.5).floor()
    half = None if least is None else least.half()
    return Blocks(kind, codes.long(), scale.half(), half, weights.shape)


def dequantize(blocks: Blocks) -> Float[Tensor, "*axes columns"]:
    """Return the weights that the blocks stand for, in float32.

    >>> dequantize(quantize(torch.tensor([0.9, -0.3, 0.1, -0.6]), "Q4_0", block=4))
    tensor([ 0.8999, -0.3375,  0.1125, -0.5624])
    """
    codes = blocks.codes.float()
    if blocks.kind == "Q4_0":
        codes = codes - 8
    weights = blocks.scale.float() * codes
    if blocks.least is not None:
        weights = weights + blocks.least.float()
    return weights.reshape(blocks.shape)


def rounded_model(model: Model, kind: str) -> Model:
    """Return a copy of the model whose matrices went through blocks and back.

    Blocks lie along the inputs, as in files. Vectors, as biases and the gains of norms, stay as
    they are, and so does a table of positions: they are few, and files keep them.

    Args:
        model: All of its matrices have rows of whole blocks.
        kind: One of `KINDS`.

    >>> rounded_model(nn.Linear(32, 2), "Q4_0").weight.shape
    torch.Size([2, 32])
    """
    copy = deepcopy(model)
    with torch.no_grad():
        for name, parameter in copy.named_parameters():
            if parameter.ndim == 2 and "wpe" not in name:
                # GPT-2's matrices stand turned over in transformers: a row is of one input.
                over = isinstance(copy.get_submodule(name.rpartition(".")[0]), Conv1D)
                rows = dequantize(quantize(parameter.T if over else parameter, kind))
                parameter.copy_(rows.T if over else rows)
    return copy


def _known(kind: str) -> tuple[int, int]:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}: pass one of {', '.join(KINDS)}")
    return KINDS[kind]


def _divided(
    rows: Float[Tensor, "blocks block"], scale: Float[Tensor, "blocks 1"]
) -> Float[Tensor, "blocks block"]:
    """Divide by the scale; a block of zeros, or of equal numbers, has scale 0 and stays 0."""
    return rows * torch.where(scale == 0, 0, 1 / scale)
