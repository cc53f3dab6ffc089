r"""A fragment of English and French in which the alignment of every sentence is known.

Each French word renders one English word. What differs is the order: most adjectives follow
their noun, and some nouns take three words, so that everything after them stands further right.
"""

import random
from collections.abc import Iterable
from typing import NamedTuple

from lessons.recurrence.phrase_words import (
    ADJECTIVES,
    ADVERBS,
    BEFORE_THE_NOUN,
    DETERMINERS,
    GREETINGS,
    LIVING,
    THINGS,
    TIMES,
    VERBS,
    WEATHER,
)


class Pair(NamedTuple):
    """A sentence, its translation, and for each word of that the place of its source."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    alignment: tuple[int, ...]


def joined(pairs: Iterable[Pair]) -> Pair:
    """Put pairs one after the other, each aligned within itself.

    >>> joined([Pair(("red", "cars"), ("voitures", "rouges"), (1, 0)), Pair(("?",), ("?",), (0,))])
    Pair(source=('red', 'cars', '?'), target=('voitures', 'rouges', '?'), alignment=(1, 0, 2))
    """
    whole = Pair((), (), ())
    for pair in pairs:
        moved = tuple(len(whole.source) + place for place in pair.alignment)
        whole = Pair(
            whole.source + pair.source, whole.target + pair.target, whole.alignment + moved
        )
    return whole


def noun_phrase(rng: random.Random, nouns: dict[str, str]) -> Pair:
    """Draw a determiner, a noun of `nouns`, and mostly an adjective, with or without an adverb.

    >>> noun_phrase(random.Random(5), THINGS)
    Pair(source=('your', 'red', 'books'), target=('vos', 'livres', 'rouges'), alignment=(0, 2, 1))
    """
    determiner, noun = _drawn(rng, DETERMINERS), _drawn(rng, nouns)
    kind = rng.random()
    if kind < 0.2:
        return joined([determiner, noun])
    if kind < 0.3:
        return joined([determiner, _drawn(rng, BEFORE_THE_NOUN), noun])
    after = [_drawn(rng, ADJECTIVES)]
    if kind < 0.6:
        after.insert(0, _drawn(rng, ADVERBS))
    return joined([determiner, _swapped(joined(after), noun)])


def chain(rng: random.Random, phrases: int) -> Pair:
    """Draw a sentence of so many noun phrases, linked by verbs and *and* in turn.

    Raises:
        ValueError: There is no phrase.

    >>> print(" ".join(chain(random.Random(4), 3).target))
    deux oiseaux veulent mes oiseaux et les enfants très propres
    """
    if phrases < 1:
        raise ValueError(f"{phrases} phrases: pass at least 1")
    parts = []
    for place in range(phrases):
        if place:
            parts.append(_drawn(rng, VERBS) if place % 2 else _pair("and", "et"))
        parts.append(noun_phrase(rng, LIVING | THINGS if place % 2 else LIVING))
    return joined(parts)


def small_talk(rng: random.Random) -> Pair:
    """Draw a word on the weather, which is the most frequent, a greeting, or a question.

    >>> print(" ".join(small_talk(random.Random(0)).target))
    le temps est mauvais aujourd'hui
    """
    kind, mark = rng.randrange(4), _pair("?", "?")
    if kind == 0:
        how = Pair(("how", "are", "you"), ("comment", "ça", "va"), (0, 2, 1))
        return joined([_drawn(rng, GREETINGS), _pair(",", ","), how, mark])
    if kind == 1:
        return joined([_pair("where", "où"), _pair("are", "sont"), noun_phrase(rng, LIVING), mark])
    opening = [_pair("the", "le"), _pair("weather", "temps"), _pair("is", "est")]
    return joined([*opening, _drawn(rng, WEATHER), _drawn(rng, TIMES)])


def _pair(english: str, french: str) -> Pair:
    """Align all words of the translation of one word to it."""
    target = tuple(french.split())
    return Pair((english,), target, (0,) * len(target))


def _drawn(rng: random.Random, lexicon: dict[str, str]) -> Pair:
    return _pair(*rng.choice(list(lexicon.items())))


def _swapped(first: Pair, second: Pair) -> Pair:
    """Let the translation of what comes second come first."""
    shifted = tuple(len(first.source) + place for place in second.alignment)
    return Pair(
        first.source + second.source, second.target + first.target, shifted + first.alignment
    )


def sentences(phrases: int) -> int:
    """Count the different sentences of so many noun phrases.

    Args:
        phrases: The noun phrases in a sentence.

    >>> sentences(1), sentences(2) == sentences(1) * len(VERBS) * 6 * 11 * 34
    (1020, True)
    """
    described = 1 + len(BEFORE_THE_NOUN) + len(ADJECTIVES) * (1 + len(ADVERBS))
    number = 1
    for place in range(phrases):
        nouns = LIVING | THINGS if place % 2 else LIVING
        number *= len(DETERMINERS) * described * len(nouns)
        number *= len(VERBS) if place % 2 else 1
    return number
