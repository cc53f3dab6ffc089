r"""WordPiece's training: merge the pair that makes the corpus most probable.

The corpus is taken as a row of tokens that know nothing of each other, each as probable as it is
frequent. Its log-probability is then :math:`\sum_t n_t \ln (n_t / N)`, with :math:`n_t` the times
that token :math:`t` occurs and :math:`N` the number of all. A merge changes three of the counts.

References: :cite:t:`schuster2012`; :cite:t:`wu2016`.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[str, str]
Words = Mapping[tuple[str, ...], int]


class PairScore(NamedTuple):
    """What speaks for merging a pair, in three ways."""

    frequency: int  # how often it occurs: byte-pair encoding
    ratio: float  # that, over the product of how often its parts occur
    gain: float  # what the corpus's log-probability gains, in nats


def marked(word: str, prefix: str = "##") -> tuple[str, ...]:
    """Cut a word into characters; all but the first carry the mark of what continues a word.

    >>> marked("cat")
    ('c', '##a', '##t')
    """
    return (*word[:1], *(prefix + character for character in word[1:]))


def pair_scores(words: Words) -> dict[Pair, PairScore]:
    """Return the three scores of each pair of neighbors.

    Args:
        words: From a word, cut into tokens, to how often it occurs.

    Source: the gain is that of :cite:t:`schuster2012`.

    >>> pair_scores({("a", "##b"): 2, ("a",): 2})["a", "##b"].ratio
    0.25
    """
    singles: Counter[str] = Counter()
    pairs: Counter[Pair] = Counter()
    for tokens, times in words.items():
        for token in tokens:
            singles[token] += times
        for pair in pairwise(tokens):
            pairs[pair] += times
    size = singles.total()
    return {
        pair: PairScore(
            count, count / (singles[pair[0]] * singles[pair[1]]), _gain(pair, count, singles, size)
        )
        for pair, count in pairs.items()
    }


def _gain(pair: Pair, count: int, singles: Mapping[str, int], size: int) -> float:
    """Return what the log-probability gains; in a pair of equals each merge takes two of them."""
    taken = Counter(pair)
    before = {token: singles[token] for token in taken}
    after = [before[token] - count * taken[token] for token in taken]
    whole = _weight(size) - _weight(size - count)
    return whole + _weight(count) + sum(map(_weight, after)) - sum(map(_weight, before.values()))


def _weight(count: int) -> float:
    return count * math.log(count) if count > 0 else 0.0


def merge_marked(tokens: tuple[str, ...], pair: Pair, prefix: str = "##") -> tuple[str, ...]:
    """Join each occurrence of a pair in a word; the second part loses its mark.

    >>> merge_marked(("c", "##a", "##t"), ("##a", "##t"))
    ('c', '##at')
    """
    joined, place = [], 0
    while place < len(tokens):
        if tokens[place : place + 2] == pair:
            joined.append(pair[0] + pair[1].removeprefix(prefix))
            place += 2
        else:
            joined.append(tokens[place])
            place += 1
    return tuple(joined)


def train_wordpiece(
    words: Mapping[str, int], *, merges: int, by: Callable[[PairScore], float]
) -> list[Pair]:
    """Merge, again and again, the pair with the highest score; return the pairs in order.

    Of pairs with equal scores the one that comes first in the corpus is merged.

    Args:
        words: From a word to how often it occurs.
        merges: How many pairs to merge; fewer come out when none is left.
        by: Which of the scores decides.

    >>> train_wordpiece({"cat": 2, "at": 1, "ox": 1}, merges=1, by=lambda score: score.frequency)
    [('c', '##a')]
    """
    cut = {marked(word): times for word, times in words.items()}
    chosen: list[Pair] = []
    while len(chosen) < merges and (scores := pair_scores(cut)):
        best = max(scores, key=lambda pair: by(scores[pair]))
        chosen.append(best)
        cut = {merge_marked(tokens, best): times for tokens, times in cut.items()}
    return chosen
