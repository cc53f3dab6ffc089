"""What a build was made of, and what it made: so the next one knows what it may keep.

A build that succeeds writes `_build/html.state` last: digests of all that it was made of and of
all files of the site. The next build removes that file first and compares. What has changed
decides what is forgotten; what is forgotten is made anew. After a build that failed, or was
killed at any moment, there is no such file, so everything is forgotten but the outputs of
chapters, which have keys of their own (see `bookbuild.execution`).
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath
from typing import IO

HERE = Path(__file__).parent
# The book's packages, which stand beside this one.
PACKAGES = ("bookbuild", "classroom", "lab", "lessons")
# What the root folder holds and no page depends on.
ASIDE = {"_build", "benchmarks", "binder", "build", "dist", "node_modules", "src", "tests"}
ASIDE |= {"CONTRIBUTING.md", "LICENSE", "LICENSE-TEXT", "Makefile", "README.md"}
JOURNAL = "detective-journal"  # a learner's own, which the lab keeps beside its notebook
# What decides outputs or pages, besides files, and what it is where it is not set.
VARIABLES = {"EDITION": "full", "LESSONS_MODELS": "", "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}

# What a change of this package's own files can touch. All others: everything.
TOUCHES_NOTHING = {"__main__.py", "breaks.py", "dependencies.py", "new_chapter.py"}
TOUCHES_NOTHING |= {"outputs.py", "serve.py"}
# The forms beside the site, which are made of its pages.
TOUCHES_NOTHING |= {"cover.py", "epub.css", "epub.py", "pdf.py", "whole.css", "whole.py"}
TOUCHES_NOTHING |= {"package.py", "xhtml.py"}
TOUCHES_SHARED_FILES = {"stylesheet.py", "static"}
TOUCHES_PAGES = {"assets.py", "cite.py", "feed.py", "notebooks.py", "pages.py", "policy.py"}
TOUCHES_PAGES |= {"templates"}

_held: dict[Path, IO] = {}
# What this process has read, by file: what tells a version of it from the next, and its digest.
_read: dict[Path, tuple[tuple, str]] = {}
SETTLED = 2.0  # seconds after which a file's times tell of each change


def hold(build: Path, say: Callable[[str], object]) -> None:
    """Wait until no other build of this book runs, and keep others out until this process ends."""
    if build in _held:
        return
    build.mkdir(parents=True, exist_ok=True)
    lock = (build / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"another build writes into {build}: waiting until it ends")
        fcntl.flock(lock, fcntl.LOCK_EX)
    _held[build] = lock


def made_of(root: Path) -> dict[str, str]:
    """Return a digest of everything that the site is made of, by name."""
    found = {name: _digest(file) for name, file in _sources(root).items()}
    installed = sorted(
        entry.name for folder in sys.path for entry in Path(folder).glob("*.dist-info")
    )
    found["installed packages"] = _text_digest([sys.version, *installed])
    for name, unset in VARIABLES.items():
        found[f"${name}"] = os.environ.get(name) or unset
    return found


def times(root: Path) -> dict[str, int]:
    """Return when each file that the site is made of was written."""
    found = {}
    for name, file in _sources(root).items():
        with contextlib.suppress(FileNotFoundError):  # an editor has just replaced it
            found[name] = file.stat().st_mtime_ns
    return found


def _sources(root: Path) -> dict[str, Path]:
    """Return the files that the site is made of, by name."""
    packages = (HERE.with_name(name) for name in PACKAGES)
    found = {
        f"src/{file.relative_to(HERE.parent).as_posix()}": file
        for package in packages
        for file in _files(package)
    }
    # A student's edition is made of no solution.
    aside = ASIDE | ({"solutions"} if os.environ.get("EDITION") == "student" else set())
    for top in root.iterdir():
        if top.name not in aside and not top.name.startswith("."):
            for file in _files(top) if top.is_dir() else [top]:
                found[file.relative_to(root).as_posix()] = file
    return found


def made(site: Path) -> dict[str, str]:
    """Return a digest of every file of the site, by name."""
    return {file.relative_to(site).as_posix(): _digest(file) for file in _files(site)}


def load(site: Path) -> dict[str, dict[str, str]]:
    """Return what the last build noted, or nothing if it did not succeed."""
    try:
        last = json.loads(_file(site).read_text("utf8"))
    except (FileNotFoundError, ValueError):
        return {}
    return last if last.keys() == {"made of", "made"} else {}


def store(site: Path, before: dict[str, str]) -> None:
    """Note that a build has succeeded: what it was made of, and what it made."""
    new = _file(site).with_suffix(".new")
    new.write_text(json.dumps({"made of": before, "made": made(site)}), "utf8")
    new.replace(_file(site))


def remember(root: Path, site: Path) -> None:
    """Read all files now, so that a copy of this process need not read what stays as it is."""
    made_of(root)
    made(site)


def is_current(root: Path, site: Path) -> bool:
    """Say whether the site is what a build would make."""
    last = load(site)
    return bool(last) and last == {"made of": made_of(root), "made": made(site)}


def begin(root: Path, site: Path, doctrees: Path) -> tuple[dict[str, str], set[str]]:
    """Forget what cannot be kept; return what the site is made of, and what of it has changed."""
    last, now = load(site), made_of(root)
    _file(site).unlink(missing_ok=True)
    before = last.get("made of", {})
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    kept = site.parent / "jupyter_execute"
    if not last or any(_touches_everything(name, before, now) for name in changed):
        forgotten = [site, doctrees, kept]
    elif last["made"] != made(site) or any(_is_of(TOUCHES_PAGES, name) for name in changed):
        forgotten = [site]
    else:
        forgotten = []
    for folder in forgotten:
        shutil.rmtree(folder, ignore_errors=True)
    site.mkdir(parents=True, exist_ok=True)
    doctrees.mkdir(parents=True, exist_ok=True)
    return now, changed


def is_edited(root: Path, before: dict[str, str], docname: str) -> bool:
    """Say whether a page's text is another than it was."""
    return _digest(root / f"{docname}.md") != before.get(f"{docname}.md")


