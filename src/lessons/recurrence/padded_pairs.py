"""Batches of sentences with their translations, padded to one length."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lessons.recurrence.phrase_pairs import Pair, chain, small_talk
from lessons.recurrence.word_ids import PAD, START, Vocabulary, fragment

ENGLISH, FRENCH = fragment()


class Batch(NamedTuple):
    """What a translator learns from, each tensor with an axis for the batch in front.

    Args:
        source: The ids of each sentence and its end marker, then padding.
        previous: What the decoder is given: the start marker, then the words before each word.
        following: What it should say: the words, then the end marker.
        alignment: The place in `source` of each of these; −1 where there is padding.
    """

    source: Tensor
    previous: Tensor
    following: Tensor
    alignment: Tensor


def padded(rows: Sequence[Sequence[int]], filler: int = PAD) -> Tensor:
    """Stack rows of several lengths.

    >>> padded([[5, 6, 2], [2]])
    tensor([[5, 6, 2],
            [2, 0, 0]])
    """
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def batch_of(
    pairs: Sequence[Pair], english: Vocabulary = ENGLISH, french: Vocabulary = FRENCH
) -> Batch:
    """Turn pairs into a batch; the end marker is aligned to the end marker.

    Raises:
        ValueError: There is no pair.

    >>> batch = batch_of([Pair(("red", "cars"), ("voitures", "rouges"), (1, 0))])
    >>> batch.previous.shape, batch.alignment
    (torch.Size([1, 3]), tensor([[1, 0, 2]]))
    """
    if not pairs:
        raise ValueError("there is no sentence: pass at least one pair")
    following = [french.encode(pair.target) for pair in pairs]
    return Batch(
        source=padded([english.encode(pair.source) for pair in pairs]),
        previous=padded([[START, *row[:-1]] for row in following]),
        following=padded(following),
        alignment=padded([[*pair.alignment, len(pair.source)] for pair in pairs], filler=-1),
    )


def chosen(batch: Batch, which: Tensor | slice) -> Batch:
    """Return some of the sentences of a batch.

    Args:
        batch: The sentences.
        which: True for each that is kept, or a slice.

    >>> cats = Pair(("cats",), ("chats",), (0,))
    >>> chosen(batch_of([cats, cats]), slice(1)).source.shape[0]
    1
    """
    return Batch(*(part[which] for part in batch))


def draw_batch(
    generator: torch.Generator, *, size: int, phrases: Sequence[int], talk: float = 0.0
) -> Batch:
    """Draw sentences of the fragment.

    Args:
        generator: Decides the sentences.
        size: The number of sentences.
        phrases: The numbers of noun phrases that a sentence may have, each as likely.
        talk: The share of small talk.

    Raises:
        ValueError: There is no sentence to draw.

    >>> batch = draw_batch(torch.Generator().manual_seed(0), size=4, phrases=[1, 2])
    >>> batch.source.shape[0], batch.previous.shape == batch.following.shape
    (4, True)
    """
    rng = random.Random(int(torch.randint(2**31, (), generator=generator)))
    drawn = [
        small_talk(rng) if rng.random() < talk else chain(rng, rng.choice(phrases))
        for _ in range(size)
    ]
    return batch_of(drawn)
