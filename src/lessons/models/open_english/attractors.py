"""A verb that agrees with its subject, past nouns of the other number: before it, after it, both.

References: :cite:t:`linzen2016`; :cite:t:`warstadt2020`.
"""

import random

from lessons.models.open_english.item import Item, capitalized, half, place

NOUNS = (
    "key", "lamp", "letter", "chair", "picture", "bottle", "flower", "book", "clock", "ticket",
    "basket", "blanket", "garden", "bridge", "poster", "camera", "coat", "spoon", "candle", "map",
)  # fmt: skip
PLACES = (
    "door", "table", "window", "cabinet", "wall", "house", "school", "station", "shop", "tree",
    "church", "tower", "car", "bed", "river", "road", "hotel", "barn", "gate", "fountain",
)  # fmt: skip
PREPOSITIONS = ("near", "beside", "behind", "next to", "in front of", "close to", "by", "opposite")
MAKERS = ("teacher", "painter", "neighbor", "student", "doctor", "farmer", "tourist", "singer")
DEEDS = ("found", "wanted", "bought", "lost", "described", "noticed", "mentioned", "forgot")
COPULAS = (("is", "are"), ("was", "were"))
STATES = ("old", "new", "famous", "small", "green", "beautiful", "expensive", "dusty")
# {s} is the subject; {a} and {b} have the other number. Of ten items in a group, four begin with
# the subject, in two it stands behind one noun, in two behind two, in two between two.
FRAMES = (
    *(("the {s} {p} the {a}",) * 2),
    *(("the {s} that the {m} {d}",) * 2),
    *(("{p} the {a}, the {s}",) * 2),
    *(("{p} the {a} {q} the {b}, the {s}",) * 2),
    *(("{p} the {a}, the {s} {q} the {b}",) * 2),
)


def plural(noun: str) -> str:
    """Return a noun's plural.

    >>> [plural(noun) for noun in ("key", "church", "bus")]
    ['keys', 'churches', 'buses']
    """
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")


def draw_attractors(rng: random.Random, split: str) -> list[Item]:
    """Draw ten items, a singular and a plural subject in each frame.

    >>> print(draw_attractors(random.Random(0), "test")[4].text)
    Close to the beds, the chair is new.
    """
    return [_item(frame, bool(at % 2), rng, split) for at, frame in enumerate(FRAMES)]


def _item(frame: str, many: bool, rng: random.Random, split: str) -> Item:
    def in_number(noun: str, plurals: bool) -> str:
        return plural(noun) if plurals else noun

    subject = rng.choice(half(NOUNS, split))
    first, second = rng.sample(half(PLACES, split), 2)
    maker = rng.choice(half(MAKERS, split))
    one, other = rng.sample(half(PREPOSITIONS, split), 2)
    deed, state, copula = (rng.choice(half(DEEDS, split)), rng.choice(half(STATES, split)),
                           rng.choice(COPULAS))  # fmt: skip
    prompt = capitalized(
        frame.format(
            s=in_number(subject, many), a=in_number(first, not many), b=in_number(second, not many),
            m=in_number(maker, not many), p=one, q=other, d=deed,
        )
    )  # fmt: skip
    text = f"{prompt} {copula[many]} {state}."
    told = in_number(subject, many)
    others = [in_number(noun, not many) for noun in (first, second, maker)]
    options = sorted(place(text, noun) for noun in (told, *others) if f" {noun}" in prompt)
    return Item(
        text,
        place(text, copula[many]),
        tuple(options),
        options.index(place(text, told)),
        prompt=prompt,
        right=f" {copula[many]}",
        wrong=f" {copula[not many]}",
        frame=frame.format(p=one, q=other, d=deed, s="{}", a="{}", b="{}", m="{}"),
        words=frozenset((subject, first, second, maker)),
    )
