r"""Sentences whose entities are known, and words that are held out from training."""

import functools
import random
from collections.abc import Sequence
from typing import NamedTuple

from lessons.models.grammar import finish, lexicon, sentence, words

LABELS = ("person", "animal", "place", "thing")
BEFORE_NOUNS = frozenset((*lexicon.COLORS, *lexicon.BEFORE))


class Entity(NamedTuple):
    """A span of words, from `start` up to but not with `end`, and what it names."""

    start: int
    end: int
    label: str


class Marked(NamedTuple):
    """A sentence as words, with its entities in their order."""

    words: tuple[str, ...]
    entities: tuple[Entity, ...]


def ids_of_words(some: Sequence[str], ids: dict[str, int]) -> list[int]:
    """Return the id of each word.

    Args:
        some: The words.
        ids: The id of each word that a model knows.

    Raises:
        ValueError: The model has no such word.

    >>> ids_of_words(["a", "car"], {"a": 5, "car": 7})
    [5, 7]
    """
    if unknown := [word for word in some if word not in ids]:
        raise ValueError(f"this model has no word {unknown[0]!r}: pass sentences of its own words")
    return [ids[word] for word in some]


@functools.cache
def _label_of() -> dict[str, str]:
    groups = (("animal", lexicon.ANIMALS), ("place", lexicon.WAYS), ("thing", lexicon.THINGS))
    nouns = {noun.singular: label for label, group in groups for noun in group}
    return nouns | dict.fromkeys(lexicon.NAMES, "person")


def entities_of(sentence_words: tuple[str, ...]) -> tuple[Entity, ...]:
    """Return the entities of a sentence: names and nouns, with the adjectives right before these.

    >>> entities_of(("tom", "sees", "the", "red", "car"))
    (Entity(start=0, end=1, label='person'), Entity(start=3, end=5, label='thing'))
    """
    found = []
    for place, word in enumerate(sentence_words):
        if label := _label_of().get(word):
            start = place
            while start and sentence_words[start - 1] in BEFORE_NOUNS:
                start -= 1
            found.append(Entity(start, place + 1, label))
    return tuple(found)


@functools.cache
def held_out_words() -> frozenset[str]:
    """Return the fourteen names and nouns that no training sentence has.

    >>> len(held_out_words()), "mouse" in held_out_words()
    (14, True)
    """
    rng = random.Random("named entities")
    drawn = [*rng.sample(lexicon.MEN, 2), *rng.sample(lexicon.WOMEN, 2)]
    for group, count in ((lexicon.ANIMALS, 2), (lexicon.WAYS, 3), (lexicon.THINGS, 5)):
        drawn += [noun.singular for noun in rng.sample(group, count)]
    return frozenset(drawn)


def entity_sentences(
    count: int, *, unseen: bool = False, split: str = "train", seed: int = 0
) -> list[Marked]:
    """Draw sentences with at least one entity that all of the book's models can read.

    Args:
        count: How many.
        unseen: Whether each has a held-out word; otherwise none has.
        split: `train` or `test` of the grammar: in the latter words meet that do not in training.
        seed: Decides the sentences.

    Raises:
        ValueError: The count is below one.

    >>> drawn = entity_sentences(1, seed=3)[0]
    >>> all(word not in held_out_words() for word in drawn.words)
    True
    """
    if count < 1:
        raise ValueError(f"{count} sentences: pass at least 1")
    rng = random.Random(f"entities/{split}/{unseen}/{seed}")
    both = set(words.english_words()) & set(words.translator_words())
    found: list[Marked] = []
    while len(found) < count:
        kind = rng.choice(("winograd", "people", "plain"))
        drawn = finish(sentence(kind, split, rng)).tokens
        if both.issuperset(drawn) and bool(held_out_words() & set(drawn)) == unseen:
            found += [Marked(drawn, entities_of(drawn))] if entities_of(drawn) else []
    return found
