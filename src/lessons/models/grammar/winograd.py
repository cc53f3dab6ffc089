"""Sentences in which one word decides what `it` means: too big or too small.

Reference: :cite:t:`levesque2012`, who proposed such pairs as a test of understanding.
"""

import random
from typing import NamedTuple

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Draft, Sentence, Translation
from lessons.models.grammar.phrases import (
    FrenchDraft,
    Phrase,
    add_english,
    add_french,
    choose_phrase,
    inflect,
)


class Frame(NamedTuple):
    """Who may do what to whom, in two tenses, and the adjectives that decide the pronoun.

    Each pair of `adjectives` holds one that fits the first noun and one that fits the second.
    """

    firsts: tuple[lexicon.Noun, ...]
    seconds: tuple[lexicon.Noun, ...]
    present: str
    past: str
    french_present: str
    french_past: str
    adjectives: tuple[tuple[str, str], ...]


FRAMES = {
    "fit": Frame(
        lexicon.THINGS, lexicon.THINGS, "does not fit in", "did not fit in",
        "ne rentre=fit pas=not dans=in", "ne rentrait=fit pas=not dans=in",
        (("big", "small"), ("wide", "narrow"), ("long", "short")),
    ),
    "break": Frame(
        lexicon.THINGS, lexicon.THINGS, "breaks", "broke", "casse=breaks", "a cassé=broke",
        (("heavy", "fragile"), ("hard", "thin")),
    ),
    "hide": Frame(
        lexicon.THINGS, lexicon.THINGS, "hides", "hid", "cache=hides", "a caché=hid",
        (("big", "small"), ("tall", "low")),
    ),
    "hold": Frame(
        lexicon.THINGS, lexicon.THINGS, "does not hold", "did not hold",
        "ne porte=hold pas=not", "n' a=did pas=not porté=hold",
        (("weak", "heavy"), ("soft", "hard")),
    ),
    "cross": Frame(
        lexicon.ANIMALS, lexicon.WAYS, "does not cross", "did not cross",
        "ne traverse=cross pas=not", "n' a=did pas=not traversé=cross",
        (("tired", "wide"), ("weak", "long"), ("old", "dangerous"), ("lazy", "busy")),
    ),
    "catch": Frame(
        lexicon.ANIMALS, lexicon.ANIMALS, "does not catch", "did not catch",
        "n' attrape=catch pas=not", "n' a=did pas=not attrapé=catch",
        (("slow", "fast"), ("old", "young")),
    ),
}  # fmt: skip


class Schema(NamedTuple):
    """One Winograd schema: everything but which half of the adjective pair is said.

    `meant` is 0 where the adjective makes `it` the first noun, 1 where it makes it the second.
    """

    frame: str
    first: Phrase
    second: Phrase
    adjectives: tuple[str, str]
    past: bool
    meant: int


def choose_schema(rng: random.Random, *, owner: float = 0.0) -> Schema:
    """Draw a schema: a frame, two different nouns, an adjective pair, a tense and a meaning.

    Args:
        rng: Where chance comes from.
        owner: The chance that a noun has an owner, as in `tom 's trophy`.
    """
    name = rng.choice(("fit", "fit", "break", "hide", "hold", "cross", "catch"))
    frame = FRAMES[name]
    first = choose_phrase(rng, frame.firsts, color=0.2)
    second = choose_phrase(rng, frame.seconds, color=0.2)
    while second.noun == first.noun:
        second = choose_phrase(rng, frame.seconds, color=0.2)
    adjectives = rng.choice(frame.adjectives)
    if owner:
        first, second = (
            phrase._replace(owner=rng.choice(lexicon.NAMES)) if rng.random() < owner else phrase
            for phrase in (first, second)
        )
    return Schema(name, first, second, adjectives, rng.random() < 0.4, rng.randrange(2))


def flip(schema: Schema) -> Schema:
    """Return the other half of the pair: the same sentence with the opposite adjective."""
    return schema._replace(meant=1 - schema.meant)


def english(schema: Schema) -> Sentence:
    """Write a schema in English, with the antecedent of `it`.

    >>> trophy, suitcase = (Phrase(noun) for noun in lexicon.THINGS[:2])
    >>> schema = Schema("fit", trophy, suitcase, ("big", "small"), past=False, meant=1)
    >>> english(schema).text
    'the trophy does not fit in the suitcase because it is too small'
    >>> english(schema).antecedents
    ((9, 7),)
    """
    frame, draft = FRAMES[schema.frame], Draft()
    first = add_english(draft, schema.first)
    draft.verb(frame.past if schema.past else frame.present, first)
    second = add_english(draft, schema.second)
    pronoun = draft.add("because it")
    draft.antecedents.append((pronoun, (first, second)[schema.meant]))
    draft.verb("was" if schema.past else "is", pronoun)
    draft.add(f"too {schema.adjectives[schema.meant]}")
    return draft.finish("winograd", (schema.first.noun.singular, schema.second.noun.singular))


def french(schema: Schema) -> Translation:
    """Write a schema in French: `il` or `elle` depends on what `it` means.

    >>> trophy, suitcase = (Phrase(noun) for noun in lexicon.THINGS[:2])
    >>> schema = Schema("fit", trophy, suitcase, ("big", "small"), past=False, meant=1)
    >>> french(schema).text
    "le trophée ne rentre pas dans la valise parce qu' elle est trop petite"
    """
    frame, source, draft = FRAMES[schema.frame], english(schema), FrenchDraft()
    (verb, first), (copula, _) = source.subjects
    add_french(draft, schema.first, first)
    draft.follow(frame.french_past if schema.past else frame.french_present, source, verb)
    because = source.tokens.index("because")
    add_french(draft, schema.second, because - 1)
    gender = (schema.first, schema.second)[schema.meant].noun.gender
    draft.follow(f"parce=because qu' {'elle' if gender == 'f' else 'il'}=it", source, because)
    draft.add("était" if schema.past else "est", copula)
    draft.add("trop", copula + 1)
    draft.add(inflect(schema.adjectives[schema.meant], gender), copula + 2)
    return draft.finish(source)
