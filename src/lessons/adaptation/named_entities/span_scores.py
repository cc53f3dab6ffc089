r"""Span F1: an entity counts if its first word, its last word and its label are right.

Reference: :cite:t:`tjong2003`, section 2.4.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lessons.adaptation.named_entities.entity_sentences import Entity, Marked, held_out_words


class SpanScores(NamedTuple):
    """Of what was found, how much is right; of what is there, how much was found; their mean."""

    precision: float
    recall: float
    f1: float


def span_scores(found: Sequence[Iterable[Entity]], true: Sequence[Iterable[Entity]]) -> SpanScores:
    r"""Return precision, recall and F1 over all entities of all sentences.

    .. math:: P = \frac{\text{right}}{\text{found}}, \quad R = \frac{\text{right}}{\text{true}},
        \quad F_1 = \frac{2 P R}{P + R} = \frac{2 \cdot \text{right}}{\text{found} + \text{true}}

    Args:
        found: For each sentence, what a model found.
        true: What is there.

    Raises:
        ValueError: There is nothing to find, or the lists are not equally long.

    Source: :cite:t:`tjong2003`, section 2.4.

    >>> tom, car = Entity(0, 1, "person"), Entity(3, 5, "thing")
    >>> span_scores([[tom, car._replace(start=4)]], [[tom, car]])
    SpanScores(precision=0.5, recall=0.5, f1=0.5)
    """
    if len(found) != len(true):
        raise ValueError(f"{len(found)} sentences against {len(true)}: pass as many of both")
    pairs = [(set(some), set(all_)) for some, all_ in zip(found, true, strict=True)]
    right, named, there = (
        (
            sum(map(len, part))
            for part in zip(*((some & all_, some, all_) for some, all_ in pairs), strict=True)
        )
        if pairs
        else (0, 0, 0)
    )
    if not there:
        raise ValueError("no sentence has an entity: pass some that have")
    return SpanScores(right / named if named else 0.0, right / there, 2 * right / (named + there))


def recall_by_kind(
    outputs: Mapping[tuple[str, str, int], Sequence], sentences: Sequence[Marked], *, test: str
) -> dict[str, list[float]]:
    """Return how many entities of a test set were found: names, and all other nouns.

    Of the test set `unseen`, entities with a held-out word are counted, of others those without.

    Args:
        outputs: What was found, by model, test set and seed.
        sentences: Those of this test set.
        test: The test set that is looked at.

    >>> tom, mouse = Entity(0, 1, "person"), Entity(3, 4, "animal")
    >>> marked = Marked(("marc", "sees", "the", "mouse"), (tom, mouse))
    >>> recall_by_kind({("T5", "unseen", 0): [[tom]]}, [marked], test="unseen")
    {'T5, name': [1.0], 'T5, noun': [0.0]}
    """
    held_out = held_out_words()
    recalls: dict[str, list[float]] = {}
    for (model, looked_at, _), read in outputs.items():
        if looked_at != test:
            continue
        hits: dict[str, list[bool]] = {"name": [], "noun": []}
        for one, marked in zip(read, sentences, strict=True):
            found = set(getattr(one, "entities", one))
            for entity in marked.entities:
                if (marked.words[entity.end - 1] in held_out) == (test == "unseen"):
                    kind = "name" if entity.label == "person" else "noun"
                    hits[kind].append(entity in found)
        for kind, all_ in hits.items():
            recalls.setdefault(f"{model}, {kind}", []).append(sum(all_) / len(all_))
    return recalls
