"""A student's notebook, run behind walls: its cells from top to bottom, with calls in between.

Where student code ends its process, a new one is started and the cells are run again without the
one that did it; that may happen a few times only.
"""

import math
import time
from dataclasses import dataclass, field

from classroom.exercises.calls import Call, Made, Raised
from classroom.exercises.cells import Cell
from classroom.exercises.values import copied
from classroom.walls.isolation import Limits
from classroom.walls.sandbox import MachineTooSlow, Sandbox, SandboxEnded, StudentError

MAX_SHOWN = 20_000_000  # characters of pictures and texts in a report
SETUP_SECONDS = 600  # of processor time, for cells that are the instructor's
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
        cells: The student's code cells; None stands for one that is not run.
        limits: What all of it may use.
    """

    def __init__(self, setup: list[str], cells: list[Cell | None], limits: Limits):
        self.limits = limits
        self.until = time.monotonic() + limits.total_seconds * limits.patience
        self.used = 0.0  # seconds of processor time, of all processes but the last
        self.by_clock = False
        given = {source.strip() for source in setup}
        theirs = [cell and cell.source for cell in cells]
        self._setup = setup
        self._steps = [None if not one or one.strip() in given else one for one in theirs]
        self._ended: dict[str, SandboxEnded] = {}
        self._starts, self._room = 0, MAX_SHOWN
        self._done, self._goal = 0, 0
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

    def reach(self, count: int) -> None:
        """Have so many of the cells run, and no more where that can be.

        One more than there are means the notebook's end. There, cells that failed are tried again;
        and of those that fail still, for a library or a disk is missing here, the lines below are
        run.

        Raises:
            SessionOver: There is no time or no start left.
        """
        self._goal = count
        while self.sandbox is None or self._done < count:
            if self.sandbox is None:
                self._start()
            elif self._done < len(self._steps):
                if self._run(self._steps[self._done]):
                    self._done += 1
            elif all(map(self._run, self._failed())) and all(map(self._rest, self._failed())):
                self._done += 1

    def call(self, target, args, kwargs, handle):
        """Call a function of the notebook, after starting it where it is not running.

        Raises:
            StudentError: The function failed.
            SandboxEnded: It ended the process.
            SessionOver: There is no time or no start left.
        """
        self.reach(self._goal)
        try:
            return self.sandbox.call(target, args, kwargs, handle)
        except SandboxEnded as end:
            self._note_end(end)
            raise

    def _start(self):
        """Start a process, and run the setup in it."""
        left = self.limits.total_seconds - self.used
        clock = time.monotonic() > self.until
        if clock or left <= 0:
            self.by_clock = self.by_clock or clock
            raise SessionOver(f"it took more than {self.limits.total_seconds:g} seconds in all")
        if self._starts > self.limits.restarts:
            raise SessionOver(f"it ended its process {self._starts} times")
        self._starts += 1
        self._done = 0
        self.sandbox = Sandbox(self.limits, self.until, left)
        for source in self._setup:
            try:
                result = self.sandbox.run(source, SETUP_SECONDS)
            except SandboxEnded as end:
                self._note_end(end)
                if self._starts > 1:  # all time may be up
                    raise SessionOver(str(end)) from end
                raise MachineTooSlow(f"the notebook's first cell did not end here: {end}") from end
            self._keep(source, result)

    def _run(self, source):
        """Run a cell, unless it ended the process before; return whether it does not now."""
        if source is None or source in self._ended:
            return True
        try:
            result = self.sandbox.run(source)
        except SandboxEnded as end:
            self._stop(source, end)
            return False
        self._keep(source, result)
        return True

    def _rest(self, source):
        """Run what a failing cell did not come to; return whether the process is alive."""
        try:
            self.sandbox.run_rest(source)
        except SandboxEnded as end:
            self._stop(source, end)
            return False
        return True

    def _stop(self, source, end):
        """Leave a cell out from now on, for it ended the process."""
        printed = self.sandbox.output()
        self._note_end(end)
        if time.monotonic() < self.until and self.used < self.limits.total_seconds:
            self._ended[source] = end
        elif source in self.outcomes:  # it had run before, and all time is up
            return
        long = f"it took more than {self.limits.cell_seconds:g} seconds"
        said = long if end.kind in ("time", "clock") else str(end)
        failure = {"type": "Stopped", "said": said, "where": "", "trace": ""}
        self.outcomes[source] = Outcome(printed, [], failure)

    def _keep(self, source, result):
        shown = self._affordable(result["shown"])
        self.outcomes[source] = Outcome(self.sandbox.output(), shown, result["failure"])

    def _note_end(self, end):
        """Count what the process used, which is no more."""
        self.used += self.sandbox.spent
        self.by_clock = self.by_clock or end.kind == "clock"
        self.sandbox = None

    def _failed(self):
        """Return the cells that may do better after the others."""
        return [one for one in (*self._setup, *self._steps) if one and self._may_succeed(one)]

    def _affordable(self, shown):
        """Return what a cell showed, while there is room for it in a report."""
        self._room -= sum(len(str(one)) for one in shown)
        return shown if self._room > 0 else []

    def _may_succeed(self, source):
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
