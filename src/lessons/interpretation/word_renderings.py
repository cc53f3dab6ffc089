"""Does a translator look at the word that it renders? Its heads beside a dictionary."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from lessons.families import Example, look_up, renderings
from lessons.interpretation.head_scores import score_heads
from lessons.models.grammar import Translation

RULE = "a dictionary"


class Rendered(NamedTuple):
    """How often each head looks at the rendered word, and how often a dictionary is right.

    The fields are those of :class:`lessons.plots.every_head.HeadRecord`.
    """

    what: str
    rates: Float[Tensor, "layers heads"]
    trials: int
    rule: str
    ruled: float


def rendered_words(
    maps: Iterable[Float[Tensor, "layers heads _queries _keys"]],
    drawn: Sequence[Translation],
    train: Iterable[Translation],
) -> list[Rendered]:
    """Count it for content words and for function words.

    Args:
        maps: For each translation, the cross-attention of all heads while it is written.
        drawn: The translations.
        train: Those in which the dictionary is counted.

    Raises:
        ValueError: There are no words of one of the two kinds.

    >>> import torch
    >>> from lessons.models.grammar import Sentence
    >>> cat = Translation(Sentence(("the", "cat"), "plain"), ("le", "chat"), ((0, 0), (1, 1)))
    >>> [(one.what, float(one.rates), one.ruled)
    ...  for one in rendered_words([torch.eye(2)[None, None]], [cat], [cat])]
    [('a content word to its source', 1.0, 1.0), ('a function word to its source', 1.0, 1.0)]
    """
    counted = renderings(Example(one.source.tokens, one.target, one.alignment) for one in train)
    found = [look_up(counted, one.source.tokens, one.target) for one in drawn]
    kinds = {
        "content": [list(one.content) for one in drawn],
        "function": [sorted(set(one.alignment) - set(one.content)) for one in drawn],
    }
    kept, records = list(maps), []
    for kind, links in kinds.items():
        scores = score_heads(kept, links)
        right = sum(at[q] == k for at, pairs in zip(found, links, strict=True) for q, k in pairs)
        what = f"a {kind} word to its source"
        records.append(Rendered(what, scores.rates, scores.trials, RULE, right / scores.trials))
    return records
