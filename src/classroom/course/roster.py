"""Who takes the course: a CSV from nbgrader, Canvas or Moodle, and how a sender is found in it."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from classroom.course.folder import CourseError
from classroom.course.names import Sender, is_id

TEST_STUDENT = "Student, Test"  # whom Canvas gives to each teacher, and lists among the class


@dataclass(frozen=True)
class Student:
    """A student: the course's id for them, and what the learning platform knows."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def names(self) -> set[str]:
        """The forms of the name that a platform's downloads use."""
        first, last = self.first_name, self.last_name
        return {plain(name) for name in (self.id, self.email, first + last, last + first)} - {""}


def plain(name: str) -> str:
    """Return a name without spaces, accents, punctuation and capitals.

    >>> plain("Doe-Núñez, Jane") == plain("doenunezjane")
    True
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, with or without a byte order mark.

    Raises:
        CourseError: There is no such file, or it is no CSV in UTF-8 with a header.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} is no CSV in UTF-8: save it as one ({error})") from None
    if not rows:
        raise CourseError(f"{path} has no rows below its header")
    return [{key: value or "" for key, value in row.items() if key} for row in rows]


def read_roster(path: Path) -> list[Student]:
    """Return the students of a roster: nbgrader's CSV, a Canvas gradebook, a Moodle worksheet.

    Raises:
        CourseError: Columns or students are missing, or an id is unusable or stands there twice.
    """
    rows = read_csv(path)
    for read in (_nbgrader, _canvas, _moodle):
        try:
            students = [student for row in rows if (student := read(row))]
        except KeyError:
            continue
        _check(path, students)
        return students
    raise CourseError(
        f"{path} is no roster: it needs the columns id, first_name, last_name, email and"
        " lms_user_id, or those of a Canvas gradebook or of a Moodle grading worksheet"
    )


def find(students: list[Student], sent: Sender) -> Student:
    """Return who sent a file.

    Args:
        students: The roster; empty if there is none: then the name or number becomes the id.
        sent: What the file's name tells.

    Raises:
        ValueError: Nobody fits, or more than one.
    """
    if not students:
        return _unlisted(sent)
    found = [one for one in students if sent.number and one.lms_user_id == sent.number]
    found = found or [one for one in students if not sent.number and one.id == sent.who]
    if not found:  # a name may be chosen; where the roster has a number, the number decides
        open_to_names = [one for one in students if not (sent.number and one.lms_user_id)]
        found = [one for one in open_to_names if plain(sent.who) in one.names]
    if not found:
        raise ValueError(f"{sent.who!r} is not in the roster")
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise ValueError(f"{sent.who!r} may be any of {ids}: put lms_user_id into the roster")
    return found[0]


def _unlisted(sent: Sender) -> Student:
    student = Student(
        sent.number or sent.who,
        last_name=_clean(sent.who) if sent.number else "",
        lms_user_id=sent.number,
    )
    if not is_id(student.id):
        raise ValueError(f"{student.id!r} is no id of a student: pass a roster, or rename it")
    return student


def _clean(name: str) -> str:
    """Return a name without what a page could take for markup.

    Pages show names as text, where an apostrophe is none.

    >>> _clean("O'Brien<script>")
    "O'Brienscript"
    """
    return re.sub(r"[<>&\"`]", "", name).strip()


def _student(id_: str, first: str, last: str, email: str, number: str) -> Student:
    parts = (id_.strip(), _clean(first), _clean(last), email.strip(), number.strip())
    return Student(*parts)


def _nbgrader(row: dict[str, str]) -> Student:
    number = row.get("lms_user_id", "")
    return _student(row["id"], row["first_name"], row["last_name"], row.get("email", ""), number)


def _canvas(row: dict[str, str]) -> Student | None:
    name, number = row["Student"], row["ID"]
    if not number.strip() or name.strip() == TEST_STUDENT:  # or the row of points possible
        return None
    last, _, first = name.partition(",")
    known = row.get("SIS Login ID") or row.get("SIS User ID") or number
    return _student(known, first, last, known if "@" in known else "", number)


def _moodle(row: dict[str, str]) -> Student:
    number = row["Identifier"].removeprefix("Participant ")
    first, _, last = row["Full name"].rpartition(" ")
    email = row.get("Email address", "")
    return _student(row.get("ID number") or email or number, first, last, email, number)


def _check(path: Path, students: list[Student]) -> None:
    if not students:
        raise CourseError(f"{path} names no student")
    seen = set()
    for student in students:
        if not is_id(student.id):
            raise CourseError(f"{path}: {student.id!r} is no id: use letters, digits, . _ @ + -")
        if student.id.casefold() in seen:
            raise CourseError(f"{path}: the id {student.id!r} stands there twice")
        seen.add(student.id.casefold())
