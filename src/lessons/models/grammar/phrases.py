"""Noun phrases in English and French: articles, adjective order, possessives, elision."""

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Draft, Sentence, Translation


class Phrase(NamedTuple):
    """A noun phrase: `the pretty red ball`, or with an owner `tom 's red ball`."""

    noun: lexicon.Noun
    color: str = ""
    before: str = ""
    owner: str = ""
    plural: bool = False


@dataclass
class FrenchDraft:
    """A French sentence being written beside its finished English source."""

    words: list[str] = field(default_factory=list)
    alignment: list[tuple[int, int]] = field(default_factory=list)

    def add(self, word: str, source: int | None = None) -> None:
        """Append a word, aligned to the English word at `source` (None: to no word)."""
        if source is not None:
            self.alignment.append((len(self.words), source))
        self.words.append(word)

    def follow(self, spec: str, english: Sentence, start: int) -> None:
        """Append words written `french=english`, the English word sought from `start` on."""
        for item in spec.split():
            word, _, meaning = item.partition("=")
            self.add(word, english.tokens.index(meaning, start) if meaning else None)

    def finish(self, source: Sentence) -> Translation:
        """Freeze the draft."""
        return Translation(source, tuple(self.words), tuple(self.alignment))


def choose_phrase(
    rng: random.Random, nouns: tuple[lexicon.Noun, ...], *, color: float = 0.0, plural: float = 0.0
) -> Phrase:
    """Draw a noun phrase; `color` and `plural` are the chances of a color and of a plural."""
    noun = rng.choice(nouns)
    shade = rng.choice(tuple(lexicon.COLORS)) if rng.random() < color else ""
    return Phrase(noun, shade, plural=rng.random() < plural)


def add_english(draft: Draft, phrase: Phrase) -> int:
    """Append an English noun phrase; return the position of its noun."""
    noun = phrase.noun.plural if phrase.plural else phrase.noun.singular
    head = f"{phrase.owner} 's" if phrase.owner else "the"
    return draft.add(f"{head} {phrase.before} {phrase.color} {noun}")


def add_french(draft: FrenchDraft, phrase: Phrase, noun: int) -> None:
    """Append the French for a singular phrase whose English noun stands at position `noun`.

    A color follows the noun, the few adjectives of `BEFORE` precede it, the owner comes last.
    """
    color = noun - bool(phrase.color)
    before = color - bool(phrase.before)
    words = []
    if phrase.before:
        words.append((inflect(phrase.before, phrase.noun.gender), before))
    words.append((phrase.noun.french, noun))
    if phrase.color:
        words.append((inflect(phrase.color, phrase.noun.gender), color))
    article = "l'" if starts_with_vowel(words[0][0]) else {"m": "le", "f": "la"}[phrase.noun.gender]
    draft.add(article, None if phrase.owner else before - 1)
    for word, source in words:
        draft.add(word, source)
    if phrase.owner:
        draft.add("de", before - 1)
        draft.add(phrase.owner, before - 2)


def inflect(adjective: str, gender: str) -> str:
    """Return the French form of an English adjective for the gender `m` or `f`.

    >>> inflect("white", "f")
    'blanche'
    """
    forms = {**lexicon.ADJECTIVES, **lexicon.BEFORE, **lexicon.COLORS}
    return forms[adjective][gender == "f"]


def starts_with_vowel(word: str) -> bool:
    """Say whether an article or clitic before this French word loses its vowel.

    >>> starts_with_vowel("achète"), starts_with_vowel("cheval")
    (True, False)
    """
    return word[0] in "aeiouyéèêâîh"
