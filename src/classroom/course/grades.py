"""What the gradebook says of a topic: a row for each student, as reports and exports need it."""

from dataclasses import dataclass

from classroom.course.collect import receipt
from classroom.course.folder import Course


@dataclass(frozen=True)
class Grade:
    """A student's grade in one topic.

    Args:
        student: The student's id.
        first_name: As in the roster.
        last_name: As in the roster.
        email: As in the roster.
        lms_user_id: The learning platform's number of the student.
        score: The points so far, with those that a person gave; nothing if it is not graded.
        most: The points that can be had.
        waiting: The written answers that wait for a person.
        late: Whether the platform marked it as late.
    """

    student: str
    first_name: str
    last_name: str
    email: str
    lms_user_id: str
    score: float | None
    most: float
    waiting: tuple[str, ...]
    late: bool


def grades(course: Course, topic: str) -> list[Grade]:
    """Return the grades of all students in the gradebook, sorted by id.

    Raises:
        CourseError: The topic was not released in this course.
    """
    course.source(topic)
    with course.gradebook() as gradebook:
        most = gradebook.find_assignment(topic).max_score
        submitted = {one.student.id: one for one in gradebook.assignment_submissions(topic)}
        return [
            _grade(course, topic, student, submitted.get(student.id), most)
            for student in sorted(gradebook.students, key=lambda one: one.id)
        ]


def _grade(course: Course, topic: str, student, submission, most: float) -> Grade:
    score, waiting = None, ()
    if submission is not None:
        cells = [grade for notebook in submission.notebooks for grade in notebook.grades]
        score = max(0.0, submission.score - (submission.late_submission_penalty or 0))
        waiting = tuple(sorted(cell.name for cell in cells if cell.needs_manual_grade))
    got = receipt(course, topic, student.id)
    return Grade(
        student.id,
        student.first_name or "",
        student.last_name or "",
        student.email or "",
        student.lms_user_id or "",
        score,
        most,
        waiting,
        bool(got and got.late),
    )
