"""From an instructor's source to what students open, with its points in the gradebook.

The work is nbgrader's: its converter clears solutions and hidden tests, locks cells, and
records cells and points. This module hands it the source as an .ipynb, and takes out what
stands on the solution's page only.
"""

import logging
import re
from pathlib import Path

from classroom.course.folder import COURSE_ID, Course, CourseError, write_atomically

# As in classroom.exercises.handout, whose import would bring PyTorch; a test compares both.
NOT_RELEASED = {"rubric", "solution-only"}


def release(course: Course, topic: str, solutions: Path) -> int:
    """Write the topic's source and release into the course; return its points.

    Args:
        course: The course; its folder is made if there is none.
        topic: The topic's name, such as "attention".
        solutions: The folder of the sources.

    Raises:
        CourseError: There is no such source, or nbgrader cannot convert it: for instance
            because its exercises changed after submissions were graded.
    """
    path = solutions / f"{topic}.md"
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", topic) or not path.is_file():
        known = ", ".join(sorted(p.stem for p in solutions.glob("*.md"))) or "none"
        raise CourseError(f"there is no {path}: topics in {solutions} are: {known}")
    text = path.read_text(encoding="utf-8")
    course.create()
    places = [course.notebook(step, topic) for step in ("source", "release")]
    with course.locked():
        before = {place: place.read_bytes() for place in places if place.is_file()}
        try:
            write_atomically(places[0], _as_ipynb(text))
            _generate(course, topic)
        except CourseError:  # nbgrader has taken the last release away, and grading needs it
            for place, data in before.items():
                write_atomically(place, data)
            raise
        write_atomically(course.hidden / "sources" / f"{topic}.md", text.encode())
        with course.gradebook() as gradebook:
            return gradebook.find_assignment(topic).max_score


def _as_ipynb(text: str) -> bytes:
    import jupytext
    import nbformat

    notebook = jupytext.reads(text, fmt="md:myst")
    notebook.cells = [
        cell for cell in notebook.cells if not NOT_RELEASED & set(cell.metadata.get("tags", []))
    ]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # the same at each release
    notebook.metadata.pop("jupytext", None)
    return nbformat.writes(notebook).encode()


def _generate(course: Course, topic: str) -> None:
    """Run nbgrader's own converter."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(course.root.resolve())
    config.CourseDirectory.db_url = course.db_url
    config.CourseDirectory.course_id = COURSE_ID
    config.CourseDirectory.assignment_id = topic
    config.ClearHiddenTests.enforce_metadata = False  # the first cell has a hidden region too
    config.ClearSolutions.enforce_metadata = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    converter.log = logging.getLogger("classroom.exercises.handout")
    converter.log.setLevel(logging.CRITICAL)
    with course.gradebook():  # says at once if the database cannot be opened
        pass
    try:
        converter.start()
    except (NbGraderException, RuntimeError, SystemExit) as error:
        raise CourseError(f"nbgrader could not release {topic}: {error}") from error
