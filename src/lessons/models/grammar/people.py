"""Sentences about two people, in which `he` or `she` is one of them."""

import random
from typing import NamedTuple

from lessons.models.grammar import lexicon
from lessons.models.grammar.annotation import Draft, Sentence, Translation
from lessons.models.grammar.phrases import FrenchDraft, inflect

REASONS = ("kind", "sick", "sad", "happy", "tired", "calm")
# What one person cannot do to another, and why: his own fault, or the other's.
FAILURES = (("lift", "weak", "heavy"), ("catch", "slow", "fast"), ("hear", "deaf", "quiet"))


class Story(NamedTuple):
    """Two names, what happens, the adjective, and who is meant (0 = first name, 1 = second)."""

    names: tuple[str, str]
    deed: str
    french: str
    past: bool
    reason: str
    meant: int


def choose_story(rng: random.Random, *, translatable: bool = False) -> Story:
    """Draw a story; `translatable` keeps to the frames that have a French form.

    Where both names have the same gender, the verb (or the adjective) decides who is meant;
    otherwise the pronoun's gender does, and the meaning is drawn at random.
    """
    first, second = rng.sample(lexicon.NAMES, 2)
    names = (first, second)
    same = gender(first) == gender(second)
    if not translatable and rng.random() < 0.4:
        verb, *reasons = rng.choice(FAILURES)
        meant = rng.randrange(2)
        return Story(names, f"could not {verb}", "", True, f"too {reasons[meant]}", meant)
    present, past, french, cause = rng.choice(lexicon.CAUSAL)
    meant = cause if same else rng.randrange(2)
    earlier = not translatable and rng.random() < 0.5
    return Story(names, past if earlier else present, french, earlier, rng.choice(REASONS), meant)


def gender(name: str) -> str:
    """Return `m` or `f` for a name of the lexicon.

    >>> gender("tom"), gender("mary")
    ('m', 'f')
    """
    return "f" if name in lexicon.WOMEN else "m"


def english(story: Story) -> Sentence:
    """Write a story in English, with the antecedent of its pronoun.

    >>> english(Story(("tom", "ben"), "thanks", "remercie", False, "kind", 1)).text
    'tom thanks ben because he is kind'
    >>> english(Story(("tom", "ben"), "thanks", "remercie", False, "kind", 1)).antecedents
    ((4, 2),)
    """
    draft = Draft()
    first = draft.add(story.names[0])
    draft.verb(story.deed, first)
    second = draft.add(story.names[1])
    they = "she" if gender(story.names[story.meant]) == "f" else "he"
    pronoun = draft.add(f"because {they}")
    draft.antecedents.append((pronoun, (first, second)[story.meant]))
    draft.verb("was" if story.past else "is", pronoun)
    draft.add(story.reason)
    return draft.finish("people", story.names)


def french(story: Story) -> Translation:
    """Write a translatable story in French.

    Raises:
        ValueError: The story's frame has no French form.

    >>> french(Story(("tom", "mary"), "thanks", "remercie", False, "kind", 1)).text
    "tom remercie mary parce qu' elle est gentille"
    """
    if not story.french:
        raise ValueError("this story has no French: draw one with translatable=True")
    source, draft = english(story), FrenchDraft()
    sex = gender(story.names[story.meant])
    for place, word in enumerate((story.names[0], story.french, story.names[1], "parce")):
        draft.add(word, place)
    draft.add("qu'")
    draft.add("elle" if sex == "f" else "il", 4)
    draft.add("est", 5)
    draft.add(inflect(story.reason, sex), 6)
    return draft.finish(source)


def same_gender(sentence: Sentence) -> bool:
    """Say whether the two people of a sentence have the same gender."""
    return len({gender(name) for name in sentence.pair}) == 1
