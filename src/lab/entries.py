"""Entries of a journal: one file each, written once and never changed.

So nothing can be overwritten: a second look at a step is a second file, and two notebooks that
are open at once write beside each other. A digest in each file shows when it was changed since.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """What was written down at one step: the note, what was measured, with which versions."""

    number: int
    step: int
    at: str
    note: str
    facts: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)

    def same_as(self, other: "Entry") -> bool:
        """Say whether the other one tells nothing else: step, note, facts and answers.

        >>> Entry(1, 1, "today", "note").same_as(Entry(2, 1, "later", "note"))
        True
        """
        ours, theirs = ((e.step, e.note, e.facts, e.answers) for e in (self, other))
        return ours == theirs


def digest(data: Mapping) -> str:
    """Return a digest of plain data, without its own; it guards against slips, not against fraud.

    >>> digest({"a": 1, "digest": "x"}) == digest({"a": 1})
    True
    """
    rest = {key: value for key, value in data.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def as_data(value: object) -> Any:
    """Return a value as JSON can keep it; what JSON does not know becomes its text.

    >>> as_data({1: (2, {3})}), as_data({(1, 2): 3})
    ({'1': [2, '{3}']}, '{(1, 2): 3}')
    """
    try:
        return json.loads(json.dumps(value, default=str))
    except (TypeError, ValueError):  # keys of other kinds, or a value that holds itself
        return str(value)


def write_anew(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it finds the old text or the new, never a part.

    Raises:
        ValueError: The folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise ValueError(
            f"{path.name} cannot be written ({error.strerror}): nothing was kept, so leave your "
            "text in its cell, and pass open_journal a folder that you may write"
        ) from error


def write_entry(folder: Path, entry: Entry) -> Path:
    """Write an entry into a file of its own, and return that file."""
    data = asdict(entry)
    name = f"{entry.number:04d}-step-{entry.step}-{secrets.token_hex(2)}.json"
    data["digest"] = digest(data)
    write_anew(folder / name, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return folder / name


def read_entry(path: Path) -> Entry:
    """Read an entry.

    Raises:
        ValueError: The file is damaged, or was changed since it was written.
    """
    try:
        data = json.loads(path.read_text("utf8"))
        intact = data.pop("digest") == digest(data)
        entry = Entry(**data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path.name} is damaged") from error
    if not intact:
        raise ValueError(f"{path.name} was changed outside of the lab")
    return entry


def set_aside(path: Path) -> Path:
    """Give a file another name, one that no file has, and return it.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.json").write_text("mine")
    4
    >>> set_aside(folder / "a.json").name
    'a.json.set-aside-1'
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.set-aside-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside
