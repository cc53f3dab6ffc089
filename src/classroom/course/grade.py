"""Grade a topic's submissions: each once, however often the command is killed and started again.

A result is written as soon as it is there, whole or not at all, under a name made from the
submission and from what it was graded with. What has a result is not graded again. Entering
results into the gradebook changes nothing when it is done twice, and only this process does it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from classroom.course.collect import receipt
from classroom.course.entry import enter
from classroom.course.folder import Course, CourseError
from classroom.course.marked import answer_source, mark, marked_answers
from classroom.course.results import Results
from classroom.course.workers import Start, outcomes
from classroom.exercises.cells import cell_of

AGAIN = "stopped by the clock, so graded again alone"
Wrap = Callable[[Iterable], Iterable]


@dataclass
class Tally:
    """What a run of grading did.

    Args:
        graded: How many submissions were graded.
        kept: How many had a result already.
        broken: Those whose grading failed, with what it failed of; they are tried again next time.
        alone: Those whom the clock stopped, so that they were graded again with nothing beside
            them, and what came of it.
    """

    graded: int = 0
    kept: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    alone: dict[str, str] = field(default_factory=dict)


def grade_topic(
    course: Course,
    topic: str,
    start: Start,
    *,
    again: Collection[str] = (),
    grader: object = None,
    progress: Wrap = iter,
) -> Tally:
    """Grade what was collected and has no result, and enter all results into the gradebook.

    Args:
        course: The course.
        topic: A topic that was released in it.
        start: Starts the workers.
        again: Students who are graded anew, although they have a result.
        grader: What has `grade` and `grade_reference`; `classroom.grading.submission` if none
            is passed.
        progress: Wraps the students' ids while they are graded.

    Raises:
        CourseError: The reference does not get full marks here, so nobody was graded; or the
            topic was not released, a student of `again` handed nothing in, or another command is
            at work.
        OSError: A result cannot be written.
    """
    if grader is None:
        from classroom.grading import submission as grader
    results, tally = Results(course, topic), Tally()
    with course.locked(), course.gradebook() as gradebook:
        gradebook.find_assignment(topic)  # before hours are spent, where it knows none
        students = course.students(topic)
        if missing := sorted(set(again) - set(students)):
            raise CourseError(f"{', '.join(missing)}: nothing of {topic} was collected from them")
        jobs = _ungraded(results, progress(students), again, tally, gradebook)
        if (first := next(jobs, None)) is None:
            return tally
        _check_reference(results, grader.grade_reference, start)
        for job, report in outcomes(chain([first], jobs), grader.grade, start):
            student = job["student"]
            if _by_clock(report):
                tally.alone[student] = AGAIN
            else:
                _keep(gradebook, results, job, report, tally)
        if tally.alone:
            _grade_alone(gradebook, results, grader.grade, start, tally, progress)
    return tally


def _grade_alone(gradebook, results: Results, task, start: Start, tally: Tally, progress) -> None:
    """Grade once more whom the clock stopped, one at a time: what it says then is their doing."""
    course, topic = results.course, results.topic
    students = progress(sorted(tally.alone))
    jobs = (results.job(one, course.submission(topic, one)) for one in students)
    for job, report in outcomes(jobs, task, start, alone=True):
        if _by_clock(report):
            tally.alone[job["student"]] = f"{AGAIN}, and stopped again"
        _keep(gradebook, results, job, report, tally)


def _by_clock(report: object) -> bool:
    """Return whether something was stopped by the clock, which the machine may be to blame for."""
    if isinstance(report, dict):
        return bool(report.get("by_clock"))
    return getattr(report, "by_clock", False)


def _keep(gradebook, results: Results, job: dict, report: object, tally: Tally) -> None:
    """Save a result and enter it; an exception in its place is noted."""
    student = job["student"]
    if isinstance(report, BaseException):
        tally.broken[student] = _said(report)
        return
    try:
        results.save(student, job["submission"], report)
        _enter(gradebook, results, student)
        tally.graded += 1
    except OSError:  # a full disk, say: the next result could not be kept either
        raise
    except Exception as error:
        tally.broken[student] = _said(error)


def _said(error: BaseException) -> str:
    """Return an error's first line."""
    text = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
    return text.splitlines()[0]


def _check_reference(results: Results, task: Callable[..., dict], start: Start) -> None:
    """Raise CourseError if the source's own answers do not get full marks on these workers."""
    job = {"source": results.source, "overlay": results.overlay}
    [(_, report)] = outcomes([job], task, start)
    if isinstance(report, BaseException):
        raise CourseError(str(report) or f"the reference cannot be graded: {report!r}")


def _ungraded(
    results: Results, students: Iterable[str], again: Collection[str], tally: Tally, gradebook
) -> Iterator[dict]:
    """Yield what is still to be graded; enter what is not."""
    for student in students:
        try:
            submission = results.course.submission(results.topic, student)
            if student not in again and results.path(student, submission).exists():
                _enter(gradebook, results, student)
                tally.kept += 1
                continue
        except Exception as error:
            tally.broken[student] = _said(error)
            continue
        yield results.job(student, submission)


def _enter(gradebook, results: Results, student: str) -> None:
    """Bring the gradebook and the marked notebook up to a student's result."""
    course, topic = results.course, results.topic
    report = results.load(student)
    before = marked_answers(course, topic, student)
    answers = {cell_of(name): one["answer"] for name, one in report["tasks"].items()}
    changed = {
        name
        for name, answer in answers.items()
        if name in before and before[name] != answer_source(answer)
    }
    _register(gradebook, student)
    got = receipt(course, topic, student)
    time = datetime.fromisoformat(got.time).astimezone(UTC).replace(tzinfo=None) if got else None
    enter(gradebook, topic, student, report, changed=changed, time=time)
    mark(course, topic, student, report)


def _register(gradebook, student: str) -> None:
    from nbgrader.api import MissingEntry

    try:
        gradebook.find_student(student)
    except MissingEntry:
        gradebook.add_student(student)
