"""A small course for tests: its source, notebooks as students hand them in, a grader of strings."""

import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

TINY = Path(__file__).parents[1] / "classroom" / "course" / "tiny.md"
RIGHT = "def weights_of(scores):\n    e = np.exp(scores - scores.max())\n    return e / e.sum()"
ANSWERS = {
    "tiny-1": "def weights_of(scores):\n    e = np.exp(scores)\n    return e / e.sum()",
    "tiny-2": "def mixed(weights, values):\n    return weights @ values",
    "tiny-3": "Exponentials grow fast.",
}
# It computes for a second of the processor, and then gives a right answer.
BUSY = f"busy = sum(number % 7 for number in range(10**7))\n{RIGHT}"
MISTAKE = "You took the plain mean: multiply each value by its weight."


def hog(seconds: int) -> str:
    """Return an answer that starts as many processes as it can, each of a session of its own.

    It takes its time to answer.
    """
    return f"""import os, time
for _ in range(58):
    try:
        if not os.fork():
            os.setsid()
            while True: pass
    except OSError:
        break
def weights_of(scores):
    time.sleep({seconds})
    return scores"""


def handed_in(release: Path, changes: dict[str, str] | None = None) -> bytes:
    """Return the released notebook with a student's answers, by grade_id."""
    import nbformat  # workers that grade strings need none

    notebook = nbformat.read(release, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = (ANSWERS | (changes or {})).get(name, cell.source)
    return nbformat.writes(notebook).encode()


@contextmanager
def inline():
    """Start a worker that is no process, for tests that need none."""
    with ThreadPoolExecutor(1) as executor:
        yield executor, 1


def grade_reference(*, source, overlay):
    """Look whether the source is marked as broken."""
    if "BROKEN REFERENCE" in source:
        raise ValueError("the reference of tiny.2 does not get full marks here")
    if "KILL THE WORKER" in source:
        os._exit(1)


def grade(*, source, submission, student, secret, overlay):
    """Grade by looking at strings; note each call in a file that the environment names."""
    text = submission.decode("utf-8", "replace")
    if log := os.environ.get("FAKE_GRADES"):
        with open(log, "a") as file:
            again = student in Path(log).read_text()
            file.write(f"{student} {hashlib.sha256(submission).hexdigest()[:8]}\n")
    time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
    if "KILL THE WORKER" in text:
        os._exit(1)
    if "BREAK THE GRADER" in text:
        raise RuntimeError("the grader broke")
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError:
        return report(notebook={"cells": []}, ones=0, answer="", problems=["It is no notebook."])
    cells = notebook["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    answers = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "tiny-3"]
    ones = 1 - ("WRONG" in text)
    answer = answers[0]["source"] if answers else ""
    slow = "ALWAYS SLOW" in text or ("SLOW AT FIRST" in text and not again)
    found = report(notebook=notebook, ones=ones - slow, answer=answer)
    return found | {"by_clock": slow}


def report(*, notebook: dict, ones: int, answer: str, problems: tuple | list = ()) -> dict:
    """Return a report of the grader's form, with full points in exercise 1 and ones × 2 in 2."""
    failed = {"check": "weighted_sum", "sentence": "Each value counts as much as its weight says."}
    failed |= {"misconception": MISTAKE, "detail": "the first number is 1 where 2 is expected"}
    first = {"points": 3.0, "max": 3.0, "passed": ["follows_softmax"], "failed": [], "reason": None}
    second = first | {"points": 2.0 * ones, "max": 2.0, "failed": [] if ones else [failed]}
    return {
        "exercises": {"tiny.1": first, "tiny.2": second},
        "tasks": {"tiny.3": {"answer": answer, "max": 4.0}},
        "problems": list(problems),
        "notebook": notebook,
    }
