r"""Texts to learn from, each token labeled or not: only labeled ones are scored."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lessons.families import shifted_cross_entropy
from lessons.families.objectives import IGNORED
from lessons.models.making.training_rows import pad


class Labeled(NamedTuple):
    """A batch of texts; a token whose label is −100 is read, and not scored."""

    ids: Int64[Tensor, "batch tokens"]
    labels: Int64[Tensor, "batch tokens"]


def stack(texts: Sequence[tuple[Sequence[int], Sequence[int]]], *, filler: int) -> Labeled:
    """Stack texts of different lengths, filled up on the right with what is not scored.

    A decoder sees no token after the one it stands at, so the filler changes nothing.

    Args:
        texts: The ids of each, and its labels.
        filler: The id to fill up with.

    Raises:
        ValueError: There is no text, one has not as many labels as tokens, or no token is scored.

    >>> stack([([5, 6], [-100, 6]), ([7], [7])], filler=0)
    Labeled(ids=tensor([[5, 6],
            [7, 0]]), labels=tensor([[-100,    6],
            [   7, -100]]))
    """
    if not texts or any(len(ids) != len(labels) for ids, labels in texts):
        raise ValueError("pass at least one text, and as many labels as tokens for each")
    if all(label == IGNORED for _, labels in texts for label in labels[1:]):
        raise ValueError("all labels are masked: leave the answer's tokens their labels")
    rows, labels = ([list(part) for part in parts] for parts in zip(*texts, strict=True))
    return Labeled(pad(rows, filler), pad(labels, IGNORED))


def _some(generator: torch.Generator, texts: Labeled, rows: int) -> Labeled:
    drawn = torch.randint(len(texts.ids), (rows,), generator=generator)
    return Labeled(texts.ids[drawn], texts.labels[drawn])


def draw_texts(texts: Labeled, *, rows: int) -> Callable[[torch.Generator], Labeled]:
    """Return a function that draws some of these texts, with repetition; for `fit`.

    >>> texts = stack([([1, 2], [1, 2])], filler=0)
    >>> draw_texts(texts, rows=3)(torch.Generator()).ids.shape
    torch.Size([3, 2])
    """
    return partial(_some, texts=texts, rows=rows)


def labeled_loss(model: nn.Module, texts: Labeled) -> Float[Tensor, ""]:
    """Return a decoder's loss on the labeled tokens, in nats a token.

    Args:
        model: Ours, which returns logits, or one of transformers', which returns them in an object.
        texts: What it reads, and what is scored.

    >>> says_nothing = nn.Embedding.from_pretrained(torch.zeros(4, 4))
    >>> round(labeled_loss(says_nothing, stack([([1, 2], [1, 2])], filler=0)).item(), 4)
    1.3863
    """
    said = model(texts.ids)
    return shifted_cross_entropy(getattr(said, "logits", said), texts.labels)
