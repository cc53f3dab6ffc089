"""Grade one submission: its code behind walls, its checks here, on values that crossed as data."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from functools import lru_cache

import jupytext
import torch

from classroom.calls import Raised, replay, result_difference
from classroom.executed import executed_notebook
from classroom.isolation import IsolationError, Limits, require_isolation
from classroom.release import student_version
from classroom.repair import (
    Cell,
    Submission,
    UnreadableSubmission,
    defines,
    drop_stubs,
    read_submission,
    written_answer,
)
from classroom.sandbox import SandboxEnded, StudentError
from classroom.session import Session, SessionOver, StudentFunction
from classroom.source import Check, Exercise, Source, load_source, read

__all__ = ["IsolationError", "Limits", "ReferenceFails", "grade", "grade_reference"]
__all__ += ["require_isolation"]

STUB = "NotImplementedError"
MAX_TOLD = 500


class ReferenceFails(ValueError):  # noqa: N818 - the name says more without "Error"
    """The instructor's own solution does not get full marks here; the sentence says where."""


@dataclass(frozen=True)
class _Prepared:
    """A source, and what a student was given of it."""

    source: Source
    released: list[Cell]
    setup: list[str]
    stubs: dict[str, str]
    tests: set[str]


def grade(
    source: str,
    submission: bytes,
    *,
    student: str,
    secret: str,
    limits: Limits | None = None,
    overlay: str = "",
) -> dict:
    """Grade a submission, and return a report that `json` can write.

    Args:
        source: The instructor's notebook (`solutions/<topic>.md`).
        submission: The bytes of the file that was handed in.
        student: The student's name; each has inputs of their own.
        secret: What the inputs are drawn with besides; whoever knows it can foresee them.
        limits: What the submission may use.
        overlay: A MyST notebook with more checks, which the public source has not.

    Raises:
        IsolationError: Student code cannot be isolated on this machine.
        ValueError: The source or the overlay cannot be used.
    """
    begun = time.monotonic()
    require_isolation()
    prepared = _prepare(source, overlay)
    key = secret.encode()
    graded_with = hmac.new(key, f"{source}\0{overlay}".encode(), hashlib.sha256).hexdigest()
    report = {
        "student": student,
        "digest": hashlib.sha256(submission).hexdigest(),
        "graded_with": graded_with,
    }
    try:
        handed_in = read_submission(submission)
    except UnreadableSubmission as error:
        exercises = {
            one.name: _nothing(one, str(error)) for one in prepared.source.exercises.values()
        }
        tasks = {
            one.name: {"answer": "", "max": one.points} for one in prepared.source.tasks.values()
        }
        told = {"problems": [str(error)], "notebook": executed_notebook([], {}.get)}
        report |= {"exercises": exercises, "tasks": tasks, **told}
    else:
        report |= _grade_cells(prepared, handed_in, student, secret, limits or Limits())
    return report | {"seconds": round(time.monotonic() - begun, 2)}


def grade_reference(source: str, *, limits: Limits | None = None, overlay: str = "") -> dict:
    """Grade the instructor's own solution like a submission, and return its report.

    Args:
        source: The instructor's notebook.
        limits: What it may use.
        overlay: More checks, as for :func:`grade`.

    Raises:
        ReferenceFails: It does not get full marks: the machine lacks something, or a check is wrong.
        IsolationError: Student code cannot be isolated on this machine.
    """
    submission = solved(source)
    report = grade(
        source, submission, student="", secret="reference", limits=limits, overlay=overlay
    )
    for name, result in report["exercises"].items():
        if result["points"] != result["max"]:
            raise ReferenceFails(
                f"nothing is graded, for the reference of {name} does not get full marks here: "
                f"{result['reason']}"
            )
    return report


def solved(source: str) -> bytes:
    """Return the submission of a student who knows the reference: a notebook's bytes."""
    given = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in read(source).cells}
    notebook = read(student_version(source))
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            cell.source = given[marks["grade_id"]].source
    return jupytext.writes(notebook, fmt="ipynb").encode()


