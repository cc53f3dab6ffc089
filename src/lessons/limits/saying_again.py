r"""A task whose best loss is known: letters at random, then the same letters again.

The first half of a text cannot be predicted, the second can, exactly. So there is a floor, a
loss that no honest model goes below, and each model shows how near it comes. Texts are cut at
random lengths and padded on the *left*, as batches are for generation.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

PADDING = 0  # the letters are 1 to LETTERS
LETTERS = 16
HALF = 6
SHORTEST = 8  # tokens; a whole text has 2 * HALF

Batch = tuple[Tensor, Tensor]  # ids, and how many of each text are padding


def draw_texts(
    generator: torch.Generator, *, texts: int = 32
) -> tuple[Int[Tensor, "{texts} tokens"], Int[Tensor, " {texts}"]]:
    """Draw texts, cut each at a random length, and pad them on the left to one width.

    Args:
        generator: Where chance comes from.
        texts: How many.

    Returns:
        The ids, and how many of them are padding in each row.

    >>> ids, padding = draw_texts(torch.Generator().manual_seed(3), texts=2)
    >>> ids
    tensor([[11,  9, 10,  4,  9,  9, 11,  9, 10,  4,  9,  9],
            [ 0,  0,  0,  0,  1,  6, 14,  4, 11, 12,  1,  6]])
    >>> padding
    tensor([0, 4])
    """
    half = torch.randint(1, LETTERS + 1, (texts, HALF), generator=generator)
    whole = torch.cat([half, half], dim=1)
    padding = torch.randint(0, 2 * HALF - SHORTEST + 1, (texts,), generator=generator)
    places = torch.arange(2 * HALF) - padding[:, None]
    return whole.gather(1, places.clamp(min=0)).where(places >= 0, PADDING), padding


def loss_floor() -> float:
    r"""Return the lowest mean loss that an honest model can reach, in nats a prediction.

    A text of :math:`n` tokens has :math:`n - 1` predictions, and :math:`\text{HALF} - 1` of them
    are of a random letter, each of which costs :math:`\ln 16` at least.

    >>> round(loss_floor(), 3)
    1.54
    """
    lengths = range(SHORTEST, 2 * HALF + 1)
    random = (HALF - 1) * len(lengths)
    return math.log(LETTERS) * random / sum(length - 1 for length in lengths)


def share_right(
    logits: Float[Tensor, "texts tokens vocab"],
    ids: Int[Tensor, "texts tokens"],
    padding: Int[Tensor, " texts"],
) -> float:
    """Return how often the likeliest next token is right where it can be known.

    >>> ids, padding = draw_texts(torch.Generator().manual_seed(3), texts=2)
    >>> knowing = torch.nn.functional.one_hot(ids.roll(-1, dims=1), LETTERS + 1).float()
    >>> share_right(knowing, ids, padding)
    1.0
    """
    places = torch.arange(ids.shape[1], device=ids.device) - padding[:, None]
    known = (places >= HALF)[:, 1:]
    right = logits[:, :-1].argmax(dim=-1) == ids[:, 1:]
    return right[known].double().mean().item()


def drawing_from(texts: Batch, *, size: int = 32) -> Callable[[torch.Generator], Batch]:
    """Return what draws batches from a fixed set of texts, with replacement.

    Args:
        texts: Ids and padding, as :func:`~lessons.limits.saying_again.draw_texts` returns them.
        size: The texts in a batch.

    >>> one = draw_texts(torch.Generator().manual_seed(0), texts=1)
    >>> ids, padding = drawing_from(one, size=3)(torch.Generator())
    >>> bool((ids == one[0]).all())
    True
    """
    ids, padding = texts

    def draw(generator: torch.Generator) -> Batch:
        chosen = torch.randint(len(ids), (size,), generator=generator)
        return ids[chosen], padding[chosen]

    return draw
