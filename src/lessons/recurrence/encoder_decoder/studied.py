"""Which sentences a training has shown, so that seen and unseen can be told apart."""

from collections.abc import Callable

import torch
from jaxtyping import Bool
from torch import Tensor

from lessons.recurrence.padded_pairs import ENGLISH, Batch, padded
from lessons.recurrence.phrase_words import VERBS
from lessons.recurrence.word_ids import PAD

LINKS = torch.tensor([ENGLISH.ids[word] for word in (*VERBS, "and")])
TALK = torch.tensor([ENGLISH.ids[word] for word in ("weather", "?")])


def studied(
    draw: Callable[[torch.Generator], Batch], *, steps: int, phrases: int, seed: int = 0
) -> Batch:
    """Draw again what :func:`~lessons.fit.fit` has drawn, and keep the sentences of one length.

    Args:
        draw: From a generator to a batch, as it was given to `fit`.
        steps: The number of batches.
        phrases: The noun phrases of the sentences that are kept; small talk is left out.
        seed: As it was given to `fit`.

    Raises:
        ValueError: No such sentence was drawn.

    >>> from functools import partial
    >>> from lessons.recurrence import draw_batch
    >>> studied(partial(draw_batch, size=2, phrases=[1]), steps=3, phrases=1).source.shape[0]
    6
    """
    generator = torch.Generator().manual_seed(seed)
    kept: list[list[list[int]]] = [[], [], [], []]
    for batch in (draw(generator) for _ in range(steps)):
        which = ~torch.isin(batch.source, TALK).any(dim=1)
        which &= torch.isin(batch.source, LINKS).sum(dim=1) == phrases - 1
        for column, rows in zip(kept, batch, strict=True):
            column += rows[which].tolist()
    if not kept[0]:
        raise ValueError(
            f"no sentence of {phrases} phrases was drawn: pass a number that `draw` has"
        )
    fillers = (PAD, PAD, PAD, -1)
    return Batch(*(padded(rows, filler) for rows, filler in zip(kept, fillers, strict=True)))


def unseen(batch: Batch, known: Batch) -> Bool[Tensor, " batch"]:
    """Say which sentences of a batch are not among others.

    >>> from lessons.recurrence import Pair, batch_of
    >>> cats, dogs = Pair(("cats",), ("chats",), (0,)), Pair(("dogs",), ("chiens",), (0,))
    >>> unseen(batch_of([cats, dogs]), batch_of([dogs]))
    tensor([ True, False])
    """
    seen = set(_sentences(known))
    return torch.tensor([sentence not in seen for sentence in _sentences(batch)])


def _sentences(batch: Batch) -> list[tuple[int, ...]]:
    return [tuple(word for word in row if word != PAD) for row in batch.source.tolist()]
