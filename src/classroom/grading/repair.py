"""Read what a student handed in, and forgive every slip that hides no work.

A submission may have lost its metadata, have cells missing, twice, or in another order, be in an
older format, or be text. What cannot be read at all is named in words that a student understands.
"""

import codecs
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from classroom.exercises.cells import Cell
from classroom.walls.isolation import Limits
from classroom.walls.sandbox import MachineTooSlow, Sandbox, SandboxEnded, StudentError
from classroom.walls.wire import WireError

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000
OTHER_FILES = {
    b"%PDF": "a PDF",
    b"PK": "a zip archive or an office document",
    b"\x89PNG": "a picture",
    b"<": "a web page",
}


class UnreadableSubmission(ValueError):  # noqa: N818 - the name says more without "Error"
    """There is no notebook in what was handed in; the sentence tells the student what to do."""


@dataclass
class Submission:
    """A student's cells in their order, and sentences about what was odd."""

    cells: list[Cell]
    problems: list[str] = field(default_factory=list)

    @property
    def code(self) -> list[Cell]:
        """The cells with code."""
        return [cell for cell in self.cells if cell.kind == "code"]


def read_submission(data: bytes) -> Submission:
    """Return the cells of a notebook (any nbformat), or of a jupytext file (.md or .py).

    Args:
        data: The file's bytes.

    Raises:
        UnreadableSubmission: There is no notebook in it; the message says what to hand in instead.

    >>> read_submission(b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}').code[0].source
    'x = 1'
    """
    if not data.strip():
        raise UnreadableSubmission("The file is empty: save your notebook, and hand it in again.")
    if len(data) > MAX_BYTES:
        raise UnreadableSubmission(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB: clear your notebook's outputs, "
            "save it, and hand it in again."
        )
    text, problems = _text(data)
    cells = _from_json(text, problems) if text.startswith("{") else _from_text(text, problems)
    if len(cells) > MAX_CELLS:
        raise UnreadableSubmission(f"The notebook has more than {MAX_CELLS:,} cells: remove some.")
    if not any(cell.source.strip() for cell in cells):
        raise UnreadableSubmission("The notebook has no cells: hand in the one that you worked in.")
    return Submission(cells, problems)


def as_released(cells: list[Cell], released: list[Cell], functions: Collection[str]) -> list[Cell]:
    """Return cells as what their names say, whatever a key turned them into.

    Without a name, text is code where it defines a function that no code does.

    Args:
        cells: The student's cells.
        released: The released cells.
        functions: The functions that are to be written.
    """
    kinds = {cell.name: cell.kind for cell in released if cell.name}
    cells = [replace(cell, kind=kinds.get(cell.name, cell.kind)) for cell in cells]
    code = [cell for cell in cells if cell.kind == "code"]
    lost = [name for name in functions if not any(defines(cell, name) for cell in code)]
    given = {cell.source.strip() for cell in released}
    for cell in cells:
        bare = cell.name not in kinds and cell.source.strip() not in given
        if bare and "```" not in cell.source and any(defines(cell, name) for name in lost):
            cell.kind = "code"
    return cells


def drop_stubs(cells: list[Cell], stubs: dict[str, str], problems: list[str]) -> list[Cell]:
    """Return the code cells without stubs of functions that another cell writes.

    Who copies a cell and fills the copy leaves the stub behind; run after it, it would undo it.

    Args:
        cells: The student's code cells.
        stubs: The released cell of each function, by the function's name.
        problems: Where a sentence is added on each cell that is left out.
    """
    for name, stub in stubs.items():
        empty = [cell for cell in cells if cell.source.strip() == stub.strip()]
        written = [cell for cell in cells if defines(cell, name) and cell not in empty]
        if empty and written:
            problems.append(
                f"The cell of {name} stands there twice; the one not written was left out."
            )
            cells = [cell for cell in cells if cell not in empty]
    return cells


def defines(cell: Cell, name: str) -> bool:
    """Return whether a cell's text defines a function or class of this name, or assigns one."""
    found = rf"^((async )?def|class) +{name}\b|^{name} *(:[^=\n]*)?=(?!=)"
    return re.search(found, cell.source, re.MULTILINE) is not None


def _text(data):
    """Return a file's text with plain line ends, and what was odd about it."""
    problems = []
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
        problems.append("The file is in UTF-16; it was read nevertheless.")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
            problems.append("The file is not in UTF-8; letters with accents may be wrong.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    return text, problems


def _from_json(text, problems):
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableSubmission(
            f"The file is damaged: it is no valid notebook any more{place}. Open your notebook in "
            "Jupyter, save it, and hand that file in; if it was cut short, download it again."
        ) from error
    cells, sheets = notebook.get("cells"), notebook.get("worksheets")
    if type(cells) is not list and type(sheets) is list:  # up to nbformat 3
        problems.append("The notebook is in an old format; it was read nevertheless.")
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for one in lists if isinstance(one, list) for cell in one]
    if type(cells) is not list:
        raise UnreadableSubmission(
            "The file is no notebook: hand in the .ipynb file you worked in."
        )
    return [cell for cell in map(_cell, cells) if cell is not None]


def _cell(raw):
    """Return one cell of a notebook's JSON, or None where it is none."""
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", raw.get("input", ""))  # "input" up to nbformat 3
    parts = source if isinstance(source, list) else [source]
    source = "".join(part for part in parts if isinstance(part, str))
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else ""
    kind = "code" if raw.get("cell_type") == "code" else "markdown"
    source = source.replace("\r\n", "\n").encode("utf8", "replace").decode()
    if raw.get("cell_type") == "heading":  # up to nbformat 3
        source = f"## {source}"
    return Cell(kind, source, name if isinstance(name, str) else "", _pictures(raw))


def _pictures(raw):
    """Return the pictures pasted into a cell, with their types."""
    attached = raw.get("attachments")
    bundles = attached.values() if isinstance(attached, dict) else []
    return tuple(
        (kind, content)
        for bundle in bundles
        if isinstance(bundle, dict)
        for kind, content in bundle.items()
        if isinstance(content, str)
    )


def _from_text(text, problems):
    for start, what in OTHER_FILES.items():
        if text.startswith(start.decode("latin-1")) or text.startswith(start.decode("cp1252")):
            raise UnreadableSubmission(
                f"The file is {what}: hand in the .ipynb file you worked in."
            )
    form = _text_format(text)
    if form is None:
        raise UnreadableSubmission(
            "The file is no notebook: hand in the .ipynb file you worked in."
        )
    problems.append("The submission is a text file; it was read as a notebook.")
    return _read_inside(text, form)


def _read_inside(text, form):
    """Return the cells of a text in one of jupytext's formats, which a sandbox reads."""
    with Sandbox(Limits()) as sandbox:
        try:
            found = sandbox.read(text, form)
        except (SandboxEnded, StudentError, WireError) as error:
            if getattr(error, "kind", "") == "clock":
                raise MachineTooSlow(f"the file was not read: {error}") from error
            raise UnreadableSubmission(
                "The file could not be read as a notebook: hand in the .ipynb file you worked in."
            ) from error
    return [cell for cell in map(_cell, found) if cell is not None]


def _text_format(text):
    if "{code-cell}" in text:
        return "md:myst"
    if re.search(r"^# ?%%", text, re.MULTILINE):
        return "py:percent"
    if re.search(r"^```\s*python", text, re.MULTILINE):
        return "md"
    return "py:light" if re.search(r"^(def|class|import|from) ", text, re.MULTILINE) else None
