"""Which pages a browser visits in which view, and which of them it need not visit again."""

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from support.visit import VISITS

# Pages that are one template with other words: so many of each kind are visited, each in one view.
# Which ones follows from their content, so that a change brings others. Without a browser every
# page is looked at (test_files.py).
SAMPLED = {"_modules/": 6, "book/reference/api/": 3, "solutions/": 3}
# Where it is noted which visits passed, so that a page that is the same need not be visited again.
PASSED = ".visited"
# What a visit's outcome depends on beside the page itself.
TESTS = Path(__file__).parents[1]
VISITING = ("support/visit.py", "support/page_tests.py", "support/checks.py", "support/sample.py")


def visits(site: Path, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Give each page in each view; of pages that are like many others a sample, in one view."""
    for path in paths:
        if not path.startswith(tuple(SAMPLED)):
            yield from ((path, view) for view in VISITS)
    for kind, count in SAMPLED.items():
        alike = [path for path in paths if path.startswith(kind)]
        drawn = sorted(alike, key=lambda path: _digest(site / path))[:count]
        views = list(VISITS)
        yield from ((path, views[turn % len(views)]) for turn, path in enumerate(drawn))


@cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@cache
def _common(site: Path) -> str:
    """Return a digest of what all pages share, and of the tests themselves."""
    files = [file for file in sorted((site / "_static").rglob("*")) if file.is_file()]
    files += [TESTS / name for name in VISITING]
    return hashlib.sha256("".join(map(_digest, files)).encode()).hexdigest()


def _mark(site: Path, path: str, view: str) -> Path:
    """Return the file that says that this page passed in this view, as it is now."""
    text = f"{view} {path} {_digest(site / path)} {_common(site)}"
    return site.parent / PASSED / hashlib.sha256(text.encode()).hexdigest()


def note_passed(site: Path, path: str, view: str) -> None:
    """Note that nothing was wrong with this page in this view."""
    mark = _mark(site, path, view)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def to_visit(site: Path, paths: list[str], view: str) -> list[tuple[str, str]]:
    """Return the visits in a view; outside CI without those that passed on this very page."""
    mine = [one for one in visits(site, paths) if one[1] == view]
    if os.environ.get("CI"):
        return mine
    return [one for one in mine if not _mark(site, *one).exists()]
