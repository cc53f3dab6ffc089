r"""Next-sentence prediction: tell whether a second text follows the first one.

BERT's other task. RoBERTa left it out, and lost nothing.

References: :cite:t:`devlin2019`, section 3.1, task 2; :cite:t:`liu2019`.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import torch


class Pair(NamedTuple):
    """Two texts, and whether the second followed the first."""

    first: str
    second: str
    follows: bool


class Input(NamedTuple):
    """What BERT reads: the tokens of both texts, and the segment of each."""

    tokens: list[str]
    segments: list[int]


def sentence_pairs(documents: Sequence[Sequence[str]], *, generator: torch.Generator) -> list[Pair]:
    """Return a pair for each sentence that has a successor; in about half the pairs it is true.

    In the others the second sentence is drawn from another document.

    Args:
        documents: Texts, each a list of its sentences.
        generator: Where chance comes from.

    Raises:
        ValueError: There are fewer than two documents, or one is empty.

    Source: :cite:t:`devlin2019`, section 3.1, task 2.

    >>> pairs = sentence_pairs([["a", "b", "c"], ["d"]], generator=torch.Generator().manual_seed(0))
    >>> all(pair.second == ("b" if pair.first == "a" else "c") or pair.second == "d"
    ...     for pair in pairs)
    True
    """
    if len(documents) < 2 or not all(documents):
        raise ValueError("pass at least two documents, each with at least one sentence")
    pairs = []
    for index, document in enumerate(documents):
        others = [text for other, texts in enumerate(documents) if other != index for text in texts]
        for first, second in itertools.pairwise(document):
            follows = bool(torch.rand((), generator=generator) < 0.5)
            drawn = others[int(torch.randint(len(others), (), generator=generator))]
            pairs.append(Pair(first, second if follows else drawn, follows))
    return pairs


def join(first: Sequence[str], second: Sequence[str]) -> Input:
    """Put two texts into one input, as BERT does, and tell the segments apart.

    Args:
        first: The tokens of the first text.
        second: The tokens of the second.

    Raises:
        ValueError: One of them is empty.

    Source: :cite:t:`devlin2019`, figure 2.

    >>> join(["my", "dog"], ["he", "barks"]).tokens
    ['[CLS]', 'my', 'dog', '[SEP]', 'he', 'barks', '[SEP]']
    >>> join(["my", "dog"], ["he", "barks"]).segments
    [0, 0, 0, 0, 1, 1, 1]
    """
    if not first or not second:
        raise ValueError("a text is empty: pass at least one token for each")
    tokens = ["[CLS]", *first, "[SEP]", *second, "[SEP]"]
    return Input(tokens, [0] * (len(first) + 2) + [1] * (len(second) + 1))
