"""A baseline for search that knows words but no meanings."""

import re


def word_overlap(first: str, second: str) -> float:
    r"""Return the share of common words among all words of two texts (Jaccard).

    .. math:: \frac{|A \cap B|}{|A \cup B|}

    Case and punctuation do not count.

    Raises:
        ValueError: Neither text has a word.

    >>> word_overlap("The cat sat.", "the dog sat")
    0.5
    """
    words = [set(re.findall(r"\w+", text.lower())) for text in (first, second)]
    if not any(words):
        raise ValueError("neither text has a word: pass a text with words")
    return len(words[0] & words[1]) / len(words[0] | words[1])
