"""Grades as the CSV that a learning platform imports."""

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from classroom.course.folder import CourseError
from classroom.course.grades import Grade
from classroom.course.results import points
from classroom.course.roster import TEST_STUDENT, plain, read_csv

# What a spreadsheet would run: at the start, or after a semicolon, where that parts its columns.
FORMULA = re.compile(r"(?:^|;)(?=\s*[=+\-@＝＋－＠])|^(?=[\t\r])")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?|-?")


@dataclass
class Export:
    """A CSV, and whom it does not serve.

    Args:
        text: The CSV.
        waiting: Students whose grade is left empty, for written answers wait for a person.
        unmatched: Students with a grade whom the template does not have.
        ungraded: Students of the CSV who have no grade.
    """

    text: str = ""
    waiting: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)


def export(grades: list[Grade], topic: str, form: str, template: Path | None = None) -> Export:
    """Write grades in a platform's own columns.

    Args:
        grades: The grades.
        topic: The topic: a column of the template whose name begins with it is filled.
        form: "canvas", "moodle" or "plain".
        template: What the platform lets you download: Canvas' gradebook, or Moodle's grading
            worksheet. Without it the columns are those that the platform's import asks for.

    Raises:
        CourseError: The gradebook has no students, the template lacks columns, or Canvas' numbers
            of the students are unknown.
    """
    if not grades:
        raise CourseError("the gradebook has no students: run `classroom collect` first")
    if form == "plain":
        return _plain(grades)
    rows = read_csv(template) if template else _rows(grades, form)
    return (_canvas if form == "canvas" else _moodle)(grades, topic, rows)


def neutral(text: str) -> str:
    """Return a CSV's field so that no spreadsheet takes it for a formula.

    >>> neutral("=cmd()"), neutral("-3.5"), neutral("-3+cmd()"), neutral("Doe, Jane")
    ("'=cmd()", '-3.5', "'-3+cmd()", 'Doe, Jane')
    """
    if NUMBER.fullmatch(text.strip()):
        return text
    return FORMULA.sub(lambda found: found[0] + "'", text)


def _plain(grades: list[Grade]) -> Export:
    result = Export(ungraded=[one.student for one in grades if one.score is None])
    result.waiting = [one.student for one in grades if one.waiting]
    rows = [
        {
            "student": one.student,
            "last_name": one.last_name,
            "first_name": one.first_name,
            "email": one.email,
            "points": "" if one.score is None else points(one.score),
            "max_points": points(one.most),
            "waiting": " ".join(one.waiting),
            "late": "late" if one.late else "",
        }
        for one in grades
    ]
    result.text = _csv(rows)
    return result


def _rows(grades: list[Grade], form: str) -> list[dict[str, str]]:
    """Return a template made from the gradebook."""
    if form == "moodle":
        return [
            {
                "Email address": one.email or (one.student if "@" in one.student else ""),
                "ID number": one.student,
                "First name": one.first_name,
                "Last name": one.last_name,
            }
            for one in grades
        ]
    if lacking := [one.student for one in grades if not one.lms_user_id]:
        raise CourseError(
            f"Canvas' numbers of {len(lacking)} students, such as {lacking[0]}, are unknown:"
            " download the gradebook from Canvas, and pass it as --template"
        )
    return [
        {
            "Student": f"{one.last_name}, {one.first_name}".strip(", "),
            "ID": one.lms_user_id,
            "SIS User ID": "",
            "SIS Login ID": one.student,
            "Section": "",
        }
        for one in grades
    ]


def _canvas(grades: list[Grade], topic: str, rows: list[dict[str, str]]) -> Export:
    """Fill one column; Canvas takes a gradebook with fewer columns than it gave."""
    who = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    if not {"Student", "ID"} <= rows[0].keys():
        raise CourseError("the template is no Canvas gradebook: it lacks Student or ID")
    column = next((name for name in rows[0] if _begins(name, topic)), topic)
    keys = ("ID", "SIS Login ID", "SIS User ID")
    result, filled = Export(), []
    most = points(grades[0].most)
    people = [row for row in rows if row["ID"].strip() and row["Student"].strip() != TEST_STUDENT]
    grade_of = _match(grades, people, keys, result)
    filled.append({"Student": "    Points Possible", column: most})
    for row in people:
        kept = {name: row[name] for name in who if name in row}
        filled.append(kept | {column: grade_of(row)})
    result.text = _csv(filled, [name for name in who if name in rows[0]] + [column])
    return result


def _moodle(grades: list[Grade], topic: str, rows: list[dict[str, str]]) -> Export:
    """Fill the worksheet's column Grade, or one that is called like the topic."""
    worksheet = "Identifier" in rows[0]
    if worksheet and "Grade" not in rows[0]:
        raise CourseError("the template lacks the column Grade: download the grading worksheet")
    column = "Grade" if worksheet else topic
    result = Export()
    keys = ("Identifier", "ID number", "Email address")
    grade_of = _match(grades, rows, keys, result)
    result.text = _csv([row | {column: grade_of(row)} for row in rows])
    return result


def _match(grades: list[Grade], rows: list[dict[str, str]], keys: tuple[str, ...], result: Export):
    """Return a function that gives a row's grade, and note whom the rows do not serve."""
    by_key = {}
    for one in grades:
        for key in (one.lms_user_id, one.student, one.email):
            by_key.setdefault(key.casefold(), one)
    by_key.pop("", None)

    def find(row: dict[str, str]) -> Grade | None:
        values = (row.get(key, "").removeprefix("Participant ").casefold() for key in keys)
        return next((by_key[value] for value in values if value in by_key), None)

    def grade_of(row: dict[str, str]) -> str:
        one = find(row)
        if one is None or one.score is None:
            names = ("Student", "Full name", *keys)
            result.ungraded.append(next((row[key] for key in names if row.get(key)), "?"))
            return ""
        if one.waiting:
            result.waiting.append(one.student)
            return ""
        return points(one.score)

    there = {one.student for row in rows if (one := find(row))}
    result.unmatched = [g.student for g in grades if g.score is not None and g.student not in there]
    return grade_of


def _begins(column: str, topic: str) -> bool:
    """Return whether Canvas' column, such as "Attention (4711)", is the topic's."""
    return plain(re.sub(r"\(\d+\)\s*$", "", column)) == plain(topic)


def _csv(rows: list[dict[str, str]], columns: list[str] | None = None) -> str:
    file = io.StringIO()
    columns = columns or list(rows[0]) if rows else ["student"]
    writer = csv.DictWriter(file, [neutral(name) for name in columns], lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({neutral(name): neutral(row.get(name, "")) for name in columns})
    return file.getvalue()
