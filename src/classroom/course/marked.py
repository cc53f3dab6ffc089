"""The marked notebook: a student's cells, made harmless, with each check's verdict below.

It lies where nbgrader's formgrader and feedback look for an autograded notebook.
"""

import json

from classroom.course.folder import Course, write_atomically
from classroom.course.harmless import harmless_markdown, harmless_outputs, text_output
from classroom.course.results import cell_name, points, task_name

SAID = 600  # characters of what a check says in detail


def mark(course: Course, topic: str, student: str, report: dict) -> None:
    """Write the marked notebook of a student.

    Args:
        course: The course.
        topic: The topic, released in it.
        student: The student's id.
        report: The grader's report.
    """
    import nbformat

    released = nbformat.read(course.notebook("release", topic), as_version=4)
    notebook = nbformat.v4.new_notebook(metadata=released.metadata)
    notebook.cells = _cells(released.cells, report)
    data = nbformat.writes(notebook).encode()
    path = course.notebook("autograded", topic, student)
    if not path.exists() or path.read_bytes() != data:
        write_atomically(path, data)


def marked_answers(course: Course, topic: str, student: str) -> dict[str, str]:
    """Return the written answers of the marked notebook by grade_id, as they are shown."""
    path = course.notebook("autograded", topic, student)
    if not path.exists():
        return {}
    cells = json.loads(path.read_bytes())["cells"]
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "markdown" and "nbgrader" in cell["metadata"]
    }


def answer_source(answer: str) -> str:
    """Return a written answer as the marked notebook shows it."""
    return harmless_markdown(answer) or "(no answer)"


def verdict(exercise: dict) -> str:
    """Return what a student is told about an exercise: points, and a reason for each one lost.

    >>> print(verdict({"points": 3, "max": 3, "passed": ["a"], "failed": [], "reason": ""}))
    3 of 3 points
    """
    lines = [f"{points(exercise['points'])} of {points(exercise['max'])} points"]
    if exercise.get("reason"):
        lines.append(str(exercise["reason"]))
    for failed in exercise["failed"]:
        lines.append(f"✗ {failed['sentence']}")
        for more in (failed.get("misconception"), failed.get("detail")):
            if more:
                lines.append(f"    {str(more)[:SAID]}")
    return "\n".join(lines)


def _cells(released: list, report: dict) -> list:
    """Return the student's cells in their order, then what the release has beside them."""
    theirs = [cell for cell in report["notebook"].get("cells", []) if isinstance(cell, dict)]
    official = {name: cell for cell in released if (name := _name(cell))}
    known = {(cell.cell_type, cell.source.strip()): cell for cell in released}
    verdicts = {cell_name(name): verdict(one) for name, one in report["exercises"].items()}
    answers = {task_name(name): one["answer"] for name, one in report["tasks"].items()}
    cells, seen = [], set()
    for number, cell in enumerate(theirs):
        source = _source(cell)
        name = _name(cell)
        if name not in official or name in seen or official[name].cell_type != cell["cell_type"]:
            same = known.get((cell.get("cell_type"), source.strip()))
            cells.append(_copy(same) if same and not _name(same) else _plain(cell, source))
        elif name not in answers:  # an answer comes from the report
            seen.add(name)
            locked = official[name].metadata.nbgrader.locked
            cells.append(_copy(official[name], None if locked else source))
            cells[-1].outputs = _outputs(cell, name, verdicts)
        else:
            seen.add(name)
            cells.append(_copy(official[name], answer_source(answers[name])))
        cells[-1].id = f"cell-{number}"
    for name in (official.keys() & (verdicts.keys() | answers.keys())) - seen:
        cells.append(_missing(official[name], name, verdicts, answers))
    return _problems(report) + cells


def _outputs(cell: dict, name: str, verdicts: dict) -> list:
    import nbformat

    outputs = [text_output(verdicts[name])] if name in verdicts else []
    outputs = outputs or harmless_outputs(cell.get("outputs"))
    return [nbformat.from_dict(output) for output in outputs]


def _plain(cell: dict, source: str):
    from nbformat.v4 import new_code_cell, new_markdown_cell

    if cell.get("cell_type") == "markdown":
        return new_markdown_cell(harmless_markdown(source))
    return new_code_cell(source, outputs=_outputs(cell, "", {}))


def _copy(cell, source: str | None = None):
    copy = cell.copy()
    copy.source = cell.source if source is None else source
    return copy


def _missing(cell, name: str, verdicts: dict, answers: dict):
    """Return a cell that the student's notebook lacks, with its verdict or answer."""
    if name in answers:
        added = _copy(cell, answer_source(answers[name]))
    else:
        added = _copy(cell)
        added.outputs = _outputs({}, name, verdicts)
    added.id = f"added-{name}"
    return added


def _problems(report: dict) -> list:
    from nbformat.v4 import new_markdown_cell

    if not report["problems"]:
        return []
    lines = [f"- {harmless_markdown(str(problem))}" for problem in report["problems"]]
    return [new_markdown_cell("**What the grader noted**\n\n" + "\n".join(lines), id="noted")]


def _name(cell: dict) -> str:
    """Return a cell's grade_id, or nothing."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def _source(cell: dict) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""
