"""Judge one exercise: run its checks on a student's function, and say why points are lost."""

import hashlib
import json

import torch

from classroom.exercises.calls import replay, result_difference
from classroom.exercises.source import Check, Exercise
from classroom.grading.repair import Cell, defines
from classroom.walls.isolation import Limits
from classroom.walls.sandbox import SandboxEnded, StudentError
from classroom.walls.session import Session, SessionOver, StudentFunction

STUB = "NotImplementedError"
MAX_TOLD = 500
MAX_DETAIL = 2_000


def grade_exercise(session: Session, exercise: Exercise, seed: list[str], code: list[Cell]) -> dict:
    """Return an exercise's points, with the reason for each that is lost.

    Args:
        session: The student's notebook.
        exercise: What is to be judged.
        seed: Texts from which, and from its name, each check's inputs are drawn.
        code: The student's code cells, among which the one to blame may be.
    """
    passed, failed = [], []
    for check in exercise.checks.values():
        try:
            fault = _run_twice(session, exercise, check, [*seed, check.name])
        except (SandboxEnded, SessionOver) as end:
            return no_points(exercise, _stopped(exercise, end, session.limits))
        except StudentError as error:  # there is no such function
            return no_points(exercise, _missing(exercise, error, session, code))
        if fault is None:
            passed.append(check.name)
        else:
            failed.append({"check": check.name, "sentence": check.sentence, **fault})
    points = round(exercise.points * len(passed) / len(exercise.checks), 2)
    reason = _reason(exercise, failed) if failed else None
    told = {"passed": passed, "failed": failed, "reason": reason}
    return {"points": points, "max": exercise.points, **told}


def _run_twice(session, exercise, check: Check, seed):
    """Return None where a check passes twice, and else what is wrong."""
    fault = _run_once(session, exercise, check, seed)
    if fault is None and _run_once(session, exercise, check, seed) is not None:
        detail = (
            "it passed once, but not again: the function gives other results for the same input"
        )
        return {"misconception": None, "detail": detail}
    return fault


def _run_once(session, exercise, check, seed):
    log, ends = [], []
    answer = _Watched(session, exercise.function, log, ends)
    text = json.dumps(seed).encode()
    number = int.from_bytes(hashlib.sha256(text).digest()[:7])
    detail = None
    try:
        check.run(answer, torch.Generator().manual_seed(number))
    except StudentError as error:
        detail = f"{error}" + (f" ({error.where})" if error.where else "")
    except AssertionError as error:
        detail = str(error)
    except Exception as error:  # the check could not go on with what came back
        detail = f"what it returned could not be compared ({type(error).__name__}: {error})"
    if ends:  # also where the check has caught it
        raise ends[0]
    if detail is None:
        return None
    detail = detail[:MAX_DETAIL].encode("utf8", "replace").decode()
    return {"misconception": _misconception(exercise, check, log), "detail": detail}


class _Watched(StudentFunction):
    """Notes what ends an exercise, so that no check can overlook it."""

    def __init__(self, session, target, log, ends):
        super().__init__(session, target, log)
        self._session = self
        self._calls, self._ends = session, ends

    def call(self, *arguments):
        try:
            return self._calls.call(*arguments)
        except (SandboxEnded, SessionOver) as end:
            self._ends.append(end)
            raise
        except StudentError as error:
            if error.kind == "missing":
                self._ends.append(error)
            raise


def _misconception(exercise, check, log):
    """Return what a typical wrong answer's giver is told, where all results equal that answer's."""
    calls = [call for call, _ in log]
    first = [wrong for wrong in exercise.wrong.values() if wrong.fails == check.name]
    others = [wrong for wrong in exercise.wrong.values() if wrong.fails != check.name]
    for wrong in [*first, *others]:
        theirs = replay(calls, wrong.function.original)
        pairs = zip((result for _, result in log), theirs, strict=True)
        if calls and not any(_differ(*pair) for pair in pairs):
            return wrong.sentence
    return None


def _differ(actual, theirs):
    try:
        return bool(result_difference(actual, theirs))
    except Exception:  # what a student returned may be comparable with nothing
        return True


def no_points(exercise: Exercise, reason: str) -> dict:
    """Return an exercise's result where no check could be run."""
    failed = [
        {"check": check.name, "sentence": check.sentence, "misconception": None, "detail": ""}
        for check in exercise.checks.values()
    ]
    return {
        "points": 0.0,
        "max": exercise.points,
        "passed": [],
        "failed": failed,
        "reason": reason,
    }


def _reason(exercise, failed):
    """Return why points are lost, in a sentence or two."""
    details = [one["detail"] for one in failed]
    if all(detail.startswith(STUB) for detail in details):
        return f"`{exercise.function}` is not written yet: it still raises NotImplementedError."
    first = failed[0]
    told = first["misconception"] or first["detail"][:MAX_TOLD]
    return (
        f"{len(failed)} of {len(exercise.checks)} checks fail. The first: {first['sentence']}"
        + (f" Seen: {told}" if told else "")
    )


def _stopped(exercise, end, limits: Limits):
    if isinstance(end, SessionOver):
        return f"The notebook was stopped before this exercise was graded: {end}."
    if end.kind == "time":
        seconds = f"{limits.call_seconds:g} seconds"
        return f"`{exercise.function}` was stopped: a call took more than {seconds}."
    return f"`{exercise.function}` was stopped: {end}."


def _missing(exercise, error, session, code):
    """Return why there is no function, after looking for the cell that should have defined it."""
    reason = f"The notebook defines no `{exercise.function}`"
    for cell in code:
        failure = session.outcome(cell).failure
        if failure and defines(cell, exercise.function):
            where = f" ({failure['where']})" if failure["where"] else ""
            said = failure["said"][:MAX_TOLD]
            if failure["type"] == "Stopped":
                return f"{reason}: its cell was stopped: {said}. Give it a cell of its own."
            return f"{reason}: its cell does not run: {failure['type']}: {said}{where}."
    return f"{reason}: write it under that name, in a cell of code."
