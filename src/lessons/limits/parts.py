r"""What a small training is made of, each part a function that can be exchanged.

All that usually goes wrong stands in one place: the mask, the softmax, the scale, the
positions, the targets, the first weights, the learning rate. A fault is the same
:class:`Parts` with one of them replaced.
"""

import dataclasses
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.attention import causal_mask, masked_softmax
from lessons.blocks import scaled_scores
from lessons.families.objectives import IGNORED


def honest_mask(
    tokens: int, padding: Int[Tensor, " batch"]
) -> Bool[Tensor, "batch 1 {tokens} {tokens}"]:
    """Let each token see itself and what came before it, but no padding.

    >>> honest_mask(3, torch.tensor([1]))[0, 0].int()
    tensor([[0, 0, 0],
            [0, 1, 0],
            [0, 1, 1]], dtype=torch.int32)
    """
    real = torch.arange(tokens, device=padding.device) >= padding[:, None]
    return causal_mask(tokens, tokens, device=padding.device) & real[:, None, None, :]


def add_positions(
    embedded: Float[Tensor, "batch tokens d_model"],
    positions: Float[Tensor, "batch tokens d_model"],
) -> Float[Tensor, "batch tokens d_model"]:
    """Add to each token's vector the vector of its place.

    >>> add_positions(torch.ones(1, 1, 2), torch.ones(1, 1, 2))
    tensor([[[2., 2.]]])
    """
    return embedded + positions


def next_tokens(
    ids: Int[Tensor, "batch tokens"], padding: Int[Tensor, " batch"]
) -> Int[Tensor, "batch tokens"]:
    """Label each token with the one after it; padding and the last token have no label.

    >>> next_tokens(torch.tensor([[0, 5, 6, 7]]), torch.tensor([1]))
    tensor([[-100,    6,    7, -100]])
    """
    return shifted_by(1, ids, padding)


def shifted_by(
    offset: int, ids: Int[Tensor, "batch tokens"], padding: Int[Tensor, " batch"]
) -> Int[Tensor, "batch tokens"]:
    """Label each token with the one `offset` places after it, where there is one.

    >>> shifted_by(2, torch.tensor([[0, 5, 6, 7]]), torch.tensor([1]))
    tensor([[-100,    7, -100, -100]])
    """
    tokens = ids.shape[1]
    places = torch.arange(tokens, device=ids.device)
    labeled = (places >= padding[:, None]) & (places + offset < tokens)
    return ids.roll(-offset, dims=1).where(labeled, IGNORED)


def modest_start(weight: Float[Tensor, "outputs inputs"], generator: torch.Generator) -> None:
    r"""Draw a matrix so that it keeps the size of what passes: variance :math:`1 / \text{inputs}`.

    >>> weight = torch.empty(100, 400)
    >>> modest_start(weight, torch.Generator().manual_seed(0))
    >>> round(weight.std().item(), 3)
    0.05
    """
    weight.normal_(std=weight.shape[1] ** -0.5, generator=generator)


@dataclasses.dataclass(frozen=True)
class Parts:
    """What a small training is made of; the defaults are healthy.

    >>> Parts(learning_rate=0.5).mask is honest_mask
    True
    """

    mask: Callable = honest_mask
    normalize: Callable = masked_softmax
    compare: Callable = scaled_scores
    place: Callable = add_positions
    targets: Callable = next_tokens
    start: Callable = modest_start
    learning_rate: float = 5e-3
