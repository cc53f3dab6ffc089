r"""ROUGE: how many words, pairs of words, or words in order a summary shares with a reference.

Reference: :cite:t:`lin2004`; the package rouge-score is the tests' oracle.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple


class Rouge(NamedTuple):
    """Of the summary, how much is in the reference; of this, how much is in the summary; F1."""

    precision: float
    recall: float
    f1: float


def rouge_words(text: str) -> list[str]:
    """Return the words that ROUGE compares: lowercase runs of letters and digits.

    >>> rouge_words("It isn't 2-D.")
    ['it', 'isn', 't', '2', 'd']
    """
    return re.findall(r"[a-z0-9]+", text.lower())


def drop_words(text: str, dropped: Collection[str]) -> str:
    """Return the words of a text that ROUGE compares, without some of them.

    Args:
        text: A text.
        dropped: Words that are not to count.

    >>> drop_words("The cat sat on the mat.", {"the", "on"})
    'cat sat mat'
    """
    return " ".join(word for word in rouge_words(text) if word not in dropped)


def _scores(shared: int, summary: int, reference: int) -> Rouge:
    precision = shared / summary if summary else 0.0
    recall = shared / reference if reference else 0.0
    both = precision + recall
    return Rouge(precision, recall, 2 * precision * recall / both if both else 0.0)


def rouge_n(summary: str, reference: str, *, n: int = 1) -> Rouge:
    r"""Compare runs of `n` words; one counts at most as often as the reference has it.

    .. math:: \text{shared} = \sum_g \min(\text{count}_\text{summary}(g),
        \text{count}_\text{reference}(g))

    Args:
        summary: What is judged.
        reference: What a person wrote.
        n: The words in a run.

    Raises:
        ValueError: `n` is below one.

    Source: :cite:t:`lin2004`, section 2.

    >>> rouge_n("the the cat", "the cat sat down")
    Rouge(precision=0.6666666666666666, recall=0.5, f1=0.5714285714285715)
    """
    if n < 1:
        raise ValueError(f"runs of {n} words: pass at least 1")
    ours, theirs = (_runs(rouge_words(text), n) for text in (summary, reference))
    return _scores((ours & theirs).total(), ours.total(), theirs.total())


def _runs(words: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + n]) for at in range(len(words) - n + 1))


def rouge_l(summary: str, reference: str) -> Rouge:
    """Compare by the longest common subsequence: words in the same order, gaps allowed.

    Args:
        summary: What is judged.
        reference: What a person wrote.

    Source: :cite:t:`lin2004`, section 3.

    >>> rouge_l("the cat sat", "the old cat then sat down").recall
    0.5
    """
    ours, theirs = rouge_words(summary), rouge_words(reference)
    return _scores(_longest_common(ours, theirs), len(ours), len(theirs))


def _longest_common(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, row by row of the usual table."""
    row = [0] * (len(theirs) + 1)
    for word in ours:
        above, left = 0, 0
        for place, other in enumerate(theirs, start=1):
            old = row[place]
            row[place] = left = above + 1 if word == other else max(old, left)
            above = old
    return row[-1]
