"""Grades in the columns of Canvas and Moodle; nothing that a spreadsheet would run."""

import csv
import io

import pytest

from classroom.course.export import export, neutral
from classroom.course.folder import CourseError
from classroom.course.grades import Grade


def grade(student, score=None, *, first="Jane", last="Doe", number="", waiting=(), late=False):
    return Grade(student, first, last, f"{student}@x.org", number, score, 9, waiting, late)


GRADES = [
    grade("ann", 8.5, number="1"),
    grade("bob", 3.0, number="2", first="=cmd()", last="+1"),
    grade("cid", 5.0, number="3", waiting=("tiny-3",)),
    grade("dan", number="4"),
    grade("out", 9.0, number="99"),
]
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Other (11),Tiny (12)
    Points Possible,,,,,5,9
"Doe, Ann",1,,ann,A,4,
"=HYPERLINK(""x"")",2,,bob,A,4,
"Doe, Cid",3,,cid,A,4,
"Doe, Dan",4,,dan,A,,
"Doe, Eve",5,,eve,A,,
"Student, Test",6,,,A,,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (submission)
Participant 1,Ann Doe,ann@x.org,Submitted,,9.00,-
Participant 70,Bob Doe,BOB@x.org,Submitted,,9.00,-
Participant 3,Cid Doe,cid@x.org,Submitted,,9.00,-
"""


def rows(result):
    return list(csv.DictReader(io.StringIO(result.text)))


@pytest.fixture
def template(tmp_path):
    def write(text):
        (tmp_path / "template.csv").write_text(text, encoding="utf-8-sig")
        return tmp_path / "template.csv"

    return write


def test_canvas_fills_the_column_of_the_topic_and_leaves_the_others_out(template):
    result = export(GRADES, "tiny", "canvas", template(CANVAS))
    table = rows(result)
    assert list(table[0]) == [
        "Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Tiny (12)"
    ]  # fmt: skip
    assert [row["Tiny (12)"] for row in table] == ["9", "8.5", "3", "", "", ""]
    assert table[2]["Student"] == '\'=HYPERLINK("x")'
    assert (result.waiting, result.unmatched, result.ungraded) == (
        ["cid"],
        ["out"],
        ["Doe, Dan", "Doe, Eve"],
    )


def test_canvas_without_a_template():
    table = rows(export(GRADES[:2], "tiny", "canvas"))
    assert table[1] == {
        "Student": "Doe, Jane", "ID": "1", "SIS User ID": "", "SIS Login ID": "ann",
        "Section": "", "tiny": "8.5",
    }  # fmt: skip
    assert table[2]["Student"].startswith("'+1")
    with pytest.raises(CourseError, match="--template"):
        export([grade("ann", 1.0)], "tiny", "canvas")


def test_moodle_fills_the_worksheet_by_number_or_email(template):
    result = export(GRADES, "tiny", "moodle", template(MOODLE))
    table = rows(result)
    assert [row["Grade"] for row in table] == ["8.5", "3", ""]
    assert table[0]["Last modified (submission)"] == "-"
    assert (result.waiting, result.unmatched) == (["cid"], ["out"])


def test_moodle_without_a_template():
    table = rows(export(GRADES[:1], "tiny", "moodle"))
    assert table[0]["Email address"] == "ann@x.org" and table[0]["tiny"] == "8.5"


def test_plain_has_all():
    table = rows(export(GRADES, "tiny", "plain"))
    assert [row["points"] for row in table] == ["8.5", "3", "5", "", "9"]
    assert table[1]["first_name"] == "'=cmd()" and table[2]["waiting"] == "tiny-3"


@pytest.mark.parametrize(
    "text", ["=1", "+cmd", "-cmd", "@x", "\tx", "\r=x", " =x", "- x", "-2+3+cmd|x", "＝1"]
)
def test_formulas_are_neutralized(text):
    assert neutral(text) == "'" + text


def test_a_formula_behind_a_semicolon_is_neutralized():
    assert neutral("Doe;=1;@x") == "Doe;'=1;'@x"


@pytest.mark.parametrize("form", ["canvas", "moodle", "plain"])
def test_without_students_there_is_nothing_to_export(form):
    with pytest.raises(CourseError, match="no students"):
        export([], "tiny", form)


@pytest.mark.parametrize("text", ["", "-", "-3.5", "+2", "Doe, Jane", "a=b", "2026-01-01"])
def test_other_text_stays(text):
    assert neutral(text) == text


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_wrong_templates_are_refused(template, form, tmp_path):
    with pytest.raises(CourseError, match=r"lacks|no Canvas"):
        export(GRADES, "tiny", form, template("Identifier,b\n1,2\n"))
    with pytest.raises(CourseError, match="cannot be read"):
        export(GRADES, "tiny", form, tmp_path / "none.csv")
