r"""What no diagnostic of the model can find, for the model is not at fault: the data.

Wrong letters raise the loss that can be reached; repetitions let a model learn by heart what
it should learn to do; a test that shares texts with the training measures memory.
"""

import torch
from jaxtyping import Int
from torch import Tensor

from lessons.limits.saying_again import HALF, LETTERS, Batch, draw_texts


def draw_mistyped_texts(
    generator: torch.Generator, *, texts: int = 32, wrong: float = 0.25
) -> Batch:
    """Draw texts in which some letters of the second half are exchanged for others.

    Args:
        generator: Where chance comes from.
        texts: How many.
        wrong: The share of letters that are wrong.

    Raises:
        ValueError: The share is not between 0 and 1.

    >>> ids, padding = draw_mistyped_texts(torch.Generator().manual_seed(0), texts=1, wrong=1.0)
    >>> bool((ids[0, :6] == ids[0, 6:]).any())
    False
    """
    if not 0 <= wrong <= 1:
        raise ValueError(f"wrong is {wrong}: pass a share between 0 and 1")
    ids, padding = draw_texts(generator, texts=texts)
    second = torch.arange(ids.shape[1]) - padding[:, None] >= HALF
    chosen = torch.rand(ids.shape, generator=generator) < wrong
    # A shift by 1 to LETTERS - 1 never leads back to the same letter.
    shift = torch.randint(1, LETTERS, ids.shape, generator=generator)
    other = (ids - 1 + shift) % LETTERS + 1
    return other.where(second & chosen, ids), padding


def repeated_share(ids: Int[Tensor, "texts tokens"]) -> float:
    """Return the share of texts that are there more than once, the first of each not counted.

    >>> repeated_share(torch.tensor([[1, 2], [3, 4], [1, 2], [1, 2]]))
    0.5
    """
    return 1 - len(_texts(ids)) / len(ids)


def overlap_share(
    test: Int[Tensor, "texts tokens"], training: Int[Tensor, "others tokens"]
) -> float:
    """Return the share of test texts that the training holds too.

    >>> overlap_share(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[3, 4]]))
    0.5
    """
    known = _texts(training)
    return sum(tuple(row) in known for row in test.tolist()) / len(test)


def _texts(ids: Tensor) -> set[tuple[int, ...]]:
    return set(map(tuple, ids.tolist()))
