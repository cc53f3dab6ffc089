"""Everyday sentences with their French: copulas, objects, clitics, greetings and the weather."""

import random

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Draft, Sentence, Translation
from lessons.models.grammar.phrases import (
    FrenchDraft,
    Phrase,
    add_english,
    add_french,
    choose_phrase,
    inflect,
    starts_with_vowel,
)

STATES = tuple("big small old clean dirty heavy light fragile long red white".split())
WEATHER = dict(nice="agréable", bad="mauvais", cold="froid", warm="chaud", gray="gris")
TIMES = dict(today="aujourd'hui", now="maintenant")
# NAME, SKY and WHEN are drawn; `french=english` aligns two words.
GREETINGS = (
    ("hello , how are you ?", "bonjour=hello ,=, comment=how ça=you va=are ?=?"),
    ("hello NAME , how are you ?", "bonjour=hello NAME=NAME ,=, comment=how ça=you va=are ?=?"),
    ("how are you NAME ?", "comment=how ça=you va=are NAME=NAME ?=?"),
    ("how is NAME ?", "comment=how va=is NAME=NAME ?=?"),
    ("hello NAME", "bonjour=hello NAME=NAME"),
    ("goodbye NAME", "au revoir=goodbye NAME=NAME"),
    ("thank you NAME", "merci=thank NAME=NAME"),
    ("my name is NAME", "je=my m' appelle=name NAME=NAME"),
    ("NAME is here WHEN", "NAME=NAME est=is ici=here WHEN=WHEN"),
    ("the weather is SKY WHEN", "le=the temps=weather est=is SKY=SKY WHEN=WHEN"),
    ("the weather is SKY", "le=the temps=weather est=is SKY=SKY"),
)


def plain(rng: random.Random) -> Translation:
    """Draw an everyday sentence and its French."""
    frame = rng.choice((copula, copula, copula, transitive, transitive, clitic, clitic, greeting))
    return frame(rng)


def _phrase(rng: random.Random, *, owner: float = 0.3) -> Phrase:
    """Draw a thing, mostly with a color, sometimes with an owner or an adjective before it."""
    phrase = choose_phrase(rng, lexicon.THINGS, color=0.8)
    if rng.random() < owner:
        return phrase._replace(owner=rng.choice(lexicon.NAMES))
    if rng.random() < 0.3:
        return phrase._replace(before=rng.choice(tuple(lexicon.BEFORE)))
    return phrase


def _pair(phrase: Phrase) -> tuple[str, ...]:
    """Return the words by which a colored phrase is held out."""
    return (phrase.color, phrase.noun.singular) if phrase.color else ()


def copula(rng: random.Random) -> Translation:
    """Write `tom 's red car is old`, sometimes followed by `. it is big`."""
    phrase, english, french = _phrase(rng), Draft(), FrenchDraft()
    past, two = rng.random() < 0.3, rng.random() < 0.4
    states = rng.sample([word for word in STATES if word != phrase.color], 2)
    noun = add_english(english, phrase)
    add_french(french, phrase, noun)
    subject = noun
    for state in states[: 1 + two]:
        if subject != noun:
            french.add(".", subject - 1)
            french.add("elle" if phrase.noun.gender == "f" else "il", subject)
            english.antecedents.append((subject, noun))
        verb = english.verb("was" if past else "is", subject)
        french.add("était" if past else "est", verb)
        french.add(inflect(state, phrase.noun.gender), english.add(state))
        if two and subject == noun:
            subject = english.add(". it")
    return french.finish(english.finish("copula", _pair(phrase)))


def transitive(rng: random.Random) -> Translation:
    """Write `tom sees mary 's red ball`."""
    name, phrase = rng.choice(lexicon.NAMES), _phrase(rng)
    if phrase.owner == name:
        phrase = phrase._replace(owner="")
    english, french = Draft(), FrenchDraft()
    _clause(english, french, name, phrase, rng)
    return french.finish(english.finish("transitive", _pair(phrase)))


def clitic(rng: random.Random) -> Translation:
    """Write `tom buys the ball and mary washes it`: in French the pronoun precedes the verb."""
    names = tuple(rng.sample(lexicon.NAMES, 2))
    phrase, english, french = _phrase(rng, owner=0.0), Draft(), FrenchDraft()
    noun = _clause(english, french, names[0], phrase, rng)
    french.add("et", english.add("and"))
    subject = english.add(names[1])
    french.add(names[1], subject)
    verb = rng.choice(tuple(lexicon.TRANSITIVE))
    place = english.verb(verb, subject)
    pronoun = english.add("it")
    english.antecedents.append((pronoun, noun))
    meaning = lexicon.TRANSITIVE[verb]
    full = "la" if phrase.noun.gender == "f" else "le"
    french.add("l'" if starts_with_vowel(meaning) else full, pronoun)
    french.add(meaning, place)
    return french.finish(english.finish("clitic", names))


def _clause(
    english: Draft, french: FrenchDraft, name: str, phrase: Phrase, rng: random.Random
) -> int:
    """Write `tom sees the ball` in both languages; return the English noun's position."""
    subject = english.add(name)
    french.add(name, subject)
    verb = rng.choice(tuple(lexicon.TRANSITIVE))
    french.add(lexicon.TRANSITIVE[verb], english.verb(verb, subject))
    noun = add_english(english, phrase)
    add_french(french, phrase, noun)
    return noun


def greeting(rng: random.Random) -> Translation:
    """Write a greeting or a remark on the weather."""
    source, spec = rng.choice(GREETINGS)
    drawn = {"NAME": rng.choice(lexicon.NAMES), "SKY": rng.choice(tuple(WEATHER)),
             "WHEN": rng.choice(tuple(TIMES))}  # fmt: skip
    meanings = {**WEATHER, **TIMES}
    for slot, word in drawn.items():
        source = source.replace(slot, word)
        spec = spec.replace(f"{slot}={slot}", f"{meanings.get(word, word)}={word}")
    sentence = Sentence(tuple(source.split()), "greeting")
    draft = FrenchDraft()
    draft.follow(spec, sentence, 0)
    return draft.finish(sentence)
