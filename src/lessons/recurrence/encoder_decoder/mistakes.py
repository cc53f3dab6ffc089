"""What comes after a writer's first mistake."""

from collections.abc import Sequence

from jaxtyping import Bool, Int
from torch import Tensor

from lessons.recurrence.aligned_words import words_of
from lessons.recurrence.padded_pairs import Batch


def after_mistake(
    right: Bool[Tensor, "batch queries"], batch: Batch
) -> Bool[Tensor, "batch queries"]:
    """Say which words stand behind the first mistake of their sentence.

    Up to there a greedy writer has read right words only. So the mistake stands at the same place
    whether it writes on its own words or is given the right ones, and what comes after it can be
    compared: the sentences are the same, and the states up to there.

    Args:
        right: Which places are right, as `forced_right` or `free_right` says.
        batch: The sentences.

    >>> import torch
    >>> from lessons.recurrence import Pair, batch_of
    >>> batch = batch_of([Pair(("the", "red", "cats"), ("les", "chats", "rouges"), (0, 2, 1))])
    >>> after_mistake(torch.tensor([[True, False, True, True]]), batch)
    tensor([[False, False,  True, False]])
    """
    words = words_of(batch)
    failed = (words & ~right).cummax(dim=1).values
    return words & (failed.cumsum(dim=1) > 1)


def in_order(
    said: Int[Tensor, "batch written"], batch: Batch, counted: Bool[Tensor, "batch queries"]
) -> float:
    """Return the share of the counted words that were said in the right order, wherever they stand.

    A word that was left out or put in moves all words after it; here these still count as right.

    Args:
        said: What was written for each sentence.
        batch: The sentences.
        counted: Which words count, as :func:`after_mistake` says: the last ones of a sentence. The
            word said just before them is compared, too, for it may be the first of them, early.

    Raises:
        ValueError: No word counts.

    >>> import torch
    >>> from lessons.recurrence import Pair, batch_of
    >>> batch = batch_of([Pair(("the", "red", "cats"), ("les", "chats", "rouges"), (0, 2, 1))])
    >>> left_out = batch.following[:, [0, 2, 3, 3]]
    >>> in_order(left_out, batch, after_mistake(left_out == batch.following, batch))
    1.0
    """
    if not counted.any():
        raise ValueError("no word counts: pass sentences with such words")
    found = 0
    for row, words, which in zip(said, batch.following, counted, strict=True):
        if which.any():
            start = max(0, int(which.nonzero()[0]) - 1)
            found += _longest_common(row[start:].tolist(), words[which].tolist())
    return found / int(counted.sum())


def _longest_common(first: Sequence[int], second: Sequence[int]) -> int:
    """Return the length of the longest common subsequence."""
    lengths = [0] * (len(second) + 1)
    for one in first:
        before = 0
        for place, other in enumerate(second, 1):
            longer = before + 1 if one == other else max(lengths[place], lengths[place - 1])
            before, lengths[place] = lengths[place], longer
    return lengths[-1]
