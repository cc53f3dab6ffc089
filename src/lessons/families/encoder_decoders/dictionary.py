"""A dictionary, counted in translations whose alignment is known: the simple rule beside attention.

It knows words and no sentence: for each word that is written, it looks for the source word that
such a word rendered most often.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Example(NamedTuple):
    """A translation: its source, its target, and the links (target, source) of their places."""

    source: Sequence[str]
    target: Sequence[str]
    links: Sequence[tuple[int, int]]


def renderings(examples: Iterable[Example]) -> dict[str, Counter[str]]:
    """Count, for each word that was written, which source words it rendered.

    Raises:
        ValueError: A link leads outside its example.

    >>> renderings([Example(["red", "cars"], ["voitures", "rouges"], [(0, 1), (1, 0)])])["rouges"]
    Counter({'red': 1})
    """
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for source, target, links in examples:
        for written, read in links:
            if not (0 <= written < len(target) and 0 <= read < len(source)):
                raise ValueError(
                    f"link ({written}, {read}) leads outside {len(target)} target and "
                    f"{len(source)} source words: count both from 0"
                )
            counted[target[written]][source[read]] += 1
    return dict(counted)


def look_up(
    counted: Mapping[str, Mapping[str, int]], source: Sequence[str], target: Sequence[str]
) -> list[int | None]:
    """Return, for each word that is written, the place of the source word that it renders.

    Of the source's words, the one that was rendered most often; where that stands several times,
    the nearest place. None where none of them was ever rendered so.

    Args:
        counted: What `renderings` returned.
        source: The words that are read.
        target: The words that are written.

    >>> counted = {"le": {"the": 2}, "chat": {"cat": 1}}
    >>> look_up(counted, ["the", "cat", "sees", "the", "dog"], ["le", "chat", "voit", "le"])
    [0, 1, None, 3]
    """
    found = []
    for place, word in enumerate(target):
        known = counted.get(word, {})
        places = [at for at, read in enumerate(source) if known.get(read, 0)]
        best = min(places, key=lambda at: (-known[source[at]], abs(at - place)), default=None)
        found.append(best)
    return found
