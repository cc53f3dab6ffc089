r"""Ways to fine-tune: which part of a model trains, and at which rate."""

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn

from lessons.adaptation.fine_tuning.features import untie_head
from lessons.adaptation.fine_tuning.soft_prompt import Prompted
from lessons.adaptation.labeled_text import Labeled, draw_texts, labeled_loss
from lessons.adaptation.trained_parts import train_only
from lessons.families import DecoderOnly
from lessons.fit import fit


class Way(NamedTuple):
    """What trains, by the beginnings of the parameters' names, and the highest rate."""

    parts: tuple[str, ...]
    learning_rate: float


WAYS = {
    "all": Way(("",), 0.001),
    "last layer": Way(("layers.2.",), 0.002),
    "first layer": Way(("layers.0.",), 0.002),
    "head": Way(("unembed.",), 0.01),
    "soft prompt": Way(("model.embed.vectors",), 0.03),
}


def tune(
    model: DecoderOnly,
    texts: Labeled,
    *,
    way: str,
    learning_rate: float | None = None,
    steps: int = 30,
    places: int = 8,
    seed: int = 0,
) -> nn.Module:
    """Fine-tune a copy of a model in one of the ways, and return it.

    Args:
        model: A decoder of three layers; it is left as it is.
        texts: What to learn from.
        way: One of `WAYS`.
        learning_rate: The highest; None takes the way's.
        steps: Batches of 16 texts.
        places: The length of a soft prompt.
        seed: Decides the batches, and the first vectors of a soft prompt.

    Raises:
        ValueError: There is no such way.

    >>> from lessons.families import small_decoder
    >>> texts = Labeled(torch.tensor([[1, 2]]), torch.tensor([[1, 2]]))
    >>> tuned = tune(small_decoder(9, positions=4), texts, way="first layer", steps=1)
    >>> {name.split(".")[1] for name, one in tuned.named_parameters() if one.requires_grad}
    {'0'}
    """
    if way not in WAYS:
        raise ValueError(f"there is no way {way!r}: pass one of {', '.join(WAYS)}")
    copy = deepcopy(model)
    if way == "head":
        untie_head(copy)
    prompted = way == "soft prompt"
    learner = Prompted(copy, places=places, seed=seed) if prompted else copy
    train_only(learner, WAYS[way].parts)
    fit(
        learner,
        draw_texts(texts, rows=16),
        labeled_loss,
        steps=steps,
        learning_rate=learning_rate or WAYS[way].learning_rate,
        weight_decay=0.0,
        seed=seed,
    )
    return learner


def emptied(model: nn.Module, *, seed: int = 0) -> nn.Module:
    """Return a copy of a model whose matrices are drawn anew, as before it learned anything.

    >>> (emptied(nn.Linear(50, 50)).weight.std() - 0.05).abs().item() < 0.005
    True
    """
    fresh = deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in fresh.parameters():
            if parameter.dim() > 1:
                parameter.copy_(0.05 * torch.randn(parameter.shape, generator=generator))
    return fresh
