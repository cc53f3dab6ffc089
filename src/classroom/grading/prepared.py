"""What a source's submissions are graded with, made once for all of them."""

import contextlib
import io
from dataclasses import dataclass
from functools import lru_cache

import jupytext

from classroom.exercises.cells import Cell, cell_of
from classroom.exercises.handout import student_version
from classroom.exercises.source import Source, load_source, read


@dataclass(frozen=True)
class Prepared:
    """A source, and what a student was given of it.

    `setup` are the locked cells that are no tests, `tests` those that are, and `stubs` the cell of
    each function that is to be written.
    """

    source: Source
    released: list[Cell]
    setup: list[str]
    stubs: dict[str, str]
    tests: set[str]


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
def prepare(source: str, overlay: str) -> Prepared:
    """Return what a source's submissions are graded with.

    Args:
        source: The instructor's notebook.
        overlay: A notebook with more checks.

    Raises:
        ValueError: The source or the overlay cannot be used.
    """
    whole = source
    if overlay:
        notebook, more = read(source), read(overlay).cells
        if not any(cell.cell_type == "code" and "@graded(" in cell.source for cell in more):
            raise ValueError(
                "the overlay holds no check: write it as a MyST notebook, with @graded(…) above "
                "each check and ```{code-cell} python above each cell of code"
            )
        notebook.cells += more
        whole = jupytext.writes(notebook, fmt="md:myst")
    with contextlib.redirect_stdout(io.StringIO()):  # what a source prints is for its readers
        loaded = load_source(whole)
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
    stubs = {one.function: named[cell_of(one.name)] for one in loaded.exercises.values()}
    tests = {
        cell.source.strip() for cell, mark in zip(released, marks, strict=True) if _is_test(mark)
    }
    return Prepared(loaded, released, setup, stubs, tests)


def _is_test(mark):
    return mark.get("grade") and not mark["solution"]