@lru_cache(maxsize=8)
def _prepare(source: str, overlay: str) -> _Prepared:
    notebook = read(source)
    if overlay:
        notebook.cells += read(overlay).cells
        loaded = load_source(jupytext.writes(notebook, fmt="md:myst"))
    else:
        loaded = load_source(source)
    cells = read(student_version(source)).cells
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    released = [
        Cell(cell.cell_type, cell.source, mark.get("grade_id", ""))
        for cell, mark in zip(cells, marks, strict=True)
    ]
    setup = [
        cell.source
        for cell, mark in zip(released, marks, strict=True)
        if cell.kind == "code" and mark.get("locked") and not mark["grade"]
    ]
    named = {cell.name: cell.source for cell in released}
    stubs = {one.function: named[_cell_of(one.name)] for one in loaded.exercises.values()}
    tests = {
        cell.source.strip() for cell, mark in zip(released, marks, strict=True) if _is_test(mark)
    }
    return _Prepared(loaded, released, setup, stubs, tests)


def _is_test(mark):
    return mark.get("grade") and not mark["solution"]


def _cell_of(name):
    return name.replace(".", "-")


def _grade_cells(prepared, submission: Submission, student, secret, limits):
    """Return a report's exercises, tasks, problems and notebook."""
    problems = submission.problems
    # Calls of `check` tell a learner what the checks here tell anyway, and hang where a function does.
    code = [cell for cell in submission.code if cell.source.strip() not in prepared.tests]
    code = drop_stubs(code, prepared.stubs, problems)
    exercises = {}
    with Session(prepared.setup, code, limits) as session:
        for name, exercise in prepared.source.exercises.items():
            seed = [secret, student, name]
            exercises[name] = _grade_exercise(session, exercise, seed, code)
        for number, cell in enumerate(submission.cells, 1):
            failure = session.outcome(cell).failure
            if failure and failure["type"] == "Stopped":
                problems.append(f"Cell {number} was left out: {failure['said']}.")
        notebook = executed_notebook(submission.cells, session.outcome)
    tasks = {
        task.name: {
            "answer": written_answer(submission, prepared.released, _cell_of(task.name)),
            "max": task.points,
        }
        for task in prepared.source.tasks.values()
    }
    return {"exercises": exercises, "tasks": tasks, "problems": problems, "notebook": notebook}


def _grade_exercise(session, exercise: Exercise, seed, code):
    """Return an exercise's points, with the reason for each that is lost."""
    passed, failed = [], []
    for check in exercise.checks.values():
        try:
            fault = _run_twice(session, exercise, check, [*seed, check.name])
        except (SandboxEnded, SessionOver) as end:
            return _nothing(exercise, _stopped(exercise, end, session.limits))
        except StudentError as error:  # there is no such function
            return _nothing(exercise, _missing(exercise, error, session, code))
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
    return {"misconception": _misconception(exercise, check, log), "detail": detail[:2000]}


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


def _nothing(exercise, reason):
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


def _stopped(exercise, end, limits):
    if isinstance(end, SessionOver):
        return f"The notebook was stopped before this exercise was graded: {end}."
    if end.kind == "time":
        return f"`{exercise.function}` was stopped: a call took more than {limits.call_seconds:g} seconds."
    return f"`{exercise.function}` was stopped: {end}."


def _missing(exercise, error, session, code):
    """Return why there is no function, after looking for the cell that should have defined it."""
    reason = f"The notebook defines no `{exercise.function}`"
    for cell in code:
        failure = session.outcome(cell).failure
        if failure and defines(cell, exercise.function):
            where = f" ({failure['where']})" if failure["where"] else ""
            said = failure["said"][:MAX_TOLD]
            return f"{reason}: its cell does not run: {failure['type']}: {said}{where}."
    return f"{reason}: write it under that name, in a cell of code."
