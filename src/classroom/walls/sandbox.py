"""One process for one submission: start it, ask it, and end it, whatever it does.

A watcher ends it when its time is over or its processes hold too much memory. Its time is that of
the processors, over all its processes; by the clock it has more. Reading and writing end then too,
for nobody is left who could hold the other ends. What comes back is a value, an error's words, or
the reason why nothing came. Student code can forge a value, which is no more than returning it.
"""

import math
import os
import select
import selectors
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from classroom.walls import isolation, wire
from classroom.walls.isolation import IsolationError, Limits
from classroom.walls.probe import require_isolation
from classroom.walls.share import Share, seconds_of, tree

START_SECONDS = 120
CUT = "\n[more was printed, which is not kept]\n"
SIGNALS = {9: "it was killed", 11: "it crashed (segmentation fault)", 24: "it used up its CPU time"}


class StudentError(Exception):
    """A cell or a function failed in its own way; `kind` and `where` tell how and in which line."""

    def __init__(self, kind: str, sentence: str, where: str = ""):
        super().__init__(sentence)
        self.kind, self.where = kind, where


# So that a check can expect an error of a student's function.
RAISED = {
    base.__name__: type(base.__name__, (StudentError, base), {})
    for base in (IndexError, KeyError, NotImplementedError, TypeError, ValueError)
}


class SandboxEnded(Exception):  # noqa: N818 - it is the student's error, not the program's
    """The process is no more; the sentence says why.

    `kind` is time, clock, memory, died or nonsense; "clock" may be the machine's fault.
    """

    def __init__(self, kind: str, sentence: str):
        super().__init__(sentence)
        self.kind = kind


class MachineTooSlow(RuntimeError):  # noqa: N818 - the name says more without "Error"
    """What is no student's doing did not come to an end, so no student can be judged by it."""

    by_clock = True


