"""An item of open English: a sentence, the word that is asked about, and what is true of it.

The sets are written for this book in the style of two kinds of test: minimal pairs, in which one
word decides, and schemas, in which one word decides what a pronoun means.

References: :cite:t:`levesque2012`; :cite:t:`warstadt2020`.
"""

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, final

Span = tuple[int, int]
Drawn = TypeVar("Drawn")
SPLITS = ("validation", "test")
PATIENCE = 10_000  # groups that bring nothing new, in a row


@final
@dataclass(frozen=True)
class Item:
    """A sentence with its truth; places are spans of characters, for every tokenizer cuts anew.

    `asked` is the word that is asked about, `options` the words among which the answer is, in their
    order, and `truth` says which of them it is; without options, which of two senses. A decoder
    reads `prompt`, and must find `right` likelier than `wrong`. `words` and `frame` are what other
    splits may not have.

    >>> item = Item("The keys to the door are old.", (21, 24), ((4, 8), (16, 20)), 0,
    ...             prompt="The keys to the door", right=" are", wrong=" is")
    >>> item.asked_word, item.option_words
    ('are', ['keys', 'door'])
    """

    text: str
    asked: Span
    options: tuple[Span, ...]
    truth: int
    prompt: str = ""
    right: str = ""
    wrong: str = ""
    subject: int | None = None  # which option is the main clause's subject
    frame: str = ""
    words: frozenset[str] = frozenset()

    @property
    def asked_word(self) -> str:
        """The word that is asked about."""
        return self.text[slice(*self.asked)]

    @property
    def option_words(self) -> list[str]:
        """The words among which the answer is."""
        return [self.text[slice(*option)] for option in self.options]


def half(things: Sequence[Drawn], split: str) -> list[Drawn]:
    """Return a split's half of a list: validation has the first, third and so on, test the others.

    >>> half(["a", "b", "c"], "validation"), half(["a", "b", "c"], "test")
    (['a', 'c'], ['b'])
    """
    if split not in SPLITS:
        raise ValueError(f"there is no split {split!r}: pass one of {', '.join(SPLITS)}")
    return list(things[SPLITS.index(split) :: len(SPLITS)])


def place(text: str, word: str, *, last: bool = False) -> Span:
    """Return where a word stands in a text: its first place, or its last.

    Raises:
        ValueError: The word is not there.

    >>> place("the cat and the hat", "the", last=True)
    (12, 15)
    """
    found = list(re.finditer(rf"\b{re.escape(word)}\b", text))
    if not found:
        raise ValueError(f"{word!r} is no word of {text!r}")
    return found[-1 if last else 0].span()


def completion(
    prompt: str, asked: str, words: tuple[str, str], *, frame: str, own: frozenset[str]
) -> Item:
    """Return a prompt that a decoder completes, with the right word and a wrong one.

    Args:
        prompt: A text without its last word.
        asked: The word of it that decides.
        words: The right last word and the wrong one.
        frame: The template.
        own: What other splits may not have.

    >>> own = frozenset(["Italy"])
    >>> completion("Italy's capital is", "Italy", ("Rome", "Oslo"), frame="", own=own).text
    "Italy's capital is Rome."
    """
    right, wrong = words
    text = f"{prompt} {right}."
    return Item(
        text,
        place(text, asked),
        (),
        0,
        prompt=prompt,
        right=f" {right}",
        wrong=f" {wrong}",
        frame=frame,
        words=own,
    )


def capitalized(text: str) -> str:
    """Return a text with a capital at its beginning.

    >>> capitalized("near the door")
    'Near the door'
    """
    return text[0].upper() + text[1:]


def draw_groups(
    draw: Callable[[random.Random, str], Iterable[Item]], name: str, split: str, count: int
) -> list[Item]:
    """Draw balanced groups of items until there are `count` different ones or a few more.

    Args:
        draw: Draws a group from a split: sentences that differ in what decides, or the same
            sentence with its words exchanged. Balance is its work.
        name: Decides the draws, with the split.
        split: `validation` or `test`.
        count: The least number of items.

    Raises:
        ValueError: The templates do not give so many different items.
    """
    rng = random.Random(f"{name}/{split}")
    items: list[Item] = []
    texts: set[str] = set()
    in_vain = 0
    while len(items) < count and in_vain < PATIENCE:
        group = list(draw(rng, split))
        if texts.isdisjoint(one.text for one in group):
            items += group
            texts.update(one.text for one in group)
            in_vain = 0
        in_vain += 1
    if len(items) < count:
        raise ValueError(f"{name} has hardly more than {len(items)} items: ask for fewer")
    return items
