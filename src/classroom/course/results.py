"""The results of grading: one file for each submission and what it was graded with."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from classroom.course.folder import Course, CourseError, write_atomically

FIELDS = {"exercises", "tasks", "problems", "notebook"}


class Results:
    """A topic's results, found by what was graded and with what.

    A changed submission, check, overlay or secret makes another key, so it is graded again.

    Args:
        course: The course.
        topic: A topic that was released in it.
    """

    def __init__(self, course: Course, topic: str):
        self.course = course
        self.topic = topic
        self.source = course.source(topic)
        self.overlay = course.overlay(topic)
        self.secret = course.secret()

    def job(self, student: str, submission: bytes) -> dict:
        """Return what the grader is called with."""
        return {
            "source": self.source,
            "submission": submission,
            "student": student,
            "secret": self.secret,
            "overlay": self.overlay,
        }

    def path(self, student: str, submission: bytes) -> Path:
        """Return where the result of a submission lies, or will lie."""
        key = hashlib.sha256()
        for part in (self.source, self.overlay, self.secret, submission):
            part = part if isinstance(part, bytes) else part.encode()
            key.update(len(part).to_bytes(8, "big") + part)
        name = f"{key.hexdigest()[:32]}.json"
        return self.course.hidden / "results" / self.topic / student / name

    def save(self, student: str, submission: bytes, report: object) -> None:
        """Write a result.

        Raises:
            ValueError: It is no report.
        """
        if not isinstance(report, dict) or not FIELDS <= report.keys():
            raise ValueError("the grader returned no report")
        data = json.dumps(report, allow_nan=False).encode()
        write_atomically(self.path(student, submission), data)

    def load(self, student: str) -> dict | None:
        """Return the result of what the student handed in, or nothing if it is not graded.

        Raises:
            CourseError: The submission cannot be read.
        """
        path = self.path(student, self.course.submission(self.topic, student))
        return json.loads(path.read_bytes()) if path.exists() else None

    def all(self) -> Iterator[tuple[str, dict | None]]:
        """Yield each student who handed in, with the result or nothing."""
        for student in self.course.students(self.topic):
            try:
                yield student, self.load(student)
            except CourseError:
                yield student, None


def points(number: float) -> str:
    """Return points as one reads them.

    >>> points(3.0), points(1.8)
    ('3', '1.8')
    """
    return f"{number:.2f}".rstrip("0").rstrip(".")