class Sandbox:
    """A process behind walls that runs cells and calls functions.

    Args:
        limits: What it may use.
        until: When it must end at the latest, by the clock `time.monotonic`.
        seconds: The processor time that it has in all.

    Raises:
        IsolationError: There can be no walls here.
    """

    def __init__(self, limits: Limits, until: float = math.inf, seconds: float = math.inf):
        require_isolation()
        self.limits, self.until, self.seconds = limits, math.inf, math.inf
        self.deadline, self.verdict = self.until, None
        self.used = self._began_with = 0.0  # seconds of processor time
        self._asked = (0, math.inf)  # the request, and the processor time that it may take
        self._number, self._output, self._kept = 0, bytearray(), 0
        self._first = None
        self._start()
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        try:
            self._ask({"do": "start"}, START_SECONDS, None)
        except SandboxEnded as end:
            raise IsolationError(f"the sandbox does not start: {end}") from end
        # The kernel lets the first process inside end only when all others there are gone.
        self._first = os.pidfd_open(list(tree(self._process.pid))[1])
        # From here on, for the start is the machine's affair.
        self.until = self.deadline = until
        self._began_with = seconds_of(self._process.pid)
        self.seconds = seconds + self._began_with

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, source: str, seconds: float | None = None) -> dict:
        """Run a cell; return what it showed and how it failed.

        Args:
            source: The cell.
            seconds: The processor time that it may take, if not that of the limits.

        Raises:
            SandboxEnded: The cell ended the process, or had to be ended.
        """
        if len(source) > wire.MAX_TEXT:
            said = f"a cell has more than {wire.MAX_TEXT:,} characters"
            return {"failure": _failure({"type": "ValueError", "said": said}), "shown": []}
        seconds = self.limits.cell_seconds if seconds is None else seconds
        answer = self._ask({"do": "run", "source": source}, seconds, None)
        failure, shown = answer.get("failure"), answer.get("shown")
        if answer["kind"] != "ran" or type(shown) is not list:
            return {"failure": _failure(answer), "shown": []}
        return {"failure": None if failure is None else _failure(failure), "shown": shown}

    def run_rest(self, source: str) -> None:
        """Run what stands below the line at which a cell failed.

        Raises:
            SandboxEnded: The cell ended the process, or had to be ended.
        """
        self._ask({"do": "rest", "source": source}, self.limits.cell_seconds, None)

    def call(self, target: str | int, args: tuple, kwargs: dict, handle) -> object:
        """Call a function by its name in the notebook, or by the number of its handle.

        Raises:
            StudentError: It is missing, raised an error, or returned what cannot be graded.
            SandboxEnded: It ended the process, or had to be ended.
        """
        request = {"do": "call", "target": target, "args": args, "kwargs": kwargs}
        answer = self._ask(request, self.limits.call_seconds, handle)
        if answer["kind"] == "value":
            return answer.get("value")
        if answer["kind"] == "missing":
            raise StudentError("missing", f"the notebook defines no {target}")
        failure = _failure(answer)
        if answer["kind"] == "unfit":
            raise StudentError("unfit", failure["said"])
        error = RAISED.get(failure["type"], StudentError)
        raise error("raised", f"{failure['type']}: {failure['said']}", failure["where"])

    def read(self, text: str, form: str) -> list:
        """Return the cells of a text in one of jupytext's formats, as lists of whatever came.

        Raises:
            SandboxEnded: Reading ended the process, or had to be ended.
            StudentError: It cannot be read.
        """
        answer = self._ask(
            {"do": "read", "text": text, "form": form}, self.limits.cell_seconds, None
        )
        if answer["kind"] != "read" or type(answer.get("cells")) is not list:
            raise StudentError("unreadable", _failure(answer)["said"])
        return answer["cells"]

    @property
    def spent(self) -> float:
        """The seconds of processor time that it has used since it was started."""
        return max(0.0, self.used - self._began_with)

    def output(self) -> str:
        """Return what was printed since the last time."""
        text = self._output.decode("utf8", "replace")
        self._output.clear()
        return text

    def close(self) -> None:
        """End the process and all that it started; a second time, do nothing."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # it still holds what nobody will read
            self._requests.close()
        if self._first is not None:
            select.select([self._first], [], [], 5)
            os.close(self._first)
        self._keep_printed()
        self._selector.close()
        self._answers.close()
        self._printed.close()
        self._watcher.join()
        self._share.close()

    def _start(self):
        reading, self._requests = _pipe("wb")
        self._answers, writing = _pipe("rb")
        self._printed, printing = _pipe("rb")
        arguments = ["-m", "classroom.walls.runner", str(reading), str(writing)]
        self._share = Share()
        streams = {"keep": (reading, writing), "stdout": printing, "stderr": printing}
        try:
            self._process = isolation.start(
                arguments, self.limits, prefix=self._share.prefix, **streams
            )
        except BaseException:
            self._share.close()
            raise
        finally:
            for descriptor in (reading, writing, printing):
                os.close(descriptor)
        self._selector = selectors.DefaultSelector()
        for file in (self._answers, self._printed):
            os.set_blocking(file.fileno(), False)
            self._selector.register(file, selectors.EVENT_READ)

    def _ask(self, request, seconds, handle):
        """Send a request, and return its answer: a dictionary with a kind and this number."""
        self._number += 1
        message = wire.encode(request | {"id": self._number})
        self._asked = (self._number, seconds)
        self.deadline = min(self.until, time.monotonic() + seconds * self.limits.patience)
        try:
            self._requests.write(message)
            self._requests.flush()
            data = self._receive()
            answer = wire.decode(data, handle)
        except (BrokenPipeError, EOFError):
            raise self._ended() from None
        except wire.WireError as error:
            raise self._nonsense() from error
        finally:
            self._asked, self.deadline = (self._number, math.inf), self.until
        kind = answer.get("kind") if type(answer) is dict else None
        if type(kind) is not str or answer.get("id") != self._number:
            raise self._nonsense()
        return answer

    def _receive(self):
        """Return the next message's bytes, and keep what is printed meanwhile."""
        data, wanted = bytearray(), wire.PREFIX.size
        while len(data) < wanted:
            for key, _ in self._selector.select():
                if key.fileobj is self._printed:
                    self._keep_printed()
                elif not (part := self._answers.read(wanted - len(data))):
                    raise EOFError
                else:
                    data += part
            if len(data) == wanted == wire.PREFIX.size:
                wanted += sum(wire.sizes(bytes(data)))
        self._keep_printed()
        return bytes(data)

    def _keep_printed(self):
        """Take what has been printed by now, at most one megabyte, and keep it up to the limit."""
        for _ in range(16):
            part = self._printed.read(1 << 16)
            if part is None:
                return
            if not part:
                if self._printed in self._selector.get_map():
                    self._selector.unregister(self._printed)
                return
            space = self.limits.output - self._kept
            self._kept += len(part)
            if space > 0:
                self._output += part[:space]
                if len(part) > space:
                    self._output += CUT.encode()

    def _ended(self):
        """Return why the process is no more, after making sure of it."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = None
        self.close()
        if self.verdict is not None:
            return self.verdict
        if code is None:
            return SandboxEnded("nonsense", "it closed the grader's own connection")
        told = SIGNALS.get(code - 128, f"it ended Python (exit code {code})")
        said = self.output().strip()[-300:]
        return SandboxEnded("died", f"{told}" + (f", after printing: {said}" if said else ""))

    def _nonsense(self):
        self.close()
        return SandboxEnded("nonsense", "it wrote to the grader's own connection")

    def _watch(self):
        """End the process when its time is over or its memory too large."""
        seen, begun = None, 0.0
        while not self._closed.wait(0.05):
            asked = self._asked
            self.used = max(self.used, seconds_of(self._process.pid))
            if asked != seen:  # what it took before was another request's
                seen, begun = asked, self.used
            self.verdict = self._broken_bound(self.used - begun > asked[1])
            if self.verdict is not None:
                self._process.kill()
                return

    def _broken_bound(self, long):
        """Return why the process must end, or None; `long` says whether the request took long."""
        if long or self.used > self.seconds:
            return SandboxEnded("time", "it did not come to an end in time")
        if time.monotonic() > self.deadline:
            return SandboxEnded("clock", "it did not come to an end in time, by the clock")
        if _too_large(self._process.pid, self.limits.memory):
            limit = f"{self.limits.memory / 2**30:.1f} GB"
            return SandboxEnded("memory", f"it used more than {limit} of memory")
        return None


def memory_of(pid: int, file: str = "status", names: tuple = ("RssAnon", "RssShmem")) -> int:
    """Return the bytes of memory that a process and all its descendants hold for themselves.

    The file `status` is quick to read, but counts a page that two processes share twice.
    """
    total = 0
    for one in tree(pid):
        with suppress(OSError):  # it has just ended
            lines = Path(f"/proc/{one}/{file}").read_text().splitlines()
            total += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(names))
    return total


def _too_large(pid, limit):
    if memory_of(pid) <= limit:
        return False
    return memory_of(pid, "smaps_rollup", ("Pss_Anon", "Pss_Shmem")) > limit


def _failure(answer):
    """Return a failure's texts as texts, whatever came."""
    return {name: _text(answer, name) for name in ("type", "said", "where", "trace")}


def _text(answer, name):
    value = answer.get(name) if type(answer) is dict else None
    text = value if type(value) is str else ""
    return text[:10_000].encode("utf8", "replace").decode()


def _pipe(mode):
    """Return a pipe whose end for the grader is a file."""
    reading, writing = os.pipe()
    if mode == "rb":
        return open(reading, "rb", buffering=0), writing
    return reading, open(writing, "wb")
