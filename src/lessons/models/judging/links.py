r"""Links: where a head should look, as pairs (query position, key position), and whether it does.

The truth about a sentence comes as links: pronoun → antecedent, verb → subject, target word →
source word. Coreference, agreement, alignment and induction differ in their links only.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Links = Sequence[tuple[int, int]]


def link_hits(
    weights: Float[Tensor, "layers heads queries keys"], links: Links
) -> Bool[Tensor, "layers heads links"]:
    """Return, for each head and link, whether its largest weight from the query is on the key.

    Raises:
        ValueError: A link leads outside the table of weights.

    >>> weights = torch.tensor([[[[1.0, 0.0], [0.3, 0.7]]]])
    >>> link_hits(weights, [(1, 1), (1, 0)])
    tensor([[[ True, False]]])
    """
    queries, keys = _ends(weights, links)
    return weights[..., queries, :].argmax(dim=-1) == keys


def link_mass(
    weights: Float[Tensor, "layers heads queries keys"], links: Links
) -> Float[Tensor, "layers heads links"]:
    """Return, for each head and link, the weight that the query gives to the key.

    Raises:
        ValueError: A link leads outside the table of weights.

    >>> weights = torch.tensor([[[[1.0, 0.0], [0.25, 0.75]]]])
    >>> link_mass(weights, [(1, 1), (1, 0)])
    tensor([[[0.7500, 0.2500]]])
    """
    queries, keys = _ends(weights, links)
    return weights[..., queries, keys]


def shifted(links: Links, *, queries: int = 0, keys: int = 0) -> list[tuple[int, int]]:
    """Move the links' ends: past a [CLS], or to the position that predicts a token.

    A decoder predicts the word at position t while it reads position t − 1. So whoever asks
    where it looks *before* it writes a verb passes `queries=-1`.

    Raises:
        ValueError: A position would be negative.

    >>> shifted([(5, 2)], queries=1, keys=1)
    [(6, 3)]
    """
    moved = [(query + queries, key + keys) for query, key in links]
    for query, key in moved:
        if query < 0 or key < 0:
            raise ValueError(f"the shift moves a link to ({query}, {key}): nothing is there")
    return moved


def _ends(weights: Tensor, links: Links) -> tuple[Tensor, Tensor]:
    ends = torch.tensor(links, dtype=torch.long, device=weights.device)
    queries, keys = ends.reshape(-1, 2).unbind(dim=-1)
    rows, columns = weights.shape[-2:]
    for query, key in links:
        if not (0 <= query < rows and 0 <= key < columns):
            raise ValueError(
                f"the link ({query}, {key}) leads outside {rows} queries and {columns} keys: count "
                "positions as the tokenizer does, special tokens included"
            )
    return queries, keys
