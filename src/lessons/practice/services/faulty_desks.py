"""Desks with a fault each, to see what clients do about it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from lessons.practice.services.desk import CutOff, Desk, Writing


class SlowDesk(Desk):
    """Answers as a desk does, half a second later."""

    def answer(self, messages: Sequence[Mapping[str, str]], **options) -> Writing:
        """Wait, and begin."""
        time.sleep(0.5)
        return super().answer(messages, **options)


class BreakingDesk(Desk):
    """Begins to answer, and breaks off after three pieces."""

    def _pieces(
        self, ids: list[int], most: int, stop: tuple[str, ...]
    ) -> Iterator[tuple[str, int, str | None]]:
        for at, piece in enumerate(super()._pieces(ids, most, stop)):
            if at == 3:
                raise ConnectionError("this desk breaks off here")
            yield piece


class QuietDesk(Desk):
    """Begins to answer, and ends after three pieces as if there were no more to come."""

    def _pieces(
        self, ids: list[int], most: int, stop: tuple[str, ...]
    ) -> Iterator[tuple[str, int, str | None]]:
        yield from islice(super()._pieces(ids, most, stop), 3)
        raise CutOff


class FailingDesk(Desk):
    """Answers nobody: each call ends in a fault of the server."""

    def answer(self, messages: Sequence[Mapping[str, str]], **options) -> Writing:
        """Raise what no protocol catches, which makes a status of 500."""
        raise RuntimeError("this desk fails")
