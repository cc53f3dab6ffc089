"""Grade one submission: its code behind walls, its checks here, on values that crossed as data."""

import hashlib
import hmac
import time
from contextlib import suppress

from classroom.exercises.cells import cell_of
from classroom.grading.executed import executed_notebook
from classroom.grading.judging import judge, no_points
from classroom.grading.prepared import Prepared, prepare, solved
from classroom.grading.repair import (
    Submission,
    UnreadableSubmission,
    as_released,
    drop_stubs,
    read_submission,
)
from classroom.grading.written import written_answer
from classroom.walls.isolation import Limits
from classroom.walls.probe import require_isolation
from classroom.walls.session import Session, SessionOver

__all__ = ["ReferenceFails", "grade", "grade_reference"]


class ReferenceFails(ValueError):  # noqa: N818 - the name says more without "Error"
    """The instructor's own solution does not get full marks here; the sentence says where."""


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

    Of the report's parts, `by_clock` says whether something was stopped by the clock, which may be
    the machine's fault: then grade it again where nothing else is at work.

    Raises:
        IsolationError: Student code cannot be isolated on this machine.
        MachineTooSlow: The source's own first cell does not come to an end, or a text is not read.
        ValueError: The source or the overlay cannot be used.
    """
    begun = time.monotonic()
    require_isolation()
    prepared = prepare(source, overlay)
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
            one.name: no_points(one, str(error)) for one in prepared.source.exercises.values()
        }
        tasks = {
            one.name: {"answer": "", "pictures": [], "max": one.points}
            for one in prepared.source.tasks.values()
        }
        told = {"problems": [str(error)], "notebook": executed_notebook([], {}.get)}
        told["by_clock"] = False
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
        ReferenceFails: It does not get full marks; the machine lacks something, or a check errs.
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


def _grade_cells(prepared: Prepared, submission: Submission, student, secret, limits):
    """Return a report's exercises, tasks, problems and notebook."""
    problems = submission.problems
    submission.cells = as_released(submission.cells, prepared.released, prepared.stubs)
    code = drop_stubs(submission.code, prepared.stubs, problems)
    # A call of `check` tells what the checks here tell anyway, and hangs where a function does.
    run = [None if cell.source.strip() in prepared.tests else cell for cell in code]
    with Session(prepared.setup, run, limits) as session:
        exercises = judge(session, prepared.source.exercises.values(), [secret, student], code)
        with suppress(SessionOver):  # the rest, for what it shows
            session.reach(len(code) + 1)
        for number, cell in enumerate(submission.cells, 1):
            failure = session.outcome(cell).failure
            if failure and failure["type"] == "Stopped":
                problems.append(f"Cell {number} was left out: {failure['said']}.")
        notebook = executed_notebook(submission.cells, session.outcome)
    tasks = {
        task.name: written_answer(submission.cells, prepared.released, cell_of(task.name))
        | {"max": task.points}
        for task in prepared.source.tasks.values()
    }
    told = {"problems": problems, "notebook": notebook, "by_clock": session.by_clock}
    return {"exercises": exercises, "tasks": tasks, **told}
