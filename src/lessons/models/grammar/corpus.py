"""Draw sentences of a kind from a split: what the models are trained and scored on."""

import dataclasses
import functools
import random
from collections.abc import Callable
from typing import TypeVar

from lessons.models.grammar import agreement, lexicon, people, plain, variety, winograd
from lessons.models.grammar.annotation import Sentence, Translation
from lessons.models.grammar.splits import SPLITS, Splits, book_splits, split_of

Drawn = TypeVar("Drawn", Sentence, Translation)

KINDS: dict[str, Callable[[random.Random], Sentence]] = {
    "winograd": lambda rng: winograd.english(winograd.choose_schema(rng)),
    "people": lambda rng: people.english(people.choose_story(rng)),
    "agreement": agreement.agreement,
    "plain": lambda rng: plain.plain(rng).source,
}
TRANSLATED: dict[str, Callable[[random.Random], Translation]] = {
    "winograd": lambda rng: variety.vary_winograd(
        winograd.french(winograd.choose_schema(rng, owner=0.25)), rng
    ),
    "people": lambda rng: variety.vary_people(
        people.french(people.choose_story(rng, translatable=True)), rng
    ),
    "plain": plain.plain,
    "glossary": variety.glossary,
}


def sentence(
    kind: str, split: str, rng: random.Random, *, splits: Splits | None = None
) -> Sentence:
    """Draw an English sentence of a kind from a split.

    Args:
        kind: `winograd`, `people`, `agreement`, `plain` or `repeat`.
        split: `train`, `validation` or `test`; repeats of random words belong to every split.
        rng: Where chance comes from.
        splits: Which pairs of words are held out. None: the book's.

    Raises:
        ValueError: There is no such kind or split.

    >>> sentence("winograd", "test", random.Random(0)).kind
    'winograd'
    """
    splits = splits or book_splits()
    if kind == "repeat":
        return repeat(rng, splits=splits)
    _check(kind, (*KINDS, "repeat"), split)
    return _draw(KINDS[kind], lambda drawn: drawn, split, rng, splits)


def translation(
    kind: str, split: str, rng: random.Random, *, splits: Splits | None = None
) -> Translation:
    """Draw a sentence of a kind with its French.

    Args:
        kind: `winograd`, `people`, `plain` or `glossary` (a list of unrelated words).
        split: `train`, `validation` or `test`; word lists belong to every split.
        rng: Where chance comes from.
        splits: Which pairs of words are held out. None: the book's.

    Raises:
        ValueError: There is no such kind or split.

    >>> translation("plain", "train", random.Random(4)).text
    'max aime le sac noir de mary'
    """
    _check(kind, tuple(TRANSLATED), split)
    split = "train" if kind == "glossary" else split
    return _draw(TRANSLATED[kind], lambda drawn: drawn.source, split, rng, splits or book_splits())


def repeat(
    rng: random.Random, *, splits: Splits | None = None, length: int | None = None
) -> Sentence:
    """Draw different random words, then the same words again.

    No two of the words form a held-out pair.

    Args:
        rng: Where chance comes from.
        splits: Which pairs of words are held out. None: the book's.
        length: How many words are repeated. None: 4 to 20 of them.

    >>> repeat(random.Random(0), length=3).repeats
    ((3, 0), (4, 1), (5, 2))
    """
    splits = splits or book_splits()
    words: list[str] = []
    while len(words) < (length or (length := rng.randint(4, 20))):
        word = rng.choice(open_words())
        apart = (frozenset((lemma(word), lemma(other))) for other in words)
        if word not in words and not any(p in splits.validation or p in splits.test for p in apart):
            words.append(word)
    links = tuple((len(words) + place, place) for place in range(len(words)))
    return Sentence((*words, *words), "repeat", repeats=links)


@functools.cache
def open_words() -> tuple[str, ...]:
    """Return the words of which repeats are made: nouns, names, adjectives and verbs."""
    nouns = [form for noun in lexicon.NOUNS for form in (noun.singular, noun.plural)]
    verbs = [form for forms in (*lexicon.DEEDS, *lexicon.RELATIVE_VERBS) for form in forms]
    rest = (lexicon.NAMES, lexicon.COLORS, lexicon.ADJECTIVES, lexicon.TRANSITIVE)
    return tuple(dict.fromkeys([*nouns, *verbs, *(word for group in rest for word in group)]))


def lemma(word: str) -> str:
    """Return the singular of a noun of the lexicon, any other word unchanged."""
    return lexicon.LEMMAS.get(word, word)


def finish(drawn: Drawn, mark: str = ".") -> Drawn:
    """Close a sentence (and its French) with a full stop, unless it already has a mark.

    >>> finish(Sentence(("tom", "sleeps"), kind="plain")).text
    'tom sleeps .'
    """
    if isinstance(drawn, Sentence):
        closed = drawn.tokens[-1] in ".?!"
        return drawn if closed else dataclasses.replace(drawn, tokens=(*drawn.tokens, mark))
    if drawn.source.tokens[-1] in ".?!":
        return drawn
    link = (len(drawn.target), len(drawn.source.tokens))
    return Translation(finish(drawn.source), (*drawn.target, mark), (*drawn.alignment, link))


def _check(kind: str, kinds: tuple[str, ...], split: str) -> None:
    if kind not in kinds:
        raise ValueError(f"there is no kind {kind!r}: pass one of {', '.join(kinds)}")
    if split not in SPLITS:
        raise ValueError(f"there is no split {split!r}: pass one of {', '.join(SPLITS)}")


def _draw(make, source_of, split: str, rng: random.Random, splits: Splits):
    """Draw until a sentence belongs to the split."""
    while True:
        drawn = make(rng)
        if split_of(source_of(drawn), splits) == split:
            return drawn
