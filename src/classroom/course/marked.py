"""The marked notebook: a student's cells, made harmless, with each check's verdict below.

It lies where nbgrader's formgrader and feedback look for an autograded notebook.
"""

import json

from classroom.course.folder import Course, write_atomically
from classroom.course.harmless import harmless_markdown
from classroom.course.results import points
from classroom.exercises.cells import cell_of, check_cell_of

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

    >>> print(verdict({"points": 3, "max": 3, "passed": ["a"], "failed": [], "reason": None}))
    3 of 3 points
    """
    lines = [f"{points(exercise['points'])} of {points(exercise['max'])} points"]
    told = [one for one in exercise["failed"] if one["misconception"] or one["detail"]]
    if not told and exercise["reason"]:
        lines.append(exercise["reason"])
    for one in told:
        lines.append(f"✗ {one['sentence']}")
        lines += [f"    {more[:SAID]}" for more in (one["misconception"], one["detail"]) if more]
    return "\n".join(lines)


def _cells(released: list, report: dict) -> list:
    """Return the student's cells in their order, then what the release has beside them."""
    import nbformat

    official = {name: cell for cell in released if (name := _name(cell))}
    prompts = {cell.source.strip() for cell in released if cell.cell_type == "markdown"}
    verdicts = {check_cell_of(name): verdict(one) for name, one in report["exercises"].items()}
    answers = {cell_of(name): one["answer"] for name, one in report["tasks"].items()}
    pictures = {cell_of(name): _pictures(one) for name, one in report["tasks"].items()}
    cells, seen = [], set()
    for cell in report["notebook"]["cells"]:
        cell = nbformat.from_dict(cell)
        name = _name(cell)
        ours = official.get(name)
        if ours is None or name in seen or ours.cell_type != cell.cell_type:
            cell.metadata = {}
            if cell.cell_type == "markdown" and cell.source.strip() not in prompts:
                cell.source = harmless_markdown(cell.source)
        else:
            seen.add(name)
            cell = _official(ours, cell, verdicts, answers)
        cells += [cell, *pictures.get(name, [])]
        pictures.pop(name, None)
    for name in (*verdicts, *answers):
        if name not in seen:
            cells.append(_official(official[name], None, verdicts, answers))
            cells += pictures.get(name, [])
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return _problems(report) + cells


def _official(ours, theirs, verdicts: dict, answers: dict):
    """Return a cell of the release with the student's source and outputs, if these are theirs."""
    from nbformat.v4 import new_output

    cell = ours.copy()
    name = _name(cell)
    if name in answers:
        cell.source = answer_source(answers[name])
    elif name in verdicts:
        cell.outputs = [new_output("stream", text=verdicts[name])]
    elif theirs is not None:
        theirs.metadata = cell.metadata
        theirs.source = cell.source if cell.metadata.nbgrader.locked else theirs.source
        cell = theirs
    return cell


def _pictures(task: dict) -> list:
    """Return a cell that shows an answer's pictures; as outputs they are pixels and no markup."""
    from nbformat.v4 import new_code_cell, new_output

    shown = [new_output("display_data", picture) for picture in task.get("pictures", ())]
    return [new_code_cell("# The answer's pictures", outputs=shown)] if shown else []


def _problems(report: dict) -> list:
    from nbformat.v4 import new_markdown_cell

    if not report["problems"]:
        return []
    lines = [f"- {harmless_markdown(problem)}" for problem in report["problems"]]
    return [new_markdown_cell("**What the grader noted**\n\n" + "\n".join(lines), id="noted")]


def _name(cell) -> str:
    """Return a cell's grade_id, or nothing."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")
