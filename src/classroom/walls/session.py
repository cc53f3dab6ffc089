"""A student's notebook, run behind walls: its cells once, then calls of what they define.

Where student code ends its process, a new one is started and the cells are run again without the
one that did it; that may happen a few times only.
"""

import math
import time
from dataclasses import dataclass, field

from classroom.exercises.calls import Call, Made, Raised
from classroom.exercises.values import copied
from classroom.grading.repair import Cell
from classroom.walls.isolation import Limits
from classroom.walls.sandbox import Sandbox, SandboxEnded, StudentError

MAX_SHOWN = 20_000_000  # characters of pictures and texts in a report
MAX_LOGGED = 20  # calls of one check, which are compared with typical wrong answers


class SessionOver(Exception):  # noqa: N818 - it is no error of the program
    """The notebook used up its time or its new starts; the sentence says which."""


@dataclass
class Outcome:
    """What a cell did: what it printed, what it showed, and how it failed."""

    printed: str = ""
    shown: list = field(default_factory=list)
    failure: dict | None = None


class Session:
    """A notebook behind walls.

    Args:
        setup: Cells that are run before the student's, whatever became of them in the notebook.
        cells: The student's code cells.
        limits: What all of it may use.
    """

    def __init__(self, setup: list[str], cells: list[Cell], limits: Limits):
        self.limits = limits
        self.until = time.monotonic() + limits.total_seconds
        given = {source.strip() for source in setup}
        self._steps = [*setup, *(cell.source for cell in cells if cell.source.strip() not in given)]
        self._ended: dict[str, SandboxEnded] = {}
        self._starts, self._room = 0, MAX_SHOWN
        self.outcomes: dict[str, Outcome] = {}
        self.sandbox: Sandbox | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.sandbox is not None:
            self.sandbox.close()

    def outcome(self, cell: Cell) -> Outcome:
        """Return what a cell did."""
        return self.outcomes.get(cell.source, self.outcomes.get(cell.source.strip(), Outcome()))

    def call(self, target, args, kwargs, handle):
        """Call a function of the notebook, after starting it where it is not running.

        Raises:
            StudentError: The function failed.
            SandboxEnded: It ended the process.
            SessionOver: There is no time or no start left.
        """
        self.ready()
        try:
            return self.sandbox.call(target, args, kwargs, handle)
        except SandboxEnded:
            self.sandbox = None
            raise

    def ready(self) -> None:
        """Start the notebook and run its cells, unless it is running.

        Raises:
            SessionOver: There is no time or no start left.
        """
        while self.sandbox is None:
            if time.monotonic() > self.until:
                raise SessionOver(f"it took more than {self.limits.total_seconds:g} seconds in all")
            if self._starts > self.limits.restarts:
                raise SessionOver(f"it ended its process {self._starts} times")
            self._starts += 1
            self.sandbox = Sandbox(self.limits, self.until)
            if self._run_all(self._steps):
                failed = [one for one in self._steps if self._may_succeed_later(one)]
                self._run_all(failed)

    def _run_all(self, steps):
        """Run cells but for those that ended the process before; return whether none does now."""
        for source in steps:
            if source in self._ended:
                continue
            try:
                result = self.sandbox.run(source)
            except SandboxEnded as end:
                printed = self.sandbox.output()
                self.sandbox = None
                if time.monotonic() < self.until:
                    self._ended[source] = end
                elif source in self.outcomes:  # it had run before, and all time is up
                    return False
                long = f"it took more than {self.limits.cell_seconds:g} seconds"
                said = long if end.kind == "time" else str(end)
                failure = {"type": "Stopped", "said": said, "where": "", "trace": ""}
                self.outcomes[source] = Outcome(printed, [], failure)
                return False
            self.outcomes[source] = Outcome(
                self.sandbox.output(), self._affordable(result["shown"]), result["failure"]
            )
        return True

    def _affordable(self, shown):
        """Return what a cell showed, while there is room for it in a report."""
        self._room -= sum(len(str(one)) for one in shown)
        return shown if self._room > 0 else []

    def _may_succeed_later(self, source):
        failure = self.outcomes[source].failure
        return failure is not None and failure["type"] not in ("SyntaxError", "Stopped")


class StudentFunction:
    """A function in a session, which checks call as if it were here.

    Args:
        session: Where it lives.
        target: Its name in the notebook, or its handle's number.
        log: Where each call is noted with its result.
    """

    def __init__(self, session: Session, target: str | int, log: list, of=None, parameters=None):
        self._session, self._target, self._log = session, target, log
        self._of, self._parameters = of, parameters

    def __call__(self, *args, **kwargs):
        call = Call(self._of, copied(args), copied(kwargs))
        try:
            result = self._session.call(self._target, args, kwargs, self._made)
        except StudentError as error:
            self._note(call, Raised(str(error).split("\n")[0].removesuffix(": ")))
            raise
        self._note(call, result.made() if isinstance(result, StudentFunction) else result)
        return result

    @property
    def parameters(self) -> dict:
        """What a module learns, by name."""
        if self._parameters is None:
            raise StudentError("unfit", "it is a function where a module is expected")
        return dict(self._parameters)

    def _note(self, call, result):
        if len(self._log) < MAX_LOGGED:
            self._log.append((call, result))

    def made(self) -> Made:
        """Return what is compared of a function or module."""
        learned = sum(math.prod(one.shape) for one in (self._parameters or {}).values())
        return Made(learned, self)

    def _made(self, number, parameters):
        return StudentFunction(self._session, number, self._log, len(self._log), parameters)
