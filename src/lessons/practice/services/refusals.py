"""Why a service refuses a call; each protocol says it in its own words."""

import math
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

STATUS = {"key": 401, "model": 404, "path": 404, "field": 400, "length": 400, "rate": 429}


class Refusal(Exception):  # noqa: N818  # the server makes no error: it says no
    """A call that a service refuses.

    Args:
        kind: Why: `key`, `model`, `path`, `field`, `length` or `rate`.
        message: A sentence that says what to do instead.
        field: Which field of the request it is about.
        retry_after: After how many seconds another try is welcome.
    """

    def __init__(
        self, kind: str, message: str, field: str | None = None, retry_after: int | None = None
    ):
        super().__init__(message)
        self.kind, self.message, self.field, self.retry_after = kind, message, field, retry_after
        self.status = STATUS[kind]


class Gate:
    """Lets so many calls pass in so many seconds, and says when the next one may.

    Args:
        calls: How many; None for no limit.
        seconds: In how many.
        clock: What time it is, in seconds.
    """

    def __init__(
        self,
        calls: int | None = None,
        seconds: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        if seconds <= 0 or (calls is not None and calls < 1):
            raise ValueError(f"calls={calls}, seconds={seconds}: pass at least 1, and some seconds")
        self.calls, self.seconds, self.clock = calls, seconds, clock
        self._passed: deque[float] = deque(maxlen=calls)
        self._lock = Lock()

    def pass_one(self) -> None:
        """Let a call pass.

        Raises:
            Refusal: There were too many; `retry_after` says when to come again.
        """
        if self.calls is None:
            return
        with self._lock:
            now = self.clock()
            if len(self._passed) == self.calls:
                left = self._passed[0] + self.seconds - now
                if left > 0:
                    wait = math.ceil(left)
                    message = f"too many calls: try again in {wait} s"
                    raise Refusal("rate", message, retry_after=wait)
            self._passed.append(now)
