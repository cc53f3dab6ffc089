r"""Compare where a decoder looks with where it should: the alignment is known in our fragment."""

from collections import Counter, defaultdict

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.recurrence.padded_pairs import Batch
from lessons.recurrence.word_ids import END, PAD


def words_of(batch: Batch) -> Bool[Tensor, "batch queries"]:
    """Say where the translation has a word, and neither the end marker nor padding.

    >>> from lessons.recurrence import batch_of, Pair
    >>> words_of(batch_of([Pair(("cats",), ("chats",), (0,))]))
    tensor([[ True, False]])
    """
    return (batch.following != PAD) & (batch.following != END)


def moved_words(batch: Batch) -> Bool[Tensor, "batch queries"]:
    """Say which words do not stand at their source's place, so that the diagonal is wrong.

    >>> from lessons.recurrence import batch_of, Pair
    >>> moved_words(batch_of([Pair(("red", "cars"), ("voitures", "rouges"), (1, 0))]))
    tensor([[ True,  True, False]])
    """
    return words_of(batch) & (
        batch.alignment != torch.arange(batch.alignment.shape[1], device=batch.alignment.device)
    )


def strongest(weights: Float[Tensor, "batch queries keys"]) -> Int[Tensor, "batch queries"]:
    """Return the place that each word looks at most.

    >>> strongest(torch.tensor([[[0.1, 0.9], [0.8, 0.2]]]))
    tensor([[1, 0]])
    """
    return weights.argmax(dim=-1)


def diagonal(batch: Batch) -> Int[Tensor, "batch queries"]:
    """Return the guess of somebody who knows no language: word for word, in the same order.

    >>> from lessons.recurrence import batch_of, Pair
    >>> diagonal(batch_of([Pair(("cats",), ("chats",), (0,))]))
    tensor([[0, 1]])
    """
    ends = (batch.source != PAD).sum(dim=1, keepdim=True) - 1
    return torch.arange(batch.alignment.shape[1], device=batch.alignment.device).minimum(ends)


def table_of_places(examples: Batch, batch: Batch) -> Int[Tensor, "batch queries"]:
    """Return the guess of somebody who knows no word, but has counted where words come from.

    Each guess is the commonest source of the words at the same place, in those of the examples
    whose two lengths are the same. The first place is guessed where there is no such example.

    >>> from lessons.recurrence import batch_of, Pair
    >>> batch = batch_of([Pair(("red", "cars"), ("voitures", "rouges"), (1, 0))])
    >>> table_of_places(batch, batch)
    tensor([[1, 0, 2]])
    """
    counted: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for lengths, row in zip(_lengths(examples), examples.alignment.tolist(), strict=True):
        for place, source in enumerate(row):
            counted[*lengths, place][source] += 1
    guesses = {key: sources.most_common(1)[0][0] for key, sources in counted.items()}
    return torch.tensor(
        [
            [max(0, guesses.get((*lengths, place), 0)) for place in range(batch.alignment.shape[1])]
            for lengths in _lengths(batch)
        ]
    )


def _lengths(batch: Batch) -> list[list[int]]:
    sides = ((part != PAD).sum(dim=1) for part in (batch.source, batch.following))
    return torch.stack(list(sides), dim=1).tolist()


def aligned(
    places: Int[Tensor, "batch queries"],
    batch: Batch,
    counted: Bool[Tensor, "batch queries"],
) -> float:
    """Return the share of the counted words whose place is the one of their source.

    Args:
        places: A place in the source for each word, such as :func:`strongest`.
        batch: The sentences with their true alignment.
        counted: Which words count, such as :func:`words_of` or :func:`moved_words`.

    Raises:
        ValueError: No word counts.

    >>> from lessons.recurrence import batch_of, Pair
    >>> batch = batch_of([Pair(("cats",), ("chats",), (0,))])
    >>> aligned(diagonal(batch), batch, words_of(batch))
    1.0
    """
    if not counted.any():
        raise ValueError("no word counts: pass sentences with such words")
    return (places == batch.alignment)[counted].float().mean().item()
