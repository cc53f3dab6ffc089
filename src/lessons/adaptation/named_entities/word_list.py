r"""A reader of entities that trains nothing: a list of the words met, and a rule for the others."""

from collections.abc import Sequence
from typing import NamedTuple

from lessons.adaptation.named_entities.entity_sentences import Entity, Marked

ARTICLES = frozenset({"the", "a", "an"})


class WordList(NamedTuple):
    """What the last word of an entity says of its label, and which words stand before it."""

    labels: dict[str, str]
    before: frozenset[str]
    met: frozenset[str]

    def read(self, sentences: Sequence[Marked]) -> list[tuple[Entity, ...]]:
        """Return the entities of sentences: listed words, and those that were never met.

        A word that was never met is a thing behind an article or a word that stands before
        entities, and a person elsewhere.
        """
        return [self._entities(one.words) for one in sentences]

    def _entities(self, words: Sequence[str]) -> tuple[Entity, ...]:
        found = []
        for place, word in enumerate(words):
            label = self.labels.get(word)
            if word not in self.met:
                behind = place and words[place - 1] in self.before | ARTICLES
                label = "thing" if behind else "person"
            if label:
                start = place
                while start and words[start - 1] in self.before:
                    start -= 1
                found.append(Entity(start, place + 1, label))
        return tuple(found)


def word_list(sentences: Sequence[Marked]) -> WordList:
    """Make the list of some marked sentences.

    Args:
        sentences: With their entities.

    >>> from lessons.adaptation import entities_of
    >>> words = ("tom", "sees", "the", "red", "car")
    >>> listed = word_list([Marked(words, entities_of(words))])
    >>> listed.read([Marked(("the", "red", "mouse", "sees", "tom"), ())])
    [(Entity(start=1, end=3, label='thing'), Entity(start=4, end=5, label='person'))]
    """
    labels: dict[str, str] = {}
    before: set[str] = set()
    for one in sentences:
        for entity in one.entities:
            labels[one.words[entity.end - 1]] = entity.label
            before.update(one.words[entity.start : entity.end - 1])
    met = frozenset(word for one in sentences for word in one.words)
    return WordList(labels, frozenset(before), met)
