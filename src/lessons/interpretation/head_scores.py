r"""Scores: how often each head looks where the truth says, for any kind of truth.

Coreference, agreement, alignment, induction and the previous token differ in their links only;
see :mod:`lessons.models.judging.links`, and :mod:`lessons.interpretation.rules` for those that
need no grammar. Choose a head on one set of texts and report its score
on another: the best of many heads looks good by chance on the texts that chose it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.foundations.intervals import Proportion
from lessons.models.judging.links import Links, link_hits, link_mass


@dataclass(frozen=True)
class HeadScores:
    """For each head of a model, how often it was right, and the weight it gave on average."""

    hits: Int[Tensor, "layers heads"]
    mass: Float[Tensor, "layers heads"]
    trials: int

    @property
    def rates(self) -> Float[Tensor, "layers heads"]:
        """The share of links on which each head was right."""
        return self.hits / self.trials

    def best(self) -> tuple[int, int]:
        """Return the (layer, head) that was right most often; of equals, the heavier one."""
        ranking = self.hits + self.mass.clamp(0, 1) / 2
        layer, head = divmod(int(ranking.argmax()), ranking.shape[1])
        return layer, head

    def of(self, layer: int, head: int) -> Proportion:
        """Return one head's hits and trials, which know their confidence interval."""
        return Proportion(int(self.hits[layer, head]), self.trials)


def score_heads(
    weights: Iterable[Float[Tensor, "layers heads _queries _keys"]], links: Sequence[Links]
) -> HeadScores:
    """Score all heads of a model over several texts.

    Args:
        weights: For each text, the attention weights of all layers.
        links: For each text, where a head should look; a text may have none.

    Raises:
        ValueError: No text has a link, or a link leads outside its text.

    >>> weights = torch.tensor([[[[1.0, 0.0], [0.3, 0.7]]]])
    >>> score_heads([weights, weights], [[(1, 1)], [(1, 0)]]).of(0, 0)
    Proportion(hits=1, trials=2)
    """
    hits, mass, trials = [], [], 0
    for table, pairs in zip(weights, links, strict=True):
        if pairs:
            hits.append(link_hits(table, pairs).sum(dim=-1))
            mass.append(link_mass(table, pairs).sum(dim=-1))
            trials += len(pairs)
    if not trials:
        raise ValueError("there is no link to score: pass texts that have some")
    return HeadScores(torch.stack(hits).sum(0), torch.stack(mass).sum(0) / trials, trials)
