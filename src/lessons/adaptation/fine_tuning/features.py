r"""Feature extraction: read each text once with the frozen model, and train a head on what it kept.

.. math:: \hat y = \operatorname{softmax}(W h), \qquad h \text{ fixed, } W \text{ learned}
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, cast

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lessons.adaptation.labeled_text import Labeled
from lessons.families import DecoderOnly
from lessons.families.objectives import IGNORED


class Features(NamedTuple):
    """What stands before the head, text by text, and what should come next."""

    states: Float[Tensor, "batch tokens d_model"]
    labels: Int64[Tensor, "batch tokens"]


@torch.no_grad()
def extract_features(model: DecoderOnly, texts: Labeled) -> Features:
    """Return a frozen model's last vectors, and the labels of the tokens after them.

    >>> from lessons.families import small_decoder
    >>> texts = Labeled(torch.tensor([[1, 2, 3]]), torch.tensor([[-100, -100, 3]]))
    >>> extract_features(small_decoder(9, positions=4), texts).labels
    tensor([[-100,    3]])
    """
    states = model.norm(model.stream(texts.ids))
    return Features(states[:, :-1], texts.labels[:, 1:])


def _some(generator: torch.Generator, features: Features, rows: int) -> Features:
    drawn = torch.randint(len(features.labels), (rows,), generator=generator)
    return Features(features.states[drawn], features.labels[drawn])


def draw_features(features: Features, *, rows: int) -> Callable[[torch.Generator], Features]:
    """Return a function that draws the features of some texts, with repetition; for `fit`.

    The same generator draws the same texts as
    :func:`~lessons.adaptation.labeled_text.draw_texts`.

    >>> features = Features(torch.ones(1, 2, 4), torch.tensor([[3, 3]]))
    >>> draw_features(features, rows=5)(torch.Generator()).states.shape
    torch.Size([5, 2, 4])
    """
    return partial(_some, features=features, rows=rows)


def head_loss(head: nn.Module, features: Features) -> Float[Tensor, ""]:
    """Return a head's loss on the labeled tokens, in nats a token.

    >>> nothing = nn.Linear(2, 4)
    >>> _ = nn.init.zeros_(nothing.weight), nn.init.zeros_(nothing.bias)
    >>> features = Features(torch.ones(1, 1, 2), torch.tensor([[3]]))
    >>> round(head_loss(nothing, features).item(), 4)
    1.3863
    """
    logits = head(features.states).flatten(0, 1)
    return nn.functional.cross_entropy(logits, features.labels.flatten(), ignore_index=IGNORED)


def untie_head(model: DecoderOnly) -> DecoderOnly:
    """Give a model's head a matrix of its own, in place, where it shared the embedding's.

    Otherwise to train "the head" would change every vector that goes in.

    >>> from lessons.families import small_decoder
    >>> model = untie_head(small_decoder(9, positions=4))
    >>> model.unembed.weight is model.embed.tokens.weight
    False
    """
    head = cast(nn.Linear, model.unembed)
    head.weight = nn.Parameter(head.weight.detach().clone())
    return model
