"""A sentence with its truth: what each pronoun means, whose verb each verb is, what repeats."""

from dataclasses import dataclass, field
from typing import final

from lessons.models.grammar.lexicon import FUNCTION_WORDS

Links = tuple[tuple[int, int], ...]


@final
@dataclass(frozen=True)
class Sentence:
    """An English sentence and the truth about it; every link is a pair of token positions.

    `antecedents` links a pronoun to the noun or name that it stands for, `subjects` a verb to its
    subject, `repeats` a token to its earlier occurrence. `pair` holds the two words by which the
    splits are made, and is empty where a sentence has no such pair.

    >>> Sentence(("tom", "sleeps"), kind="plain", subjects=((1, 0),)).text
    'tom sleeps'
    """

    tokens: tuple[str, ...]
    kind: str
    antecedents: Links = ()
    subjects: Links = ()
    repeats: Links = ()
    pair: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The tokens, joined by spaces."""
        return " ".join(self.tokens)


@dataclass(frozen=True)
class Translation:
    """An English sentence, its French translation, and which French word renders which English one.

    `alignment` links a target position to a source position.

    >>> cat = Sentence(("the", "cat"), kind="plain")
    >>> Translation(cat, ("le", "chat"), ((0, 0), (1, 1))).content
    ((1, 1),)
    """

    source: Sentence
    target: tuple[str, ...]
    alignment: Links

    @property
    def content(self) -> Links:
        """The links whose English word carries meaning (a noun, name, adjective or full verb)."""
        words = self.source.tokens
        return tuple((t, s) for t, s in self.alignment if words[s] not in FUNCTION_WORDS)

    @property
    def text(self) -> str:
        """The French tokens, joined by spaces."""
        return " ".join(self.target)


@dataclass
class Draft:
    """A sentence being written: words and links are added from left to right."""

    words: list[str] = field(default_factory=list)
    antecedents: list[tuple[int, int]] = field(default_factory=list)
    subjects: list[tuple[int, int]] = field(default_factory=list)

    def add(self, text: str) -> int:
        """Append the words of `text`; return the position of the last one."""
        self.words += text.split()
        return len(self.words) - 1

    def verb(self, text: str, subject: int) -> int:
        """Append a verb phrase whose first word agrees with `subject`; return that word's place."""
        place = len(self.words)
        self.add(text)
        self.subjects.append((place, subject))
        return place

    def finish(self, kind: str, pair: tuple[str, ...] = ()) -> Sentence:
        """Freeze the draft."""
        links = tuple(self.antecedents), tuple(self.subjects)
        return Sentence(tuple(self.words), kind, *links, pair=frozenset(pair))
