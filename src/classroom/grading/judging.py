"""Judge exercises: run their checks on a student's functions, and say why points are lost."""

import hashlib
import json
import re
from collections.abc import Collection

import torch

from classroom.exercises.calls import replay, result_difference
from classroom.exercises.cells import Cell
from classroom.exercises.source import Check, Exercise
from classroom.grading.repair import defines
from classroom.walls.isolation import Limits
from classroom.walls.sandbox import SandboxEnded, StudentError
from classroom.walls.session import Session, SessionOver, StudentFunction

STUB = "NotImplementedError"
MAX_TOLD = 500
MAX_DETAIL = 2_000


def judge(
    session: Session,
    exercises: Collection[Exercise],
    seed: list[str],
    code: list[Cell],
) -> dict[str, dict]:
    """Return each exercise's points, with the reason for each that is lost.

    What passed from top to bottom counts: an exercise is judged in the state that the notebook had
    where it was checked, the first time and the last, and where points are lost, at the end too.

    Args:
        session: The student's notebook.
        exercises: What is to be judged.
        seed: Texts from which, and from the names, each check's inputs are drawn.
        code: The student's code cells, with those that are checks and are not run.
    """
    results: dict[str, dict] = {}
    settled = set()
    turns = [(moment, one) for one in exercises for moment in moments(code, one)]
    for moment, exercise in sorted(turns, key=lambda turn: turn[0]):
        name = exercise.name
        if name in settled:
            continue
        try:
            session.reach(moment)
            result = _grade(session, exercise, [*seed, name])
        except (SandboxEnded, SessionOver) as end:
            settled.add(name)
            result = no_points(exercise, _stopped(exercise, end, session.limits))
        except StudentError:  # there is no such function
            result = no_points(exercise, _missing(exercise, session, code)) | {"missing": True}
        best = results.get(name)
        if best is None or best.get("missing") or result["points"] > best["points"]:
            results[name] = result
        if result["points"] == exercise.points:
            settled.add(name)
    for result in results.values():
        result.pop("missing", None)
    return {one.name: results[one.name] for one in exercises}


def moments(code: list[Cell], exercise: Exercise) -> list[int]:
    """Return after how many code cells an exercise is judged, the notebook's end included.

    >>> cells = [Cell("code", text) for text in ("f = 1", "check('a.1', f)", "f = 2", "g = 3")]
    >>> moments(cells, Exercise("a.1", "f", 1, "easy", 1, None))
    [2, 5]
    """
    call = re.compile(rf"\bcheck\(\s*(name *= *)?['\"]{re.escape(exercise.name)}['\"]")
    checked = [number for number, cell in enumerate(code, 1) if call.search(cell.source)]
    defined = [number for number, cell in enumerate(code, 1) if defines(cell, exercise.function)]
    there = checked[:1] + checked[-1:] if checked else defined[-1:]
    return sorted({*there, len(code) + 1})


def _grade(session, exercise, seed):
    """Return an exercise's points in the state in which the notebook is."""
    passed, failed = [], []
    for check in exercise.checks.values():
        fault = _run_twice(session, exercise, check, [*seed, check.name])
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
    if end.kind in ("time", "clock"):
        seconds = f"{limits.call_seconds:g} seconds"
        if end.kind == "clock":
            seconds = f"{limits.call_seconds * limits.patience:g} seconds by the clock"
        return f"`{exercise.function}` was stopped: a call took more than {seconds}."
    return f"`{exercise.function}` was stopped: {end}."


def _missing(exercise, session, code):
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
