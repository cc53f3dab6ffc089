"""Enter a result into nbgrader's gradebook, in one transaction, below what a person has given."""

from datetime import datetime

from classroom.course.folder import CourseError
from classroom.exercises.cells import cell_of, check_cell_of


def enter(
    gradebook, topic: str, student: str, report: dict, *, changed: set[str], time: datetime | None
):
    """Enter the points of a submission; a grade that a person gave stays as it is.

    Args:
        gradebook: nbgrader's gradebook.
        topic: The topic.
        student: The student's id.
        report: The grader's report.
        changed: The written tasks whose answer is another than when it was last entered: a grade
            given to the old answer stays, and the task is waiting again.
        time: When it was handed in, in UTC, if that is known.

    Raises:
        CourseError: The gradebook has other exercises than the report.
    """
    automatic = {check_cell_of(name): one["points"] for name, one in report["exercises"].items()}
    written = {cell_of(name): one["answer"] for name, one in report["tasks"].items()}
    try:
        submission = _submission(gradebook, topic, student)
        submission.timestamp = time or submission.timestamp
        grades = {
            grade.name: grade for notebook in submission.notebooks for grade in notebook.grades
        }
        if grades.keys() != automatic.keys() | written.keys():
            raise CourseError(f"{topic} has other exercises than when it was released: release it")
        for name, score in automatic.items():
            _enter_points(grades[name], score)
        for name, answer in written.items():
            _enter_answer(grades[name], answer, changed=name in changed)
        gradebook.db.commit()
    finally:
        gradebook.db.rollback()  # of what was not committed
        gradebook.db.expunge_all()  # a thousand students take no more memory than one


def _submission(gradebook, topic: str, student: str):
    """Return the student's submission, made if there is none, without a commit in between."""
    from nbgrader.api import Comment, Grade, MissingEntry, SubmittedAssignment, SubmittedNotebook

    try:
        return gradebook.find_submission(topic, student)
    except MissingEntry:
        pass
    assignment, person = gradebook.find_assignment(topic), gradebook.find_student(student)
    with gradebook.db.no_autoflush:
        submission = SubmittedAssignment(assignment=assignment, student=person)
        gradebook.db.add(submission)
        for notebook in assignment.notebooks:
            ours = SubmittedNotebook(notebook=notebook, assignment=submission)
            gradebook.db.add(ours)
            gradebook.db.add_all(Grade(cell=cell, notebook=ours) for cell in notebook.grade_cells)
            cells = notebook.solution_cells
            gradebook.db.add_all(Comment(cell=cell, notebook=ours) for cell in cells)
    gradebook.db.flush()
    return submission


def _enter_points(grade, score: float) -> None:
    if grade.auto_score == score:
        return
    grade.auto_score = score
    grade.needs_manual_grade = grade.manual_score is not None  # look again: the answer changed


def _enter_answer(grade, answer: str, *, changed: bool) -> None:
    blank = not answer
    grade.auto_score = 0.0 if blank else None
    if grade.manual_score is None:
        grade.needs_manual_grade = not blank
    elif changed:
        grade.needs_manual_grade = True
