r"""Luck: how good the best of many heads looks where nothing is to be known.

Link each query to a key by lot, choose the best of all heads on a few texts, and score it on the
others. One such draw is an anecdote; a few hundred are a distribution.
"""

import random
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor


def looked_at(
    tables: Sequence[Float[Tensor, "layers heads _queries _keys"]], queries: Sequence[int]
) -> Int[Tensor, "texts all_heads"]:
    """Return the key with the largest weight, for one query of each text and every head.

    >>> table = torch.tensor([[[[1.0, 0.0], [0.3, 0.7]]]])
    >>> looked_at([table, table], [0, 1])
    tensor([[0],
            [1]])
    """
    rows = zip(tables, queries, strict=True)
    return torch.stack([table[:, :, query].flatten(0, 1).argmax(dim=-1) for table, query in rows])


def lucky_bests(
    looked: Int[Tensor, "texts all_heads"],
    keys: Sequence[int],
    *,
    few: int,
    draws: int,
    seed: int = 0,
) -> Float[Tensor, "draws 2"]:
    """Return, draw by draw, the best head's rate on a few texts, and the same head's on the rest.

    Args:
        looked: Where each head looks in each text, from :func:`looked_at`.
        keys: How many words come into question in each text, behind its first token.
        few: On how many texts the head is chosen.
        draws: How often links and the few texts are drawn by lot.
        seed: Decides them.

    >>> best = lucky_bests(torch.ones(40, 3).long(), [9] * 40, few=2, draws=5)
    >>> best.shape, bool((best[:, 1] < 0.4).all())
    (torch.Size([5, 2]), True)
    """
    lot, found = random.Random(seed), []
    for _ in range(draws):
        links = torch.tensor([lot.randint(1, count) for count in keys])
        hits = (looked == links[:, None]).float()[lot.sample(range(len(keys)), len(keys))]
        best = hits[:few].sum(dim=0).argmax()
        found.append([hits[:few, best].mean(), hits[few:, best].mean()])
    return torch.tensor(found)
