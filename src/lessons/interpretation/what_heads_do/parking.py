r"""Parking: weight that goes where little is to be read, because a row must sum to one.

BERT's family sets [CLS] before and [SEP] behind each text. Many heads look mostly there; taking
them away tells whether they were doing anything.

Reference: :cite:t:`clark2019`, section 3.2.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.models.loading.loader import Loaded


@torch.no_grad()
def marker_mass(loaded: Loaded, texts: Sequence[str]) -> Float[Tensor, "_layers _heads"]:
    """Return the weight that each head's words give to the markers around the text, on average.

    Args:
        loaded: An encoder whose tokenizer sets one marker before and one behind each text.
        texts: What it reads; each counts the same.

    Raises:
        ValueError: There is no text.

    >>> from lessons.models import load
    >>> mass = marker_mass(load("encoder", source="book"), ["tom sleeps", "mary thanks ben"])
    >>> mass.shape, bool((0 < mass).all() and (mass < 1).all())
    (torch.Size([3, 4]), True)
    """
    if not texts:
        raise ValueError("there is no text: pass at least one")
    means = []
    for text in texts:
        batch = loaded.tokenizer(text, return_tensors="pt")
        maps = torch.cat(loaded.model(**batch, output_attentions=True).attentions)
        words = maps[:, :, 1:-1]
        means.append((words[..., 0] + words[..., -1]).mean(dim=-1))
    return torch.stack(means).mean(dim=0)


def ends_by_layer(
    mass: Float[Tensor, "layers heads"], count: int
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return `count` heads of each layer with the most mass, and as many with the least.

    >>> ends_by_layer(torch.tensor([[0.1, 0.9, 0.5]]), 1)
    ([(0, 1)], [(0, 0)])
    """
    order = mass.argsort(dim=1, descending=True).tolist()
    most = [(layer, head) for layer, heads in enumerate(order) for head in heads[:count]]
    least = [(layer, head) for layer, heads in enumerate(order) for head in heads[-count:]]
    return most, least
