r"""Links that lie in the text alone, and rules that guess links from positions alone.

What follows here needs no grammar: the previous token, and what followed a word the last time.
Other links come with the corpus; see :mod:`lessons.models.grammar.annotation`. A head that is no
better than a rule has not been shown to know anything.
"""

from collections.abc import Callable, Sequence

from lessons.foundations.intervals import Proportion
from lessons.models.judging.links import Links


def previous_token_links(tokens: int) -> list[tuple[int, int]]:
    """Link each token to the one before it.

    >>> previous_token_links(4)
    [(1, 0), (2, 1), (3, 2)]
    """
    return [(query, query - 1) for query in range(1, tokens)]


def induction_links(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Link each repeated token to the one that followed it the last time.

    A head that looks there can copy: "… A B … A" → B.

    Source: :cite:t:`olsson2022`.

    >>> induction_links([7, 8, 9, 7, 8])
    [(3, 1), (4, 2)]
    """
    links: list[tuple[int, int]] = []
    last: dict[int, int] = {}
    for query, token in enumerate(ids):
        if token in last:
            links.append((query, last[token] + 1))
        last[token] = query
    return links


def nearest_before(query: int, candidates: Sequence[int]) -> int | None:
    """Guess the nearest candidate before the query: "a pronoun means the last noun".

    >>> nearest_before(6, [1, 4, 8])
    4
    """
    return max((key for key in candidates if key < query), default=None)


def first_of(query: int, candidates: Sequence[int]) -> int | None:
    """Guess the first candidate: "a sentence is about its first noun".

    >>> first_of(6, [4, 1])
    1
    """
    return min(candidates, default=None)


def baseline(
    rule: Callable[[int, Sequence[int]], int | None],
    links: Sequence[Links],
    candidates: Sequence[Sequence[int]],
) -> Proportion:
    """Count how often a rule that looks at positions alone finds the linked key.

    Args:
        rule: From a query and its candidates to a guess, for instance :func:`nearest_before`.
        links: For each text, the true links.
        candidates: For each text, the positions that come into question, such as its nouns.

    Raises:
        ValueError: There is no link at all.

    >>> baseline(nearest_before, [[(6, 4)], [(5, 1)]], [[1, 4], [1, 3]]).rate
    0.5
    """
    hits = trials = 0
    for pairs, places in zip(links, candidates, strict=True):
        hits += sum(rule(query, places) == key for query, key in pairs)
        trials += len(pairs)
    if not trials:
        raise ValueError("there is no link to score: pass texts that have some")
    return Proportion(hits, trials)
