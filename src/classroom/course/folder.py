"""The course folder: where releases, submissions, results and the gradebook of one term lie.

It has nbgrader's layout, so nbgrader's own tools work on it too:

    source/TOPIC/TOPIC.ipynb                 what the instructor wrote
    release/TOPIC/TOPIC.ipynb                what students get
    submitted/STUDENT/TOPIC/TOPIC.ipynb      what they handed in
    autograded/STUDENT/TOPIC/TOPIC.ipynb     the same, made harmless, with the checks' verdicts
    feedback/STUDENT/TOPIC/TOPIC.html        what they get back
    gradebook.db                             unless the gradebook is a PostgreSQL database
    overlay/TOPIC.md                         more checks, written by you, published nowhere
    .classroom/                              the secret, the frozen sources and the results
"""

import fcntl
import os
import secrets
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError

CONFIG = """\
# Read by nbgrader's own commands and by its formgrader, when they are started in this folder.
c = get_config()  # noqa: F821
c.CourseDirectory.db_url = {db!r}
c.CourseDirectory.course_id = {course!r}
"""
COURSE_ID = "default_course"  # nbgrader's steps use it where nobody names another
WRITING = ".writing-"  # how files begin that are not whole yet
LARGEST = 20_000_000  # bytes of one submitted notebook


class CourseError(ValueError):
    """Something about the course that the instructor can repair; its text says how."""


@dataclass(frozen=True)
class Course:
    """A course folder and its gradebook.

    Args:
        root: The folder.
        db: The gradebook's database, as a SQLAlchemy URL; empty for `gradebook.db` in the folder.
    """

    root: Path
    db: str = ""

    @property
    def db_url(self) -> str:
        """The gradebook's database."""
        return self.db or f"sqlite:///{self.root.resolve() / 'gradebook.db'}"

    @property
    def hidden(self) -> Path:
        """The folder of what only these commands read."""
        return self.root / ".classroom"

    def notebook(self, step: str, topic: str, student: str = ".") -> Path:
        """Return where nbgrader keeps the topic's notebook at a step, such as "release"."""
        return self.root / step / student / topic / f"{topic}.ipynb"

    def students(self, topic: str) -> list[str]:
        """Return the ids of those whose submission was collected, sorted."""
        found = self.root.glob(f"submitted/*/{topic}/{topic}.ipynb")
        return sorted(path.parents[1].name for path in found)

    def submission(self, topic: str, student: str) -> bytes:
        """Return what the student handed in.

        Raises:
            CourseError: It is a link, no file, or larger than 20 MB.
        """
        path = self.notebook("submitted", topic, student)
        if path.is_symlink() or not path.is_file():
            raise CourseError(f"{path} is no plain file: collect it again")
        if path.stat().st_size > LARGEST:
            raise CourseError(f"{path} is larger than {LARGEST // 1_000_000} MB: collect it again")
        return path.read_bytes()

    def source(self, topic: str) -> str:
        """Return the topic's source as it was when it was released.

        Raises:
            CourseError: The topic was not released in this course.
        """
        return _read(self.hidden / "sources" / f"{topic}.md", f"classroom release {topic}")

    def overlay(self, topic: str) -> str:
        """Return your further checks of the topic, or nothing if there are none.

        Raises:
            CourseError: They are there, and cannot be read.
        """
        path = self.root / "overlay" / f"{topic}.md"
        if not path.exists() and not path.is_symlink():
            return ""
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise CourseError(
                f"{path} cannot be read ({reason}): repair it, or take it away"
            ) from None

    def secret(self) -> str:
        """Return the secret that the students' seeds are made from; made at the first call."""
        path = self.hidden / "secret"
        if not path.exists():
            self.create()
            write_atomically(path, secrets.token_hex(32).encode(), replace=False)
        return path.read_text(encoding="ascii").strip()

    def create(self) -> None:
        """Make the folder, hidden from git, with the configuration that nbgrader reads."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.hidden.mkdir(exist_ok=True)
        for folder in (self.root, self.hidden):
            if not (folder / ".gitignore").exists():
                (folder / ".gitignore").write_text("# students' data and a secret\n*\n")
        config = self.root / "nbgrader_config.py"
        if not config.exists():
            write_atomically(config, CONFIG.format(db=self.db_url, course=COURSE_ID).encode())

    @contextmanager
    def gradebook(self) -> Iterator:
        """Open nbgrader's gradebook.

        Raises:
            CourseError: The database cannot be opened or used, or lacks what is looked for.
        """
        from nbgrader.api import Gradebook, MissingEntry
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError

        try:
            shown = make_url(self.db_url).render_as_string(hide_password=True)
            with _installed_programs():
                gradebook = Gradebook(self.db_url, COURSE_ID)
        except ArgumentError:
            raise CourseError("that is no database: pass postgresql+psycopg://host/name") from None
        except (SQLAlchemyError, ImportError, OSError, CalledProcessError) as error:
            raise CourseError(f"the gradebook {shown} cannot be opened: {_reason(error)}") from None
        with gradebook:
            try:
                yield gradebook
            except MissingEntry as error:
                raise CourseError(
                    f"{error} in the gradebook {shown}: run `classroom release` with it first"
                ) from None
            except SQLAlchemyError as error:
                raise CourseError(
                    f"the gradebook {shown} cannot be used: {_reason(error)}; what was done is "
                    "kept, so run the command again"
                ) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands out while this one writes; a killed command frees the lock.

        Raises:
            CourseError: Another command is at work, or there is no course here.
        """
        if not self.hidden.is_dir():
            raise CourseError(f"{self.root} is no course folder: start with `classroom release`")
        with open(self.hidden / "lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CourseError(f"another command is at work in {self.root}: wait") from None
            for unfinished in self.hidden.rglob(f"{WRITING}*"):  # by a command that was killed
                unfinished.unlink(missing_ok=True)
            yield


def write_atomically(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file so that it is there whole or not at all, readable by its owner only.

    With `replace=False` a file that is there already stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=WRITING, dir=path.parent)  # mode 0600
    try:
        with naming(path.parent), open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(name, path)
        elif not path.exists():
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error that names no file, such as that of a full disk, name this path."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


@contextmanager
def _installed_programs() -> Iterator[None]:
    """Let a library start by name what was installed with it, in an environment not activated too.

    nbgrader starts `alembic` when it makes a database.
    """
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + path
    try:
        yield
    finally:
        os.environ["PATH"] = path


def _reason(error: Exception) -> str:
    """Return what a database says, without the statement that it says it of."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _read(path: Path, command: str) -> str:
    if not path.exists():
        raise CourseError(f"{path.stem} was not released here: run `{command}` first")
    return path.read_text(encoding="utf-8")
