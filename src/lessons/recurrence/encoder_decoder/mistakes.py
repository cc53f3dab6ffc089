"""What comes after a writer's first mistake."""

from jaxtyping import Bool
from torch import Tensor

from lessons.recurrence.alignment import words_of
from lessons.recurrence.padded_pairs import Batch


def after_mistake(
    right: Bool[Tensor, "batch queries"], batch: Batch, *, within: int | None = None
) -> Bool[Tensor, "batch queries"]:
    """Say which words stand behind the first mistake of their sentence.

    Up to there a greedy writer has read right words only. So the mistake stands at the same place
    whether it writes on its own words or is given the right ones, and what comes after it can be
    compared: the sentences are the same, and the states up to there.

    Args:
        right: Which places are right, as `forced_right` or `free_right` says.
        batch: The sentences.
        within: Only so many places behind the mistake; all of them if None.

    >>> import torch
    >>> from lessons.recurrence import Pair, batch_of
    >>> batch = batch_of([Pair(("the", "red", "cats"), ("les", "chats", "rouges"), (0, 2, 1))])
    >>> after_mistake(torch.tensor([[True, False, True, True]]), batch)
    tensor([[False, False,  True, False]])
    """
    words = words_of(batch)
    failed = (words & ~right).cummax(dim=1).values
    behind = failed.cumsum(dim=1) - 1  # 0 at the first mistake, below 0 before it
    near = behind > 0 if within is None else (behind > 0) & (behind <= within)
    return near & words