def changed_documents(changed: Iterable[str]) -> set[str]:
    """Return the pages whose own text has changed."""
    texts = (name for name in changed if name.endswith(".md") and not name.startswith("src/"))
    return {name.removesuffix(".md") for name in texts}


def lessons_changed(changed: Iterable[str]) -> bool:
    """Say whether code has changed that pages may document."""
    return any(
        name.startswith("src/") and not name.startswith("src/bookbuild/") for name in changed
    )


def _touches_everything(name: str, before: dict[str, str], now: dict[str, str]) -> bool:
    """Say whether a change may touch every page; an edit of a page or of a lesson does not."""
    edited = name in before and name in now
    if name.startswith("src/bookbuild/"):
        partly = TOUCHES_NOTHING | TOUCHES_SHARED_FILES | TOUCHES_PAGES
        return not (edited and _is_of(partly, name))
    if name.startswith("src/"):
        return not (edited or name.endswith(".py"))  # the site may have a copy of what is no code
    return not (edited and name.endswith(".md"))


def _is_of(kinds: set[str], name: str) -> bool:
    parts = PurePath(name).parts
    return parts[:2] == ("src", "bookbuild") and parts[2] in kinds


def _file(site: Path) -> Path:
    return site.with_suffix(".state")


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts[:-1])
        aside = {"__pycache__", JOURNAL} & set(file.parts)
        if not hidden and not aside and file.is_file():
            yield file


def _digest(file: Path) -> str:
    """Return a file's digest; a file that was read before, and is untouched, is not read again."""
    found = file.stat()
    version = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    if file in _read and _read[file][0] == version:
        return _read[file][1]
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()[:32]
    if time.time() - max(found.st_mtime, found.st_ctime) > SETTLED:
        _read[file] = version, digest
    return digest


def _text_digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]
