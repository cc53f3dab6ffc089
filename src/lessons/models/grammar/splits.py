"""Which pairs of words are held out: no training sentence contains both words of such a pair."""

import functools
import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Sentence

SPLITS = ("train", "validation", "test")
Pair = frozenset[str]


@dataclass(frozen=True)
class Splits:
    """The unordered word pairs held out for validation and for test; all others train."""

    validation: frozenset[Pair]
    test: frozenset[Pair]


def candidate_pairs() -> tuple[tuple[Pair, ...], ...]:
    """Return the kinds of pairs that may be held out: two nouns, two names, a color and a noun."""
    nouns = [noun.singular for noun in lexicon.NOUNS]
    groups = (
        itertools.combinations(nouns, 2),
        itertools.combinations(lexicon.NAMES, 2),
        itertools.product(lexicon.COLORS, (noun.singular for noun in lexicon.THINGS)),
    )
    return tuple(tuple(frozenset(pair) for pair in group) for group in groups)


def make_splits(rng: random.Random, *, share: float = 0.1) -> Splits:
    """Hold out the given share of every kind of pair for validation, and as much for test.

    Args:
        rng: Where chance comes from.
        share: The part of the pairs, above 0 and below one half.

    Raises:
        ValueError: The shares leave no pair to train on.

    >>> splits = make_splits(random.Random(0))
    >>> splits.validation.isdisjoint(splits.test)
    True
    """
    if not 0 < share < 0.5:
        raise ValueError(f"share is {share}: pass a number above 0 and below 0.5")
    validation, test = set(), set()
    for group in candidate_pairs():
        count = round(share * len(group))
        drawn = rng.sample(group, 2 * count)
        validation.update(drawn[:count])
        test.update(drawn[count:])
    return Splits(frozenset(validation), frozenset(test))


@functools.cache
def book_splits() -> Splits:
    """Return the splits on which the book's models were trained."""
    return make_splits(random.Random("attention under the hood"))


def pairs_in(tokens: Iterable[str]) -> set[Pair]:
    """Return every pair of different words in a sentence, plurals counted as their singulars.

    >>> sorted(map(sorted, pairs_in(("keys", "red", "key"))))
    [['key', 'red']]
    """
    words = sorted({lexicon.LEMMAS.get(token, token) for token in tokens})
    return {frozenset(pair) for pair in itertools.combinations(words, 2)}


def split_of(sentence: Sentence, splits: Splits) -> str:
    """Return the split to which a sentence belongs.

    `train` if it contains no held-out pair at all; `validation` or `test` if its own pair is held
    out there; `none` if only some other pair of its words is held out, so that it serves nowhere.
    """
    for name in ("validation", "test"):
        if sentence.pair in getattr(splits, name):
            return name
    clean = splits.validation.isdisjoint(found := pairs_in(sentence.tokens))
    return "train" if clean and splits.test.isdisjoint(found) else "none"
