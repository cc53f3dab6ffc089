"""Find what a student wrote in answer to a task, wherever it stands and whatever it became.

Only what is surely blank may count as blank, for it gets no points at once; all else is shown to a
person. So what stands beside the answer's cell, in a cell of any kind, belongs to the answer too.
"""

import hashlib
import re
from collections.abc import Iterator

from classroom.exercises.cells import Cell

PLACEHOLDER = "YOUR ANSWER HERE"
NOTHING = re.compile(rf"{PLACEHOLDER}|&nbsp;|<br */?>|[\s\u200b\ufeff]")
SHOWN = {"image/png", "image/jpeg"}  # pictures that no browser runs
INLINE = re.compile(r"data:(image/[\w+]+);base64,([A-Za-z0-9+/=]+)")  # as Colab keeps them
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")


def written_answer(cells: list[Cell], released: list[Cell], name: str) -> dict:
    """Return a task's answer: its text, which is empty only where it is blank, and its pictures.

    Args:
        cells: The student's cells, each of the kind that its name says.
        released: The released cells, whose headings are the landmarks.
        name: The grade_id of the answer's cell.
    """
    texts, pictures = [], []
    for cell, text in _parts(cells, released, name):
        found = list(cell.pictures) + INLINE.findall(text)
        text = INLINE.sub("a picture", text.strip())
        text = f"```python\n{text}\n```" if cell.kind == "code" else text
        if text not in texts or found:
            texts.append(text)
            pictures += found
    texts += [_told(number, *one) for number, one in enumerate(pictures, 1)]
    shown = [{kind: content} for kind, content in pictures if _can_be_shown(kind, content)]
    return {"answer": "\n\n".join(texts).strip(), "pictures": shown}


def _parts(cells: list[Cell], released: list[Cell], name: str) -> Iterator[tuple[Cell, str]]:
    """Yield each cell that belongs to an answer, with what the student wrote of it."""
    given = {line.strip() for cell in released for line in cell.source.splitlines()}
    others = {cell.name for cell in released} - {"", name}
    heading, meant = _heading_before(released, name), _meanings(cells, released)
    # Where both its cell and its heading are gone, the answer may stand anywhere.
    lost = heading not in meant.values() and all(cell.name != name for cell in cells)
    inside = lost
    for cell in cells:
        inside = inside or cell.name == name
        began, lines = inside, []
        if cell.kind == "code":
            lines = cell.source.splitlines() if inside and not lost else []
        else:
            for line in cell.source.splitlines():
                if (bare := _bare(line)) in meant:
                    inside = lost or meant[bare] == heading
                elif inside:
                    lines.append(line)
        new = "\n".join(line for line in lines if line.strip() not in given)
        pictures = cell.pictures and (began or inside)
        if cell.name not in others and not (_is_blank(new) and not pictures):
            yield cell, "\n".join(lines) if cell.name == name else new


def _meanings(cells: list[Cell], released: list[Cell]) -> dict[str, str]:
    """Return which of the released headings each of a student's headings stands for.

    Who changes a heading's words leaves its number; but "1. My first reason" stands for nothing
    where exercise 1 has its own heading still.
    """
    landmarks = [one for cell in released for one in _headings(cell)]
    theirs = [one for cell in cells for one in _headings(cell)]
    numbers = {_number(one): one for one in landmarks if one not in theirs and _number(one)}
    meant = {one: numbers[_number(one)] for one in theirs if _number(one) in numbers}
    return meant | {one: one for one in landmarks if one in theirs}


def _heading_before(released: list[Cell], name: str) -> str:
    """Return the heading under which the released notebook asks for an answer."""
    heading = ""
    for cell in released:
        if cell.name == name:
            return heading
        heading = (_headings(cell) or [heading])[-1]
    return ""


def _headings(cell: Cell) -> list[str]:
    if cell.kind != "markdown":
        return []
    return [bare for line in cell.source.splitlines() if (bare := _bare(line))]


def _bare(line: str) -> str:
    """Return a heading's text, or nothing where a line is none."""
    found = re.fullmatch(r"#{1,6} +(.+?)\s*", line)
    return found[1] if found else ""


def _number(heading: str) -> str:
    found = re.match(r"\d+(?=\.)", heading)
    return found[0] if found else ""


def _is_blank(text: str) -> bool:
    return not NOTHING.sub("", text)


def _can_be_shown(kind: str, content: str) -> bool:
    return kind in SHOWN and bool(BASE64.fullmatch(content))


def _told(number: int, kind: str, content: str) -> str:
    """Return what stands for a picture in the text, so that another picture is another answer."""
    mark = hashlib.sha256(content.encode()).hexdigest()[:8]
    if _can_be_shown(kind, content):
        return f"(picture {number}, {mark})"
    return f"(picture {number}, {mark}: it cannot be shown here; see the notebook handed in)"
