"""The learner's journal: observations that are kept, checked and exported.

It is a folder beside the notebook with a file for each observation. Progress is read from these
files each time, so it survives a closed notebook and a restarted kernel.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from lab.entries import Entry, as_data, read_entry, set_aside, write_entry
from lab.export import write_export
from lab.machine import versions
from lab.progress import state_of, states, told_progress, told_step
from lab.showing import Shown, bullets, plain
from lab.steps import STEPS

NAME = "detective-journal"
VARIABLE = "CLASSROOM_FOLDER"  # where journals are kept instead of beside their notebook


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


class Journal:
    """The observations of one learner, in a folder; shown as its place and its progress.

    Args:
        folder: Where they are kept.
        now: Tells date and time.
    """

    def __init__(self, folder: Path, now: Callable[[], str] = _now):
        self.folder = folder
        self._now = now
        self._told: list[str] = []

    def entries(self) -> list[Entry]:
        """Return all observations, the oldest first; set aside the files that cannot be trusted."""
        found = []
        for path in sorted(self.folder.glob("[0-9]*-step-*.json")):
            try:
                entry = read_entry(path)
                if entry.step not in STEPS:
                    raise ValueError(f"{path.name} belongs to no step")
                found.append(entry)
            except ValueError as error:
                aside = set_aside(path)
                self._told.append(
                    f"{error}: it is kept as {aside.name} and does not count; record that step "
                    "again, and copy from there what you need"
                )
        return sorted(found, key=lambda one: one.number)

    def record(
        self, step: int, result: Shown | str | None = None, *, note: str = "", **answers
    ) -> Shown:
        """Keep an observation, and say whether the step is done or what is missing.

        What is not finished is kept, too. The same observation twice is kept once.

        Args:
            step: The step's number.
            result: What the step's function returned; a text is taken for a part of the note.
            note: What you saw, in your words.
            answers: What else the step asks for.

        Raises:
            ValueError: There is no such step, or the folder cannot be written.
        """
        if not isinstance(step, int) or step not in STEPS:
            raise ValueError(f"there is no step {step!r}: pass a number from 1 to {len(STEPS)}")
        if isinstance(result, str):
            note = f"{result} {note}".strip()
        before = self.entries()
        number = max((one.number for one in before), default=0) + 1
        facts = as_data(result.facts) if isinstance(result, Shown) else {}
        said = str(note).encode("utf8", "replace").decode("utf8")  # half of an emoji, for instance
        answers = {name: as_data(value) for name, value in answers.items()}
        new = Entry(number, step, self._now(), said, facts, answers, versions())
        if not any(new.same_as(one) for one in before if one.step == step):
            write_entry(self.folder, new)
            before.append(new)
        found = states(before)
        told = told_step(state_of(new, before), STEPS[step])
        done = sum(one.name == "done" for one in found.values())
        if found[step].name == "done" and state_of(new, before).name != "done":
            told += "\n\nAn earlier observation had finished this step: it stays done."
        return Shown(self._with_told(f"{told}\n\n{done} of {len(STEPS)} steps done."))

    def progress(self) -> Shown:
        """Return the table of all steps and their states."""
        return Shown(self._with_told(told_progress(states(self.entries()))))

    def export(self, learner: str = "") -> Shown:
        """Write `report.md` and `report.json` into the journal's folder; show where they are.

        Args:
            learner: A name or number that the reader of the export is to see.
        """
        written, told = write_export(
            self.folder, self.entries(), learner=learner, at=self._now(), versions=versions()
        )
        self._told += told
        names = " and ".join(path.name for path in written)
        return Shown(self._with_told(f"Exported: {names}, in the folder {self.folder.name}."))

    def _repr_markdown_(self) -> str:
        entries = self.entries()
        count = len(entries)
        kept = f"{count or 'no'} observation{'s' if count > 1 else ''} so far"
        told = f"Your journal is the folder *{plain(self.folder.name)}*: {kept}."
        # What was found wrong with files is told again by the next step, not forgotten here.
        found = f"{bullets(self._told)}\n\n" if self._told else ""
        return f"{found}{told}\n\n{told_progress(states(entries))}"

    def __repr__(self) -> str:
        return self._repr_markdown_()

    def _with_told(self, text: str) -> str:
        """Return a text below what was found wrong with files, which is told once."""
        told, self._told = self._told, []
        return f"{bullets(told)}\n\n{text}" if told else text


def open_journal(folder: str | os.PathLike | None = None) -> Journal:
    """Open the journal that is there, or a new one.

    Args:
        folder: Where it is; None: the folder `detective-journal` beside the notebook, or in the
            folder that the environment variable CLASSROOM_FOLDER names.

    Raises:
        ValueError: There is a file of that name.

    >>> import tempfile
    >>> open_journal(tempfile.mkdtemp()).entries()
    []
    """
    place = Path(folder) if folder is not None else Path(os.environ.get(VARIABLE) or ".") / NAME
    if place.exists() and not place.is_dir():
        raise ValueError(f"{place} is a file: move it, or pass another folder")
    return Journal(place)
