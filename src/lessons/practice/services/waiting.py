"""When to try again: waits that grow, and that differ from caller to caller."""

import random
from collections.abc import Sequence


def backoff(attempt: int, share: float, *, base: float = 1.0, cap: float = 32.0) -> float:
    r"""Return how many seconds to wait after a refused attempt.

    .. math:: w_k = u \min(c,\, b \cdot 2^k)

    Args:
        attempt: How many attempts were refused before this one.
        share: Of the growing wait, from 0 to 1; drawn by chance, it is called jitter.
        base: The whole wait after the first attempt, in seconds.
        cap: The longest wait, in seconds.

    Raises:
        ValueError: A number is below zero, or the share above one.

    >>> [backoff(attempt, 1.0) for attempt in range(7)]
    [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 32.0]
    """
    if attempt < 0 or not 0 <= share <= 1 or base < 0 or cap < 0:
        raise ValueError(
            f"attempt={attempt}, share={share}, base={base}, cap={cap}: pass numbers from 0, "
            "and a share of at most 1"
        )
    return share * min(cap, base * 2**attempt)


def rush(
    clients: int, served: int, shares: Sequence[float], *, seed: int, over: int = 1
) -> list[int]:
    """Let many callers ask, and return how many ask in each second, until all are served.

    Args:
        clients: How many ask.
        served: How many calls a second are served; the others are refused, and back off.
        shares: Of the growing wait; a refused caller draws one of them, each as likely.
        seed: Decides the draws.
        over: In how many seconds the callers begin, about as many in each; 1 for all at once.

    Raises:
        ValueError: There is no caller, no second, none is served, or there is no share.

    >>> rush(3, 1, [1.0], seed=0)
    [3, 2, 0, 1]
    """
    if clients < 1 or served < 1 or over < 1 or not shares:
        raise ValueError(
            f"clients={clients}, served={served}, over={over}, {len(shares)} shares: pass at least "
            "1 of each"
        )
    draw = random.Random(seed)
    waiting: dict[int, list[int]] = {}  # by the second: the refused attempts of each who asks then
    for at in range(clients):
        waiting.setdefault(at * over // clients, []).append(0)
    asked: list[int] = []
    while waiting:
        now = len(asked)
        callers = waiting.pop(now, [])
        asked.append(len(callers))
        draw.shuffle(callers)
        for refused in callers[served:]:
            later = now + max(1, round(backoff(refused, draw.choice(shares))))
            waiting.setdefault(later, []).append(refused + 1)
    return asked
