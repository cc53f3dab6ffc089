"""A list of unrelated words that begins again: what comes next stands behind the earlier word.

Reference: :cite:t:`olsson2022`.
"""

import random
import re

from lessons.models.open_english.item import Item, half

WORDS = """
river candle engine monkey window butter doctor island pencil winter rocket garden mirror soldier
ticket forest bottle camera desert letter market needle orange palace rabbit saddle tunnel uncle
valley wagon yellow zebra basket carpet dragon eagle finger guitar hammer iron jacket kitchen
ladder marble nephew ocean pepper queen ribbon silver temple umbrella violin whistle cotton bridge
blanket copper dinner summer
""".split()
SHORTEST, LONGEST = 5, 10


def draw_repeated_list(rng: random.Random, split: str) -> list[Item]:
    """Draw a list of each length, broken off at some word of its second round.

    Lengths differ, so that no fixed distance leads back to the earlier word.

    >>> item = draw_repeated_list(random.Random(0), "test")[0]
    >>> item.text + item.right
    'bridge saddle silver copper uncle bridge saddle'
    """
    return [_item(rng, split, length) for length in range(SHORTEST, LONGEST + 1)]


def _item(rng: random.Random, split: str, length: int) -> Item:
    words = rng.sample(half(WORDS, split), length)
    again = rng.randrange(1, length)  # so many words are said twice
    text = " ".join(words + words[:again])
    spans = [found.span() for found in re.finditer(r"\w+", text)]
    return Item(
        text,
        spans[-1],
        tuple(spans[:length]),
        again,
        prompt=text,
        right=f" {words[again]}",
        wrong=f" {rng.choice([word for word in words if word != words[again]])}",
        words=frozenset(words),
    )
