"""The sets of open English by name, and what simple rules reach on them."""

from collections.abc import Callable, Iterable

from lessons.models.open_english.attractors import draw_attractors
from lessons.models.open_english.capitals import draw_capitals
from lessons.models.open_english.gendered_names import draw_gendered_names
from lessons.models.open_english.homographs import homograph_sentences
from lessons.models.open_english.item import Item, draw_groups, half
from lessons.models.open_english.number_words import draw_number_words
from lessons.models.open_english.open_schemas import draw_open_schema
from lessons.models.open_english.repeated_lists import draw_repeated_list
from lessons.models.open_english.things_and_people import draw_things_and_people

DRAWS = {
    "gendered names": draw_gendered_names,
    "things and people": draw_things_and_people,
    "schemas": draw_open_schema,
    "agreement": draw_attractors,
    "repeated lists": draw_repeated_list,
    "capitals": draw_capitals,
    "number words": draw_number_words,
}
OPEN_ENGLISH = (*DRAWS, "homographs")


def english_items(name: str, *, split: str = "test", count: int = 300) -> list[Item]:
    """Return a set of plain English sentences whose truth is certain, always the same ones.

    Args:
        name: One of `OPEN_ENGLISH`.
        split: `test`, or `validation`, on which heads and thresholds are chosen: other words, in
            other frames.
        count: The least number of items, which come in balanced groups; of the homographs there
            are 336, and all are returned.

    Raises:
        ValueError: There is no such set or split, or it has not so many items.

    >>> item = english_items("agreement")[0]
    >>> item.prompt + item.right, item.wrong
    ('The book opposite the fountains is', ' are')
    """
    if name == "homographs":
        half((), split)  # refuses another split
        return list(homograph_sentences(split))
    if name not in DRAWS:
        raise ValueError(f"there is no set {name!r}: pass one of {', '.join(OPEN_ENGLISH)}")
    return draw_groups(DRAWS[name], name, split, count)


def _nearest(item: Item) -> int:
    before = [at for at, option in enumerate(item.options) if option[0] < item.asked[0]]
    return before[-1]


RULES: dict[str, Callable[[Item], int | None]] = {
    "first": lambda item: 0,
    "second": lambda item: 1,
    "nearest": _nearest,
    "subject": lambda item: item.subject,
}


def rule_rates(items: Iterable[Item]) -> dict[str, float]:
    """Return how often each simple rule finds the option that is meant.

    The rules: the first option, the second, the last before the word that is asked about, and the
    subject of the main clause. Where the verb is asked about, the subject is what is sought, and
    no rule. A set without options, such as the capitals, has no such rules.

    >>> rule_rates(english_items("gendered names"))
    {'first': 0.5, 'second': 0.5, 'nearest': 0.5, 'subject': 0.5}
    """
    items = [item for item in items if item.options]
    guesses = {name: [rule(item) for item in items] for name, rule in RULES.items()}
    return {
        name: sum(guess == item.truth for guess, item in zip(found, items, strict=True))
        / len(items)
        for name, found in guesses.items()
        if found and None not in found
    }
