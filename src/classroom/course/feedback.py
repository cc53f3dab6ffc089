"""What students get back: their notebook with points and reasons, as a page that runs no script."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from classroom.course.folder import COURSE_ID, Course, CourseError

# Nothing on the page may run, load or send; its own style and pictures stand in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'"
WAITING = "Not graded yet: a person will read this answer. Until then it counts 0 points."
META = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'


def feedback(
    course: Course, topic: str, *, progress: Callable[[Iterable], Iterable] = iter
) -> tuple[list[Path], dict[str, str]]:
    """Write a page for each student whose submission was graded.

    Return the pages, and why there is none for those who have none.

    It is nbgrader's own feedback, made from the marked notebook and the gradebook, so it has the
    grades and comments of a person as well.

    Args:
        course: The course.
        topic: A topic that was graded in it.
        progress: Wraps the students.

    Raises:
        CourseError: Nothing of the topic was graded, or another command is at work.
    """
    from nbgrader.converters.base import NbGraderException

    course.source(topic)
    marked = sorted(course.root.glob(f"autograded/*/{topic}/{topic}.ipynb"))
    if not marked:
        raise CourseError(f"nothing of {topic} was graded: run `classroom grade {topic}` first")
    pages, broken = [], {}
    with course.locked():
        with course.gradebook() as gradebook:  # says at once if it cannot be used
            gradebook.find_assignment(topic)
        for student in progress([path.parents[1].name for path in marked]):
            converter = _converter(course, topic, student)
            try:
                converter.start()
            except (NbGraderException, SystemExit) as error:
                broken[student] = converter.reason or str(error)
                continue
            pages.append(course.notebook("feedback", topic, student).with_suffix(".html"))
    return pages, broken


def secured(page: str) -> str:
    """Return a page that runs no script and loads nothing, whatever stands in it.

    >>> META in secured("<html><head></head></html>")
    True
    """
    head, found, rest = page.partition("<head>")
    if not found:
        raise ValueError("the page has no <head>: it is none of nbgrader's")
    return f"{head}<head>{META}{rest}"


def _converter(course: Course, topic: str, student: str):
    from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
    from nbgrader.converters import GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import GetGrades
    from traitlets import List
    from traitlets.config import Config

    class Grades(GetGrades):
        def _get_score(self, cell, resources):
            super()._get_score(cell, resources)
            name = cell.metadata.nbgrader.grade_id
            grade = self.gradebook.find_grade(
                name, self.notebook_id, self.assignment_id, self.student_id
            )
            if grade.needs_manual_grade:
                cell.metadata.nbgrader.comment = WAITING

    class Secured(GenerateFeedback):
        preprocessors = List([Grades, CSSHTMLHeaderPreprocessor])
        reason = ""  # of a failure, which nbgrader tells its log alone

        def convert_single_notebook(self, notebook_filename):
            try:
                super().convert_single_notebook(notebook_filename)
            except Exception as error:
                self.reason = f"{type(error).__name__}: {error}".splitlines()[0]
                raise

        def write_single_notebook(self, output, resources):
            super().write_single_notebook(secured(output), resources)

    config = Config()
    config.CourseDirectory.root = str(course.root.resolve())
    config.CourseDirectory.db_url = course.db_url
    config.CourseDirectory.course_id = COURSE_ID
    config.CourseDirectory.assignment_id = topic
    config.CourseDirectory.student_id = student
    config.HTMLExporter.sanitize_html = True
    converter = Secured(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    converter.log = logging.getLogger("classroom.feedback")
    converter.log.setLevel(logging.CRITICAL)
    return converter
