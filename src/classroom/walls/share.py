"""A sandbox's share of the processors: one, however many processes it starts.

So a submission that starts many cannot take another's time. A sandbox keeps to one processor, which
no other sandbox has while there are enough, and stands behind the grader's own processes there. It
needs no rights and no control groups, and the filter of system calls forbids to leave it.
"""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
NICE = "5"
NAME = "classroom-processor"  # among abstract sockets, which all graders of a machine see


class Share:
    """One processor, taken until it is closed; one taken by others too, where none is free."""

    def __init__(self):
        processors = sorted(os.sched_getaffinity(0))
        random.shuffle(processors)  # so that many graders do not crowd on the first
        self._taken = None
        for self.processor in processors:
            if self._take():
                break

    @property
    def prefix(self) -> list[str]:
        """The words before a command that keep it to this share."""
        return ["nice", "-n", NICE, "taskset", "--cpu-list", str(self.processor)]

    def close(self) -> None:
        """Give the processor back."""
        if self._taken is not None:
            self._taken.close()

    def _take(self):
        """Return whether the processor was free: its name among sockets tells all graders here."""
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0{NAME}-{self.processor}")
        except OSError:
            name.close()
            return False
        self._taken = name
        return True


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all its descendants."""
    pids = [pid]
    for one in pids:  # grows while it is walked
        with suppress(OSError):  # it has just ended
            for thread in Path(f"/proc/{one}/task").iterdir():
                pids += map(int, (thread / "children").read_text().split())
        yield one


def seconds_of(pid: int) -> float:
    """Return the processor time of a process's tree, with that of its children that ended."""
    ticks = 0
    for one in tree(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # its own, user and system, and its children's
    return ticks / TICKS
