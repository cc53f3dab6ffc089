"""A notebook's cells, and the names that nbgrader knows an exercise's cells by."""

from dataclasses import dataclass

CHECK = "-check"


@dataclass
class Cell:
    """A cell: `kind` is code or markdown; `name` is its nbgrader grade_id, if it still has one.

    `pictures` are those pasted into it, each with its type and its base64.
    """

    kind: str
    source: str
    name: str = ""
    pictures: tuple[tuple[str, str], ...] = ()


def cell_of(name: str) -> str:
    """Return the grade_id of the cell in which an exercise or a written task is answered.

    >>> cell_of("attention.2")
    'attention-2'
    """
    return name.replace(".", "-")


def check_cell_of(exercise: str) -> str:
    """Return the grade_id of the cell that carries an exercise's points.

    >>> check_cell_of("attention.2")
    'attention-2-check'
    """
    return cell_of(exercise) + CHECK


def name_of(cell: str) -> str:
    """Return the exercise or written task that a grade_id belongs to.

    >>> name_of("attention-2-check"), name_of("limits-6")
    ('attention.2', 'limits.6')
    """
    return cell.removesuffix(CHECK).replace("-", ".")
