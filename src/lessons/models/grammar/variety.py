"""What keeps a translator from guessing a word by its place: adverbs, degrees, and word lists.

In a frame that never varies, a translator can carry any word's meaning to any other position.
Where words come and go, it must look each one up where it stands, and its attention aligns.
"""

import math
import random

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Links, Sentence, Translation
from lessons.models.grammar.phrases import starts_with_vowel

DEGREES = {"too": "trop", "very": "très", "so": "si", "really": "vraiment"}
TIMES = {"today": "aujourd'hui", "now": "maintenant"}
ADVERBS = {"often": "souvent", "always": "toujours", "rarely": "rarement"}
FRAME_VERBS = dict(
    fit="rentre", hold="porte", cross="traverse", catch="attrape", breaks="casse", hides="cache"
)


def shift(links: Links, sides: tuple[int | None, int | None]) -> Links:
    """Move the positions of links to make room: one new word on either side (None: on none).

    >>> shift(((0, 0), (1, 2)), (1, None))
    ((0, 0), (2, 2))
    """
    before, behind = (at if at is not None else math.inf for at in sides)
    return tuple((one + (one >= before), other + (other >= behind)) for one, other in links)


def insert(drawn: Translation, source: tuple[int, str], target: tuple[int, str]) -> Translation:
    """Insert a word in the English and its translation in the French, each before a position.

    >>> cat = Translation(Sentence(("tom", "waits"), "x", subjects=((1, 0),)), ("tom", "attend"),
    ...                   ((0, 0), (1, 1)))
    >>> often = insert(cat, (1, "often"), (2, "souvent"))
    >>> often.source.text, often.text, often.alignment, often.source.subjects
    ('tom often waits', 'tom attend souvent', ((0, 0), (1, 2), (2, 1)), ((2, 0),))
    """
    (at, word), (there, translated) = source, target
    old = drawn.source
    english = Sentence(
        (*old.tokens[:at], word, *old.tokens[at:]),
        old.kind,
        shift(old.antecedents, (at, at)),
        shift(old.subjects, (at, at)),
        pair=old.pair,
    )
    words = (*drawn.target[:there], translated, *drawn.target[there:])
    links = (*shift(drawn.alignment, (there, at)), (there, at))
    return Translation(english, words, tuple(sorted(links)))


def vary_winograd(drawn: Translation, rng: random.Random) -> Translation:
    """Exchange `too` for another degree, and sometimes begin with a word of time."""
    degree = rng.choice(tuple(DEGREES))
    source = tuple(degree if word == "too" else word for word in drawn.source.tokens)
    target = tuple(DEGREES[degree] if word == "trop" else word for word in drawn.target)
    old = drawn.source
    english = Sentence(source, old.kind, old.antecedents, old.subjects, pair=old.pair)
    return _timed(Translation(english, target, drawn.alignment), rng)


def vary_people(drawn: Translation, rng: random.Random) -> Translation:
    """Add an adverb to the deed, a degree to the reason, a word of time to the whole, or none."""
    if rng.random() < 0.6:
        degree = rng.choice(tuple(DEGREES))
        ends = len(drawn.source.tokens) - 1, len(drawn.target) - 1
        drawn = insert(drawn, (ends[0], degree), (ends[1], DEGREES[degree]))
    if rng.random() < 0.5:
        adverb = rng.choice(tuple(ADVERBS))
        drawn = insert(drawn, (1, adverb), (2, ADVERBS[adverb]))
    return _timed(drawn, rng)


def _timed(drawn: Translation, rng: random.Random) -> Translation:
    """Begin with a word of time, three times in ten."""
    if rng.random() < 0.7:
        return drawn
    time = rng.choice(tuple(TIMES))
    return insert(drawn, (0, time), (0, TIMES[time]))


def glossary(rng: random.Random) -> Translation:
    """Draw a list of different words with their translations, adjectives in the masculine."""
    words = {noun.singular: noun.french for noun in lexicon.NOUNS if noun not in lexicon.PEOPLE}
    words |= {name: name for name in lexicon.NAMES}
    for adjectives in (lexicon.ADJECTIVES, lexicon.BEFORE, lexicon.COLORS):
        words |= {english: forms[0] for english, forms in adjectives.items()}
    words |= lexicon.TRANSITIVE | {present: french for present, _, french, _ in lexicon.CAUSAL}
    words |= FRAME_VERBS | DEGREES | TIMES | ADVERBS
    listed = rng.sample(tuple(words), rng.randint(3, 8))
    french = tuple(words[word] for word in listed)
    links = tuple((place, place) for place in range(len(listed)))
    return Translation(Sentence(tuple(listed), "glossary"), french, links)


def exchange(drawn: Translation, rng: random.Random) -> Translation:
    """Put any verb in a verb's place and any adjective in an adjective's, in both languages.

    The sentence loses its sense but keeps its grammar, so that no verb or adjective can be guessed
    from the words around it. A French word keeps its gender, and its first sound where an elision
    depends on it.
    """
    verbs = FRAME_VERBS | lexicon.TRANSITIVE | {here: there for here, _, there, _ in lexicon.CAUSAL}
    source, target = list(drawn.source.tokens), list(drawn.target)
    for t, s in drawn.alignment:
        word, french = source[s], target[t]
        if verbs.get(word) == french:
            vowel = starts_with_vowel(french)
            fitting = [w for w, f in verbs.items() if starts_with_vowel(f) == vowel]
            source[s] = rng.choice(fitting)
            target[t] = verbs[source[s]]
        forms = lexicon.ADJECTIVES.get(word, ("", ""))
        if french in forms and forms[0] != forms[1]:
            source[s] = rng.choice(tuple(lexicon.ADJECTIVES))
            target[t] = lexicon.ADJECTIVES[source[s]][forms.index(french)]
    english = Sentence(
        tuple(source), "exchanged", (), drawn.source.subjects, pair=drawn.source.pair
    )
    return Translation(english, tuple(target), drawn.alignment)
