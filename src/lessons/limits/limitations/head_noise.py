r"""Head noise: among many heads, some look meaningful by chance.

An untrained encoder knows nothing. Still, the best of its heads on a few sentences looks better
than guessing; on fresh sentences it does not. So a head is chosen on one set and scored on
another.
"""

import dataclasses
from collections.abc import Sequence

import torch

from lessons.models import Loaded
from lessons.models.grammar import Sentence
from lessons.models.judging.measure import antecedent_hits, best_head


def untrained(loaded: Loaded, *, seed: int = 0) -> Loaded:
    """Return a model of the same architecture with new random weights.

    Args:
        loaded: A loaded model.
        seed: Decides the weights; torch's own generator is left as it was.

    >>> from lessons.models import load
    >>> untrained(load("encoder")).provenance.endswith("untrained")
    True
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = type(loaded.model)(loaded.model.config).eval()
    return dataclasses.replace(loaded, model=fresh, provenance=f"{loaded.provenance}, untrained")


def chosen_and_fresh(
    encoder: Loaded, few: Sequence[Sentence], fresh: Sequence[Sentence]
) -> tuple[float, float]:
    """Choose the best head for pronouns on a few sentences; score it there and on fresh ones.

    Args:
        encoder: An encoder of the book's vocabulary.
        few: The sentences that choose.
        fresh: Others.

    >>> from lessons.models import load
    >>> from lessons.models.grammar.draws import draw_sentences
    >>> drawn = draw_sentences("winograd", "test", 8, 0)
    >>> chosen_and_fresh(load("encoder"), drawn[:4], drawn[4:])
    (1.0, 1.0)
    """
    hits = antecedent_hits(encoder, few)
    head = best_head(hits)
    scored = antecedent_hits(encoder, fresh)
    return hits[:, *head].mean().item(), scored[:, *head].mean().item()
