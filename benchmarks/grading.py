"""What grading costs over running the same notebook plainly: ratios within one run.

Only the ratios mean something: machines differ, and the same machine is noisy.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from classroom.grading.prepared import solved
from classroom.grading.submission import grade, grade_reference

SOURCE = Path(__file__).parents[1] / "solutions" / "attention.md"
REPEATS = 5


def seconds_of(task: Callable[[], object]) -> float:
    """Return how long a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def main() -> None:
    source = SOURCE.read_text("utf8")
    submission = solved(source)
    grade_reference(source)  # reads the source and tries the walls, once for all submissions

    def plain() -> None:
        notebook = nbformat.reads(submission.decode(), as_version=4)
        NotebookClient(notebook, kernel_name="python3").execute()

    def graded() -> None:
        grade(source, submission, student="ada", secret="benchmark")

    pairs = [(seconds_of(graded), seconds_of(plain)) for _ in range(REPEATS)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{SOURCE.name}, medians of {REPEATS}")
    print(f"{'graded, s':>12} {'executed, s':>12} {'graded/executed':>16}")
    print(f"{ours:12.2f} {theirs:12.2f} {ours / theirs:16.2f}  (target: at most 1.0)")


if __name__ == "__main__":
    main()
