"""A woman, a man and a pronoun: the gender decides who is meant, the order says nothing."""

import itertools
import random

from lessons.models.open_english.item import Item, half, place

WOMEN = (
    "Anna", "Maria", "Laura", "Emma", "Sarah", "Julia", "Alice", "Helen", "Susan", "Lisa", "Emily",
    "Jane", "Mary", "Rachel", "Linda", "Karen",
)  # fmt: skip
MEN = (
    "Tom", "Peter", "David", "Paul", "John", "Mark", "James", "Daniel", "George", "Henry", "Simon",
    "Robert", "Frank", "Jack", "Michael", "Ben",
)  # fmt: skip
DEEDS = (
    "thanked", "called", "visited", "met", "followed", "helped", "avoided", "joined", "invited",
    "greeted", "missed", "hugged", "warned", "interrupted",
)  # fmt: skip
STATES = (
    "was leaving town", "had lost a bet", "needed some advice", "was new in the office",
    "had good news", "was in a hurry", "wanted to talk", "had to move out", "was feeling ill",
    "had found a job", "was in a bad mood", "knew the way home",
)  # fmt: skip
# A name's place is given by its number; the first one of each frame is the subject.
FRAMES = (
    "{0} {deed} {1} because {pronoun} {state}.",
    "{0} {deed} {1} when {pronoun} {state}.",
    "{0} {deed} {1} on Monday, since {pronoun} {state}.",
    "{0} {deed} {1} at the station, for {pronoun} {state}.",
    "After the party {0} {deed} {1}, although {pronoun} {state}.",
    "Last week {0} {deed} {1}, and then it turned out that {pronoun} {state}.",
    "At the office {0} {deed} {1}, but nobody knew that {pronoun} {state}.",
    "Before lunch {0} {deed} {1}, even though {pronoun} {state}.",
)


def draw_gendered_names(rng: random.Random, split: str) -> list[Item]:
    """Draw four items: both orders of two names, with either pronoun.

    >>> for item in draw_gendered_names(random.Random(1), "test")[:2]:
    ...     print(item.text)
    Lisa greeted Paul at the station, for she had lost a bet.
    Lisa greeted Paul at the station, for he had lost a bet.
    """
    frame, deed, state = (rng.choice(half(of, split)) for of in (FRAMES, DEEDS, STATES))
    woman, man = rng.choice(half(WOMEN, split)), rng.choice(half(MEN, split))
    orders = [(woman, man), (man, woman)]
    rng.shuffle(orders)
    return [
        _item(frame, deed, state, names, pronoun, woman if pronoun == "she" else man)
        for names, pronoun in itertools.product(orders, ("she", "he"))
    ]


def _item(
    frame: str, deed: str, state: str, names: tuple[str, str], pronoun: str, meant: str
) -> Item:
    text = frame.format(*names, deed=deed, pronoun=pronoun, state=state)
    other = names[1 - names.index(meant)]
    return Item(
        text,
        place(text, pronoun),
        (place(text, names[0]), place(text, names[1])),
        names.index(meant),
        prompt=f"{text} {'Her' if pronoun == 'she' else 'His'} name is",
        right=f" {meant}",
        wrong=f" {other}",
        subject=0,
        frame=frame,
        words=frozenset((*names, deed, state)),
    )
