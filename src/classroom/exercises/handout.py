"""Make what a student gets from what an instructor wrote.

    python -m classroom.exercises.handout            writes all topics anew

From each `solutions/<topic>.md` come `exercises/<topic>.md`, without solutions, hidden checks and
rubrics, and `src/classroom/exercises/known/<topic>.json`, which `classroom.check` compares with.
"""

import re
import sys
from pathlib import Path

import jupytext
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from tqdm import tqdm

from classroom.exercises.record import record
from classroom.exercises.source import load_source, read

FRONT_MATTER = re.compile(r"---\n.*?\n---\n", re.DOTALL)
HIDDEN_TAGS = {"rubric", "solution-only"}
TITLE = re.compile(r"^## .+", re.MULTILINE)


def student_version(text: str) -> str:
    """Return a source without its solutions, hidden checks, rubrics and discussions.

    Args:
        text: A MyST notebook with nbgrader's metadata.

    Raises:
        ValueError: An exercise's title stands in a cell that students do not get.
    """
    notebook = read(text)
    notebook.cells = [
        cell for cell in notebook.cells if not HIDDEN_TAGS & set(cell.metadata.get("tags", []))
    ]
    # The first cell's imports for checks are hidden too, though it is not graded.
    for step in (ClearSolutions(), ClearHiddenTests(enforce_metadata=False)):
        notebook, _ = step.preprocess(notebook, {})
    for cell in notebook.cells:
        cell.source = cell.source.strip()
    body = jupytext.writes(notebook, fmt="md:myst").removeprefix("---\n").split("\n---\n", 1)[1]
    # jupytext would add its version to the front matter, and drop what it doesn't know.
    front = FRONT_MATTER.match(text)
    assert front is not None, "a topic begins with its front matter"
    for title in TITLE.findall(text):
        if title not in body:
            raise ValueError(f"students would not get {title!r}: write a line `+++` before it")
    return front[0] + body


def write_topic(source: Path, root: Path, known: Path) -> None:
    """Write a topic's student version, and what `check` compares with."""
    text = source.read_text("utf8")
    (root / "exercises" / source.name).write_text(student_version(text), "utf8")
    (known / f"{source.stem}.json").write_text(record(load_source(text)), "utf8")


def main(root: Path) -> None:
    """Write all topics of a repository anew, whichever copy of the package is imported.

    Raises:
        ValueError: There is no source in `root`.
    """
    known = root / "src" / "classroom" / "exercises" / "known"
    sources = sorted(root.glob("solutions/*.md"))
    if not sources:
        raise ValueError(f"{root} holds no solutions/*.md: run this in the repository's root")
    known.mkdir(parents=True, exist_ok=True)
    for source in tqdm(sources, desc="exercises", file=sys.stdout):
        write_topic(source, root, known)


if __name__ == "__main__":
    main(Path.cwd())
