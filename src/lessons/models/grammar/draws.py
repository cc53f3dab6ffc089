"""Draw what a model is scored on: different sentences, the same ones for the same seed."""

import functools
import random
from collections.abc import Callable, Hashable
from typing import TypeVar

from lessons.models.grammar import (
    Sentence,
    Translation,
    book_splits,
    finish,
    sentence,
    split_of,
    translation,
    winograd,
)

Drawn = TypeVar("Drawn", bound=Hashable)


def distinct(draw: Callable[[random.Random], Drawn], name: str, count: int) -> list[Drawn]:
    """Draw `count` different things; `name` decides which, always the same ones."""
    rng = random.Random(name)
    found: dict[Drawn, None] = {}  # a set that keeps its order
    while len(found) < count:
        found[draw(rng)] = None
    return list(found)


def drawing(
    kind: str, split: str, *, keep: Callable[[Sentence], bool] = bool
) -> Callable[[random.Random], Sentence]:
    """Return what draws finished sentences of a kind that satisfy `keep`."""

    def draw(rng: random.Random) -> Sentence:
        while not keep(drawn := sentence(kind, split, rng)):
            pass
        return finish(drawn)

    return draw


def draw_sentences(
    kind: str, split: str, count: int, seed: int, *, keep: Callable[[Sentence], bool] = bool
) -> list[Sentence]:
    """Draw different finished sentences that satisfy `keep`."""
    return distinct(drawing(kind, split, keep=keep), f"{kind}/{split}/{seed}", count)


def draw_translations(count: int, seed: int, *, split: str = "test") -> list[Translation]:
    """Draw different finished translations, a third of each kind, from a split."""
    kinds = ("winograd", "people", "plain")
    return [
        one
        for at, kind in enumerate(kinds)
        for one in distinct(
            functools.partial(_drawn_translation, kind, split),
            f"french/{kind}/{seed}",
            len(range(at, count, len(kinds))),
        )
    ]


def _drawn_translation(kind: str, split: str, rng: random.Random) -> Translation:
    return finish(translation(kind, split, rng))


def draw_schema(rng: random.Random) -> winograd.Schema:
    """Draw a Winograd schema whose two nouns are held out for test."""
    while True:
        schema = winograd.choose_schema(rng)
        if split_of(winograd.english(schema), book_splits()) == "test":
            return schema
