"""Every word that the grammar can say, so that the tokenizers need no corpus to be counted."""

import functools
from collections.abc import Iterable

from lessons.models.grammar import lexicon, people, plain, variety, winograd


def _split(*texts: str) -> set[str]:
    """Return the words of some texts, alignments (`chat=cat`) and slots (`NAME`) removed."""
    words = {item.partition("=")[0] for text in texts for item in text.split()}
    return {word for word in words if not word.isupper()}


def _marks() -> set[str]:
    return {".", "?", "!", ","}


def _translatable() -> set[str]:
    """Return the English words of the translated kinds."""
    nouns = {noun.singular for noun in lexicon.NOUNS if noun not in lexicon.PEOPLE}
    frames = _split(*(text for f in winograd.FRAMES.values() for text in (f.present, f.past)))
    causal = {present for present, _, _, _ in lexicon.CAUSAL}
    small = _split(
        "the it he she is was because and 's", *(source for source, _ in plain.GREETINGS)
    )
    return set().union(
        nouns, frames, causal, small, _marks(), lexicon.NAMES, lexicon.COLORS, lexicon.BEFORE,
        lexicon.ADJECTIVES, lexicon.TRANSITIVE, plain.WEATHER, plain.TIMES, variety.DEGREES,
    )  # fmt: skip


@functools.cache
def english_words() -> tuple[str, ...]:
    """Return the words that the encoder and the decoder read, in alphabetical order."""
    forms = {form for noun in lexicon.NOUNS for form in (noun.singular, noun.plural)}
    verbs = lexicon.COPULAS + lexicon.DEEDS + lexicon.RELATIVE_VERBS
    agreeing = {form for pair in verbs for form in pair}
    past = {past for _, past, _, _ in lexicon.CAUSAL}
    failures = {word for failure in people.FAILURES for word in failure}
    small = _split("could not too that", *lexicon.PREPOSITIONS)
    words = _translatable() - (set(variety.DEGREES) - {"too"})
    return tuple(sorted(words.union(forms, agreeing, past, failures, small, lexicon.STATES)))


@functools.cache
def translator_words() -> tuple[str, ...]:
    """Return the English and French words that the translator reads and writes, sorted."""
    french = {noun.french for noun in lexicon.NOUNS if noun not in lexicon.PEOPLE}
    for adjectives in (lexicon.COLORS, lexicon.BEFORE, lexicon.ADJECTIVES):
        french.update(form for forms in adjectives.values() for form in forms)
    french.update(lexicon.TRANSITIVE.values(), variety.FRAME_VERBS.values())
    french.update(meaning for _, _, meaning, _ in lexicon.CAUSAL)
    frames: Iterable[str] = (
        text for f in winograd.FRAMES.values() for text in (f.french_present, f.french_past)
    )
    small = "le la l' de et parce qu' il elle est était"
    french |= _split(small, *frames, *(spec for _, spec in plain.GREETINGS))
    for meanings in (plain.WEATHER, plain.TIMES, variety.DEGREES, variety.ADVERBS):
        french.update(meanings.values())
    return tuple(sorted(_translatable().union(french, variety.ADVERBS)))
