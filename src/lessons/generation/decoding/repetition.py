"""Repetition: how much of a text was said before in it.

Reference: :cite:t:`holtzman2020`, section 5, who count how decoded texts repeat themselves.
"""

from collections.abc import Sequence


def said_before(tokens: Sequence[int], *, n: int = 3) -> float:
    """Return which share of a text's runs of `n` tokens stood in it before.

    Args:
        tokens: The text, at least one run long.
        n: How many tokens a run has.

    Raises:
        ValueError: The text is shorter than a run, or a run has no token.

    >>> said_before([5, 6, 7, 5, 6, 7, 5, 6, 7])  # of seven runs four
    0.5714285714285714
    >>> said_before([1, 2, 3, 4])
    0.0
    """
    if n < 1 or len(tokens) < n:
        raise ValueError(f"{len(tokens)} tokens have no run of {n}: pass at least one run")
    runs = [tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)]
    return 1 - len(set(runs)) / len(runs)
