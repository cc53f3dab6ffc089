"""A whole cycle: 64 submissions, hostile, broken and innocent, from the release to the CSV."""

# ruff: noqa: E501 - a submission is one line

import csv
import io
import json
import zipfile

import nbformat
import pytest

from classroom.course import workers
from classroom.course.collect import collect
from classroom.course.export import export
from classroom.course.feedback import feedback
from classroom.course.folder import Course, write_atomically
from classroom.course.grade import grade_topic
from classroom.course.grades import grades
from classroom.course.release import release
from classroom.course.report import standings, write_report
from classroom.course.results import Results
from support import strict
from support.classroom import BUSY, TINY, handed_in, hog

STUB = "raise NotImplementedError()"
# What stands in the first function, and the points of both: the second is always answered.
HOSTILE = {
    "equals-everything": "class All:\n    __eq__ = lambda s, o: True\n    __array__ = 1\nweights_of = lambda x: All()",
    "patched-library": "np.allclose = np.array_equal = lambda *a, **k: True\nweights_of = lambda x: x * 0",
    "transformer": "get_ipython = None\nimport builtins\nbuiltins.compile = None\nweights_of = lambda x: x * 0",
    "frame-walker": "import sys\ndef weights_of(x):\n    f = sys._getframe()\n    while f.f_back: f = f.f_back\n    f.f_globals['same'] = lambda *a: None\n    return x * 0",
    "writes-gradebook": "import glob\ndef weights_of(x):\n    for p in glob.glob('/**/gradebook.db', recursive=True): open(p, 'w').close()\n    return x * 0",
    "exits": "import os\ndef weights_of(x): os._exit(0)",
    "exits-at-once": "import os\nos._exit(0)",
    "forks": "import os\ndef weights_of(x):\n    while True: os.fork()",
    "hog": "def weights_of(x): return np.ones((10**6, 10**4)) + 1",
    "endless": "import signal\ndef weights_of(x):\n    [signal.signal(s, signal.SIG_IGN) for s in (2, 15)]\n    while True: pass",
    "flood": "def weights_of(x):\n    for _ in range(10**6): print('x' * 100)\n    return x * 0",
    "orphan": "import subprocess\ndef weights_of(x):\n    subprocess.Popen(['sleep', '1000'])\n    return x * 0",
    "socket": "import socket\ndef weights_of(x):\n    socket.create_connection(('127.0.0.1', 80))",
    "huge": "def weights_of(x): return [[0] * 10**6] * 100",
    "deep": "def weights_of(x):\n    v = []\n    for _ in range(10**5): v = [v]\n    return v",
    "nan": "def weights_of(x): return x * np.nan",
    "integers": "def weights_of(x): return np.zeros(5, int)",
    "random": "def weights_of(x): return np.random.rand(5)",
    "html": "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(8)</script>'))",
}  # fmt: skip
INNOCENT = {
    "plots-and-prints": "print('<b>hello</b>')\ndef weights_of(scores):\n    e = np.exp(scores - scores.max())\n    return e / e.sum()",
    "missing-import": "def weights_of(scores): return torch.softmax(scores)",
    "syntax-error": "def weights_of(scores) return scores",
    "no-exponential": "def weights_of(scores): return scores / scores.sum()",
    "overflows": "def weights_of(scores):\n    e = np.exp(scores)\n    return e / e.sum()",
    "negated": "def weights_of(s):\n    e = np.exp(s.min() - s)\n    return e / e.sum()",
    "unsolved": f"def weights_of(scores):\n    {STUB}",
}  # fmt: skip
RIGHT = INNOCENT["plots-and-prints"]
FULL = ["plots-and-prints", "lost-metadata", "duplicated", "reordered", "windows", "older-format"]
UNREADABLE = {"empty": b"", "bad-json": b'{"cells": [', "no-notebook": b'{"a": 1}', "pdf": b"%PDF"}
MEMBERS = ["../slip.ipynb", "/absolute.ipynb"]


def edited(release, change):
    notebook = nbformat.reads(handed_in(release, {"tiny-1": RIGHT}).decode(), as_version=4)
    change(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).encode()


def slips(release):
    """Return what innocent students do to a right notebook."""

    def lose(notebook):
        for cell in notebook.cells:
            cell.metadata.clear()

    def double(notebook):
        notebook.cells.insert(3, notebook.cells[2].copy())
        for number, cell in enumerate(notebook.cells):
            cell.id = f"c{number}"

    def turn(notebook):
        notebook.cells.reverse()

    windows = handed_in(release, {"tiny-1": RIGHT.replace("\n", "\r\n")}).replace(b"\n", b"\r\n")
    older = json.loads(handed_in(release, {"tiny-1": RIGHT}))
    older["nbformat_minor"] = 2
    for cell in older["cells"]:
        del cell["id"]
    return {
        "lost-metadata": edited(release, lose),
        "duplicated": edited(release, double),
        "reordered": edited(release, turn),
        "windows": windows,
        "older-format": json.dumps(older).encode(),
    }


