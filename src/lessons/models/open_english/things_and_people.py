"""A person, a thing and a pronoun: `it` is the thing, `he` or `she` the person, in either order."""

import itertools
import random

from lessons.models.open_english.gendered_names import MEN, WOMEN
from lessons.models.open_english.item import Item, half, place

THINGS = (
    "lamp", "box", "ladder", "guitar", "painting", "bicycle", "chair", "clock", "table", "suitcase",
    "mirror", "radio", "statue", "basket", "camera", "tent", "carpet", "sofa", "piano", "helmet",
)  # fmt: skip
PERSONAL = (
    "was tired", "had a plan", "was late for work", "knew better", "was in a hurry",
    "wanted to sleep", "had no time", "felt sorry",
)  # fmt: skip
# What may be said of each of the things above.
MATERIAL = (
    "was made in Italy", "was cheap", "was dirty", "was broken", "was quite old", "was in the way",
    "weighed too much", "belonged to the museum",
)  # fmt: skip
# In two of each half the person comes first and is the subject, in two the thing.
FRAMES = (
    "{person} left the {thing} behind because {pronoun} {state}.",
    "{person} sold the {thing} because {pronoun} {state}.",
    "{person} looked at the {thing} again, for {pronoun} {state}.",
    "{person} forgot the {thing}, although {pronoun} {state}.",
    "The {thing} made trouble for {person} because {pronoun} {state}.",
    "The {thing} was useless to {person}, since {pronoun} {state}.",
    "The {thing} did not interest {person} because {pronoun} {state}.",
    "The {thing} did not please {person}, for {pronoun} {state}.",
)


def draw_things_and_people(rng: random.Random, split: str) -> list[Item]:
    """Draw four items: a frame in which the person comes first and one in which the thing does.

    >>> [item.text for item in draw_things_and_people(random.Random(2), "test")][0]
    'Julia sold the radio because she knew better.'
    """
    frames = half(FRAMES, split)
    first, later = rng.choice(frames[: len(frames) // 2]), rng.choice(frames[len(frames) // 2 :])
    person, pronoun = rng.choice(
        [(name, "she") for name in half(WOMEN, split)] + [(name, "he") for name in half(MEN, split)]
    )
    thing, personal, material = (rng.choice(half(of, split)) for of in (THINGS, PERSONAL, MATERIAL))
    ways = ((pronoun, personal), ("it", material))
    return [
        _item(frame, person, thing, said, state)
        for frame, (said, state) in itertools.product((first, later), ways)
    ]


def _item(frame: str, person: str, thing: str, pronoun: str, state: str) -> Item:
    text = frame.format(person=person, thing=thing, pronoun=pronoun, state=state)
    options = tuple(sorted((place(text, person), place(text, thing))))
    meant = thing if pronoun == "it" else person
    endings = [f" {person}", f" the {thing}"]
    if pronoun == "it":
        endings.reverse()
    return Item(
        text,
        place(text, pronoun),
        options,
        options.index(place(text, meant)),
        prompt=f'{text} Here "{pronoun}" means',
        right=endings[0],
        wrong=endings[1],
        subject=0,
        frame=frame,
        words=frozenset((person, thing, state)),
    )
