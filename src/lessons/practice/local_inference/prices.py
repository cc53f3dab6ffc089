"""What many calls cost, from some that were counted."""

from collections.abc import Collection
from typing import NamedTuple

from lessons.practice.local_inference.own_pages import Answered


class Priced(NamedTuple):
    """Many calls: their tokens, a core's hours on this machine, and a service's price."""

    read: float
    written: float
    hours: float
    cost: float


def priced(
    answers: Collection[Answered], *, calls: int, read_price: float, written_price: float
) -> Priced:
    r"""Count what many calls cost if they are, in the mean, as those that were made.

    .. math:: \text{cost} = \frac{p_r n_r + p_w n_w}{10^6}

    Args:
        answers: Some that were made.
        calls: How many there are to be.
        read_price: Of a million tokens that are read.
        written_price: Of a million that are written.

    Raises:
        ValueError: There is no answer to go by.

    >>> some = [Answered("Yes.", [], 1.0, 200, 50, 3.6)]
    >>> priced(some, calls=1000, read_price=1.0, written_price=4.0)
    Priced(read=200000.0, written=50000.0, hours=1.0, cost=0.4)
    """
    if not answers:
        raise ValueError("there is no answer to go by: pass some that were counted")
    read, written, seconds = (
        sum(getattr(one, what) for one in answers) * calls / len(answers)
        for what in ("read", "written", "seconds")
    )
    cost = (read_price * read + written_price * written) / 1e6
    return Priced(read, written, seconds / 3600, cost)
