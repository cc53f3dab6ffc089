"""Eight faults that really happen; each replaces one part of a healthy training."""

from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.attention import causal_mask, masked_softmax
from lessons.blocks import dot_scores
from lessons.limits.parts import Parts, shifted_by


def leaky_mask(
    tokens: int, padding: Int[Tensor, " batch"]
) -> Bool[Tensor, "batch 1 {tokens} {tokens}"]:
    """Let each token see its successor too: the diagonal is off by one.

    >>> leaky_mask(2, torch.tensor([0]))[0, 0].int()
    tensor([[1, 1],
            [1, 1]], dtype=torch.int32)
    """
    real = torch.arange(tokens, device=padding.device) >= padding[:, None]
    off_by_one = real.new_ones(tokens, tokens).tril(diagonal=1)
    return off_by_one & real[:, None, None, :]


def mask_without_padding(
    tokens: int, padding: Int[Tensor, " batch"]
) -> Bool[Tensor, "batch 1 {tokens} {tokens}"]:
    """Hide the future and forget the padding.

    >>> mask_without_padding(2, torch.tensor([1]))[0, 0].int()
    tensor([[1, 0],
            [1, 1]], dtype=torch.int32)
    """
    mask = causal_mask(tokens, tokens, device=padding.device)
    return mask.expand(len(padding), 1, tokens, tokens)


def softmax_over_queries(
    scores: Float[Tensor, "*batch queries keys"], visible: Bool[Tensor, "*mask"]
) -> Float[Tensor, "*batch queries keys"]:
    """Let the columns sum to one, not the rows: the softmax runs along the wrong axis.

    >>> softmax_over_queries(torch.zeros(2, 2), torch.ones(2, 2, dtype=torch.bool)).sum(dim=-2)
    tensor([1., 1.])
    """
    return masked_softmax(scores.mT, visible.mT).mT


def forget_positions(
    embedded: Float[Tensor, "batch tokens d_model"],
    positions: Float[Tensor, "batch tokens d_model"],
) -> Float[Tensor, "batch tokens d_model"]:
    """Return the tokens' vectors as they are.

    >>> forget_positions(torch.ones(1, 1, 2), torch.ones(1, 1, 2))
    tensor([[[1., 1.]]])
    """
    return embedded


def unit_start(weight: Float[Tensor, "outputs inputs"], generator: torch.Generator) -> None:
    """Draw all matrices with variance 1, however wide they are.

    >>> weight = torch.empty(100, 400)
    >>> unit_start(weight, torch.Generator().manual_seed(0))
    >>> round(weight.std().item(), 1)
    1.0
    """
    weight.normal_(generator=generator)


def faults() -> dict[str, Parts]:
    """Return the parts of eight faulty trainings, by the name of the fault.

    >>> faults()["learning rate"].learning_rate
    0.3
    """
    return {
        "mask leak": Parts(mask=leaky_mask),
        "softmax axis": Parts(normalize=softmax_over_queries),
        "no scale": Parts(compare=dot_scores),
        "padding attended": Parts(mask=mask_without_padding),
        "no positions": Parts(place=forget_positions),
        "targets not shifted": Parts(targets=partial(shifted_by, 0)),
        "learning rate": Parts(learning_rate=0.3),
        "initialization": Parts(start=unit_start),
    }
