r"""Entities written as text, and text read back as entities, with what cannot be read counted."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lessons.adaptation.named_entities.entity_sentences import LABELS, Entity, Marked

MARKS = tuple(f"<{label}>" for label in LABELS)


class ReadBack(NamedTuple):
    """The entities that a text names, and what was wrong with it."""

    entities: tuple[Entity, ...]
    stray: int  # words before the first mark
    empty: int  # marks that no word follows
    invented: int  # words that do not stand so in the sentence

    @property
    def malformed(self) -> bool:
        """Whether anything was wrong.

        >>> ReadBack((), 0, 0, 0).malformed
        False
        """
        return bool(self.stray or self.empty or self.invented)


def write_entities(marked: Marked) -> tuple[str, ...]:
    """Return the entities as a text: a mark with the label, then the words, one after the other.

    >>> from lessons.adaptation import entities_of
    >>> words = ("tom", "sees", "the", "red", "car")
    >>> write_entities(Marked(words, entities_of(words)))
    ('<person>', 'tom', '<thing>', 'red', 'car')
    """
    return tuple(
        word
        for one in marked.entities
        for word in (f"<{one.label}>", *marked.words[one.start : one.end])
    )


def read_entities(written: Iterable[str], sentence_words: Sequence[str]) -> ReadBack:
    """Find the entities that a text names in its sentence, and count what cannot be found.

    A name that stands in the sentence twice is found at the first place that is still free.

    Args:
        written: What a model wrote, without the token that ends it.
        sentence_words: The words of the sentence.

    >>> read_entities("<thing> red car <animal> moon <place>".split(), "the red car".split())
    ReadBack(entities=(Entity(start=1, end=3, label='thing'),), stray=0, empty=1, invented=1)
    """
    groups: list[tuple[str, list[str]]] = []
    stray = 0
    for word in written:
        if word in MARKS:
            groups.append((word[1:-1], []))
        elif groups:
            groups[-1][1].append(word)
        else:
            stray += 1
    found: list[Entity] = []
    empty = invented = 0
    for label, named in groups:
        place = _free_place(named, sentence_words, found)
        if not named:
            empty += 1
        elif place is None:
            invented += 1
        else:
            found.append(Entity(place, place + len(named), label))
    return ReadBack(tuple(sorted(found)), stray, empty, invented)


def _free_place(named: list[str], words: Sequence[str], taken: list[Entity]) -> int | None:
    """Return the first place where the words stand and nothing was found yet."""
    for start in range(len(words) - len(named) + 1):
        end = start + len(named)
        if list(words[start:end]) == named and all(end <= t.start or t.end <= start for t in taken):
            return start
    return None
