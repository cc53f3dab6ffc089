"""The instructor's report: the right counts, a table, and drawings that say what they show."""

import csv

import pytest

from classroom.course.folder import CourseError, write_atomically
from classroom.course.grade import grade_topic
from classroom.course.report import drawings, rows, standings, write_report
from classroom.course.results import Results
from support import classroom as grader
from support.classroom import MISTAKE, handed_in, inline


def test_report(course):
    with pytest.raises(CourseError, match="classroom grade tiny"):
        standings(Results(course, "tiny"))
    path = course.notebook("release", "tiny")
    for student, changes in {"ann": {}, "bob": {"tiny-2": "WRONG"}, "cid": {}, "dan": {}}.items():
        submitted = course.notebook("submitted", "tiny", student)
        write_atomically(submitted, handed_in(path, changes))
    grade_topic(course, "tiny", inline, grader=grader)
    write_atomically(course.notebook("submitted", "tiny", "eve"), b"not graded yet")
    found = standings(Results(course, "tiny"))
    assert found["tiny.1"].shares == (100, 0, 0)
    assert found["tiny.2"].shares == (75, 0, 25)
    assert found["tiny.2"].misconceptions == {MISTAKE: 1}
    told = [(row["exercise"], row["mark"], row["submissions"]) for row in rows(found)]
    second = [("tiny.2", mark, count) for mark, count in (("", "4"), ("2a", "1"), ("", "1"))]
    assert told == [("tiny.1", "", "4"), *second]
    drawn = drawings("tiny", found)
    assert "full points: 1 100, 2 75; some: 1 0, 2 0; none: 1 0, 2 25" in drawn["exercises"].alt
    assert "2a 1" in drawn["misconceptions"].alt
    page = write_report(course, "tiny", found).read_text()
    assert MISTAKE in page and page.count("<svg") == 2 and "aria-label" in page
    with open(course.root / "reports" / "tiny.csv", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 4