@pytest.fixture(scope="module")
def cycle(tmp_path_factory):
    """Release, collect and grade; return the course, the outcomes of collecting and the tally."""
    folder = tmp_path_factory.mktemp("cycle")
    course = Course(folder / "course")
    release(course, "tiny", TINY.parent)
    path = course.notebook("release", "tiny")
    files = {name: handed_in(path, {"tiny-1": code}) for name, code in (HOSTILE | INNOCENT).items()}
    files |= slips(path) | UNREADABLE
    for number in range(64 - len(files)):  # the rest of the class gives nothing for the first
        files[f"student{number:02}"] = handed_in(path, {"tiny-1": f"# {number}"})
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(files.items()):
            archive.writestr(f"{name}_{1000 + number}_{number}_tiny.ipynb", data)
        for name in MEMBERS:
            archive.writestr(name, b"")
    (folder / "roster.csv").write_text(
        "id,first_name,last_name,email,lms_user_id\n"
        + "".join(f"{name},{name},X,,{1000 + number}\n" for number, name in enumerate(files))
    )
    outcomes = collect(course, "tiny", folder / "all.zip", roster=folder / "roster.csv")
    tally = grade_topic(course, "tiny", workers.local(2), grader=strict)
    return course, outcomes, tally


def test_all_are_collected_but_those_that_lead_out(cycle):
    _, outcomes, _ = cycle
    assert sorted(one.file for one in outcomes if one.outcome == "refused") == sorted(MEMBERS)
    assert sum(one.outcome == "collected" for one in outcomes) == 64


def test_each_is_graded_with_a_reason_for_each_lost_point(cycle):
    course, _, tally = cycle
    assert (tally.graded, tally.broken) == (64, {})
    for student, report in Results(course, "tiny").all():
        for name, one in report["exercises"].items():
            assert one["points"] == one["max"] or one["reason"], (student, name)


def test_no_trick_gains_and_no_slip_loses(cycle):
    course, _, _ = cycle
    found = {student: report["exercises"] for student, report in Results(course, "tiny").all()}
    first = {student: one["tiny.1"]["points"] for student, one in found.items()}
    second = {student: one["tiny.2"]["points"] for student, one in found.items()}
    assert {name: first[name] for name in HOSTILE} == dict.fromkeys(HOSTILE, 0)
    assert {name: first[name] + second[name] for name in FULL} == dict.fromkeys(FULL, 5)
    assert {name for name, points in second.items() if points < 2} - {
        "exits-at-once", "patched-library", "transformer"
    } == UNREADABLE.keys()  # fmt: skip
    assert first["overflows"] == 1.5


def test_misconceptions_are_told(cycle):
    course, _, _ = cycle
    found = standings(Results(course, "tiny"))["tiny.1"].misconceptions
    assert found["You divided the scores themselves by their sum: take exponentials first."] == 1
    assert write_report(course, "tiny", standings(Results(course, "tiny"))).exists()


def test_feedback_and_export(cycle):
    course, _, _ = cycle
    pages, broken = feedback(course, "tiny")
    assert (len(pages), broken) == (64, {})
    html = course.notebook("feedback", "tiny", "html").with_suffix(".html").read_text()
    assert "<script>alert" not in html
    assert "gradebook.db" not in html and "student01" not in html
    rows = csv.DictReader(io.StringIO(export(grades(course, "tiny"), "tiny", "plain").text))
    table = {row["student"]: row for row in rows}
    assert len(table) == 64 and table["windows"]["points"] == "5"
    assert table["windows"]["waiting"] == "tiny-3" and table["empty"]["waiting"] == ""


def test_a_neighbor_costs_no_points(tmp_path):
    course = Course(tmp_path / "course")
    release(course, "tiny", TINY.parent)
    for name in ("a-hog", "bob", "cid"):
        code = {"tiny-1": hog(seconds=2) if "hog" in name else BUSY}
        data = handed_in(course.notebook("release", "tiny"), code)
        write_atomically(course.notebook("submitted", "tiny", name), data)
    tally = grade_topic(course, "tiny", workers.local(2), grader=strict)
    assert (tally.graded, tally.broken) == (3, {})
    points = {one.student: one.score for one in grades(course, "tiny")}
    assert points["bob"] == points["cid"] == 5
