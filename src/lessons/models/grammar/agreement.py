"""Sentences whose verb agrees with a noun that is not the nearest one.

Reference: :cite:t:`linzen2016`, who measured agreement across attractors.
"""

import random

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Draft, Sentence
from lessons.models.grammar.phrases import Phrase, add_english, choose_phrase


def agreement(rng: random.Random) -> Sentence:
    """Draw a sentence with a subject, a phrase between (mostly), and a verb that agrees with it.

    >>> sentence = agreement(random.Random(6))
    >>> sentence.text, sentence.subjects
    ('the queens that the teachers hit seem here', ((5, 4), (6, 1)))
    """
    head = choose_phrase(rng, lexicon.NOUNS, color=0.15, plural=0.5)
    other = choose_phrase(rng, lexicon.NOUNS, color=0.1, plural=0.5)
    while other.noun == head.noun:
        other = choose_phrase(rng, lexicon.NOUNS, color=0.1, plural=0.5)
    frame = rng.choice((simple, prepositional, prepositional, two_prepositional,
                        subject_relative, object_relative))  # fmt: skip
    draft = Draft()
    subject = frame(draft, head, other, rng)
    predicate(draft, subject, head.plural, rng)
    pair = () if frame is simple else (head.noun.singular, other.noun.singular)
    return draft.finish("agreement", pair)


def simple(draft: Draft, head: Phrase, other: Phrase, rng: random.Random) -> int:
    """Write `the boy`."""
    return add_english(draft, head)


def prepositional(draft: Draft, head: Phrase, other: Phrase, rng: random.Random) -> int:
    """Write `the boy near the girls`."""
    subject = add_english(draft, head)
    draft.add(rng.choice(lexicon.PREPOSITIONS))
    add_english(draft, other)
    return subject


def two_prepositional(draft: Draft, head: Phrase, other: Phrase, rng: random.Random) -> int:
    """Write `the boy near the girls behind the tables`."""
    subject = prepositional(draft, head, other, rng)
    third = choose_phrase(rng, lexicon.NOUNS, plural=0.5)
    while third.noun in (head.noun, other.noun):
        third = choose_phrase(rng, lexicon.NOUNS, plural=0.5)
    draft.add(rng.choice(lexicon.PREPOSITIONS))
    add_english(draft, third)
    return subject


def subject_relative(draft: Draft, head: Phrase, other: Phrase, rng: random.Random) -> int:
    """Write `the boy that likes the girls`."""
    subject = add_english(draft, head)
    draft.add("that")
    draft.verb(rng.choice(lexicon.RELATIVE_VERBS)[head.plural], subject)
    add_english(draft, other)
    return subject


def object_relative(draft: Draft, head: Phrase, other: Phrase, rng: random.Random) -> int:
    """Write `the boy that the girls like`."""
    subject = add_english(draft, head)
    draft.add("that")
    agent = add_english(draft, other)
    draft.verb(rng.choice(lexicon.RELATIVE_VERBS)[other.plural], agent)
    return subject


def predicate(draft: Draft, subject: int, plural: bool, rng: random.Random) -> None:
    """Write the main verb, in the subject's number, and what follows it."""
    if rng.random() < 0.6:
        draft.verb(rng.choice(lexicon.COPULAS)[plural], subject)
        draft.add(rng.choice(lexicon.STATES))
    else:
        draft.verb(rng.choice(lexicon.DEEDS)[plural], subject)


def number(word: str) -> str | None:
    """Return `singular` or `plural` for a noun or a present verb that agrees, else None.

    >>> number("mice"), number("are"), number("red")
    ('plural', 'plural', None)
    """
    verbs = lexicon.COPULAS + lexicon.DEEDS + lexicon.RELATIVE_VERBS
    forms = verbs + tuple((noun.singular, noun.plural) for noun in lexicon.NOUNS)
    singulars, plurals = zip(*forms, strict=True)
    if word in singulars:
        return "singular"
    return "plural" if word in plurals else None


def other_form(verb: str) -> str:
    """Return a verb that agrees in the other number.

    Raises:
        ValueError: The word is no such verb.

    >>> other_form("are"), other_form("sleeps")
    ('is', 'sleep')
    """
    for one, many in lexicon.COPULAS + lexicon.DEEDS + lexicon.RELATIVE_VERBS:
        if verb in (one, many):
            return many if verb == one else one
    raise ValueError(f"{verb!r} is no verb that agrees: pass a form of the lexicon's verbs")


def has_attractor_and_two_phrases(sentence: Sentence) -> bool:
    """Say whether a sentence with an attractor has exactly two prepositions."""
    prepositions = sum(word in lexicon.PREPOSITIONS for word in sentence.tokens)
    return has_attractor(sentence) and prepositions == 2


def has_attractor(sentence: Sentence) -> bool:
    """Say whether the noun nearest before the main verb has the other number than the subject."""
    if not sentence.subjects:
        return False
    verb, subject = sentence.subjects[-1]
    nearest = max(place for place in range(verb) if sentence.tokens[place] in lexicon.LEMMAS)
    return number(sentence.tokens[nearest]) != number(sentence.tokens[subject])
