r"""Unigram's training: far too many tokens, whose probabilities EM estimates, then fewer and fewer.

The E step asks how often each token is expected, if each word is cut in every way, each cut
counting by its probability. Two sums make this cheap: the probability of each beginning of the
word, and that of each rest. A token between two places then counts
:math:`\text{beginning} \cdot p \cdot \text{rest} / \text{whole}`.

Reference: :cite:t:`kudo2018`, section 3.2.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping

Table = Mapping[str, float]


def expected_counts(word: str, table: Table) -> tuple[dict[str, float], float]:
    """Return how often each token is expected in a word, and the word's log-probability (E).

    Args:
        word: What is cut.
        table: The log-probability of each known token, in nats.

    Raises:
        ValueError: The known tokens cannot make up the word.

    >>> half = math.log(0.5)
    >>> expected_counts("ab", {"a": half, "b": half, "ab": math.log(0.25)})[0]
    {'a': 0.5, 'ab': 0.5, 'b': 0.5}
    """
    size = len(word)
    parts = [
        (start, end, math.exp(table[word[start:end]]))
        for start in range(size)
        for end in range(start + 1, size + 1)
        if word[start:end] in table
    ]
    beginning, rest = [1.0] + [0.0] * size, [0.0] * size + [1.0]
    for start, end, p in parts:  # sorted by where they start
        beginning[end] += beginning[start] * p
    for start, end, p in reversed(parts):
        rest[start] += p * rest[end]
    if not beginning[size]:
        raise ValueError(f"{word!r} cannot be cut into known tokens: add its characters to them")
    counts: defaultdict[str, float] = defaultdict(float)
    for start, end, p in parts:
        counts[word[start:end]] += beginning[start] * p * rest[end] / beginning[size]
    return dict(counts), math.log(beginning[size])


def em_round(words: Mapping[str, int], table: Table) -> tuple[dict[str, float], float]:
    """Estimate the probabilities anew; return them, and the corpus's log-probability before.

    Args:
        words: From a word to how often it occurs.
        table: The log-probabilities so far.

    >>> table, before = em_round({"ab": 1}, {"a": math.log(0.5), "b": math.log(0.5)})
    >>> math.exp(table["a"])
    0.5
    """
    total: defaultdict[str, float] = defaultdict(float)
    value = 0.0
    for word, times in words.items():
        counts, log_probability = expected_counts(word, table)
        value += times * log_probability
        for token, expected in counts.items():
            total[token] += times * expected
    whole = math.log(sum(total.values()))
    return {token: math.log(n) - whole for token, n in total.items() if n > 1e-12}, value


def costs_of_dropping(words: Mapping[str, int], table: Table) -> dict[str, float]:
    """Return for each token of several characters what the corpus loses without it, in nats.

    >>> table = {"a": math.log(0.4), "b": math.log(0.4), "ab": math.log(0.2)}
    >>> round(costs_of_dropping({"ab": 1}, table)["ab"], 2)
    0.81
    """
    costs = {}
    for token in table:
        if len(token) > 1:
            less = {other: value for other, value in table.items() if other != token}
            costs[token] = sum(
                times * (expected_counts(word, table)[1] - expected_counts(word, less)[1])
                for word, times in words.items()
                if token in word
            )
    return costs


def train_unigram(
    words: Mapping[str, int], *, size: int, longest: int = 6, rounds: int = 2, keep: float = 0.75
) -> dict[str, float]:
    """Begin with all pieces of the words, estimate, and drop what is missed least, in turn.

    Args:
        words: From a word to how often it occurs.
        size: How many tokens are left in the end; no character is dropped.
        longest: The characters of the longest piece to begin with.
        rounds: How often the probabilities are estimated before tokens are dropped.
        keep: Which share of the tokens stays each time.

    Raises:
        ValueError: There are more characters than tokens to be left.

    Source: :cite:t:`kudo2018`, section 3.2.

    >>> sorted(train_unigram({"cat": 5, "cats": 3, "bats": 2}, size=6))
    ['a', 'b', 'c', 'cat', 's', 't']
    """
    characters = {character for word in words for character in word}
    if size < len(characters):
        raise ValueError(f"{size} tokens for {len(characters)} characters: pass a larger size")
    pieces: Counter[str] = Counter()
    for word, times in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + longest) + 1):
                pieces[word[start:end]] += times
    whole = math.log(pieces.total())
    table = {piece: math.log(n) - whole for piece, n in pieces.items()}
    while True:
        for _ in range(rounds):
            # A character whose count fades stays known, if only just.
            table = dict.fromkeys(characters, -25.0) | em_round(words, table)[0]
        if len(table) <= size:
            return table
        costs = costs_of_dropping(words, table)
        count = max(size, int(keep * len(table))) - len(characters)
        best = sorted(costs, key=lambda token: -costs[token])[:count]
        table = {token: table[token] for token in (*characters, *best)}
