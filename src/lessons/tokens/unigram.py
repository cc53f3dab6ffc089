r"""Unigram: of all ways to cut a word, take the most probable.

Each token has a probability of its own, and a segmentation is as probable as the product of its
tokens. There are :math:`2^{n-1}` ways to cut a word of :math:`n` characters, and yet the best is
found in about :math:`n^2` steps, for the best way to cut a beginning does not depend on the rest.
"""

import math
from collections.abc import Mapping


def segmentations(word: str, log_probabilities: Mapping[str, float]) -> dict[tuple, float]:
    """Return every way to cut a word into known tokens, with its log-probability.

    Args:
        word: What is cut; short, for the ways double with each character.
        log_probabilities: The known tokens, in nats.

    >>> segmentations("ab", {"a": -1.0, "b": -2.0, "ab": -2.5})
    {('a', 'b'): -3.0, ('ab',): -2.5}
    """
    if not word:
        return {(): 0.0}
    found = {}
    for end in range(1, len(word) + 1):
        if (token := word[:end]) in log_probabilities:
            for rest, value in segmentations(word[end:], log_probabilities).items():
                found[token, *rest] = log_probabilities[token] + value
    return found


def best_segmentation(word: str, log_probabilities: Mapping[str, float]) -> tuple[list[str], float]:
    r"""Return the most probable way to cut a word, and its log-probability (Viterbi).

    .. math::
        \operatorname{best}(0) = 0, \qquad
        \operatorname{best}(j) = \max_{i < j} \;
        \operatorname{best}(i) + \log p(\text{word}_{i:j})

    Args:
        word: What is cut.
        log_probabilities: The known tokens, in nats.

    Raises:
        ValueError: The known tokens cannot make up the word.

    Source: :cite:t:`kudo2018`, section 3.2.

    >>> best_segmentation("ab", {"a": -1.0, "b": -2.0, "ab": -2.5})
    (['ab'], -2.5)
    """
    best = [0.0] + [-math.inf] * len(word)  # of each beginning of the word
    cut = [0] * (len(word) + 1)  # where its last token starts
    for end in range(1, len(word) + 1):
        for start in range(end):
            value = best[start] + log_probabilities.get(word[start:end], -math.inf)
            if value > best[end]:
                best[end], cut[end] = value, start
    if best[-1] == -math.inf:
        raise ValueError(f"{word!r} cannot be cut into known tokens: add its characters to them")
    tokens, end = [], len(word)
    while end:
        tokens.append(word[cut[end] : end])
        end = cut[end]
    return tokens[::-1], best[-1]
