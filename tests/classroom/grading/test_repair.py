"""Innocent slips: each is read or named, and none costs another exercise's points."""

import json

import pytest

from classroom.exercises.cells import Cell
from classroom.exercises.handout import student_version
from classroom.exercises.source import read
from classroom.grading.repair import (
    MAX_BYTES,
    MAX_CELLS,
    UnreadableSubmission,
    drop_stubs,
    read_submission,
)
from classroom.grading.submission import grade
from classroom.grading.written import written_answer
from classroom.walls.isolation import Limits
from support.exercises import notebook, topic

CODE = {"cell_type": "code", "source": "x = 1", "metadata": {}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \r\n ", "is empty"),
        (b"\xef\xbb\xbf", "is no notebook"),
        (notebook("x = 1")[:-20], "is damaged"),
        (b'{"cells": ' * 100_000, "is damaged"),
        (b"{}", "is no notebook"),
        (b'{"cells": 5}', "is no notebook"),
        (b'{"worksheets": [5, {"cells": 5}]}', "has no cells"),
        (notebook(), "has no cells"),
        (notebook("", " "), "has no cells"),
        (b'{"cells": [5, null, {"source": 5}]}', "has no cells"),
        (notebook(*["x"] * (MAX_CELLS + 1)), "more than 2,000 cells"),
        (b" " * MAX_BYTES + b"{}", "larger than 20 MB"),
        (b"%PDF-1.7", "is a PDF"),
        (b"PK\x03\x04", "is a zip"),
        (b"\x89PNG\r\n", "is a picture"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"My answer is 42.", "is no notebook"),
    ],
    ids=range(18),
)
def test_what_cannot_be_read_is_named(data, words):
    with pytest.raises(UnreadableSubmission, match=words):
        read_submission(data)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (json.dumps({"cells": [CODE]}).encode(), None),
        (json.dumps({"cells": [CODE | {"source": ["x ", "= 1"]}]}).encode(), None),
        (json.dumps({"cells": [CODE, 5, None]}, indent=1).replace("\n", "\r\n").encode(), None),
        (b"\xef\xbb\xbf" + json.dumps({"cells": [CODE]}).encode(), None),
        (json.dumps({"cells": [CODE | {"metadata": None}]}).encode("utf-16"), "UTF-16"),
        (
            json.dumps({"cells": [CODE], "author": "Zoë"}, ensure_ascii=False).encode("latin-1"),
            "not in UTF-8",
        ),
        (
            b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]}',
            "old format",
        ),
    ],
    ids=range(7),
)
def test_odd_files_are_read(data, problem):
    found = read_submission(data)
    assert [cell.source for cell in found.code] == ["x = 1"]
    assert problem in found.problems[0] if problem else not found.problems


@pytest.mark.parametrize(
    "text", ["# %%\nx = 1\n", topic([]).split("\n\n")[0] + "\n\n```{code-cell} python\nx = 1\n```"]
)
def test_text_files_are_read_behind_walls(text):
    found = read_submission(text.replace("\n", "\r\n").encode())
    assert [cell.source for cell in found.code] == ["x = 1"] and "text file" in found.problems[0]


def test_a_stub_beside_the_work_is_left_out():
    stub, work = Cell("code", "def f():\n    raise NotImplementedError"), Cell("code", "def f(): 1")
    problems = []
    assert drop_stubs([work, stub], {"f": stub.source}, problems) == [work]
    assert "twice" in problems[0]
    assert drop_stubs([stub, stub], {"f": stub.source}, []) == [stub, stub]
    short = Cell("code", "import torch\n\nf: object = lambda x: x")
    assert drop_stubs([short, stub], {"f": stub.source}, []) == [short]
    call = Cell("code", "f == 1\nf(x=1)")
    assert drop_stubs([call, stub], {"f": stub.source}, []) == [call, stub]


PROMPT = "## 6. Why?\n\nSay why."
RELEASED = [
    Cell("markdown", "## 5. Before"),
    Cell("markdown", PROMPT),
    Cell("markdown", "YOUR ANSWER HERE", "limits-6"),
    Cell("markdown", "## 7. After\n\nMore."),
]


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        ([Cell("markdown", "Because.", "limits-6")], "Because."),
        ([Cell("markdown", "YOUR ANSWER HERE", "limits-6")], ""),
        ([Cell("markdown", " YOUR ANSWER HERE\n", "limits-6")], ""),
        ([Cell("markdown", "", "limits-6"), Cell("markdown", "Because.", "limits-6")], "Because."),
        (
            [RELEASED[3], Cell("markdown", PROMPT), Cell("markdown", "# Mine\nBecause.")],
            "# Mine\nBecause.",
        ),
        ([Cell("markdown", f"{PROMPT}\n\nBecause."), RELEASED[3]], "Because."),
        ([Cell("markdown", "Because."), RELEASED[3]], "Because."),  # nobody knows whose it is
        ([RELEASED[0], Cell("markdown", "A note."), *RELEASED[1:]], ""),
        ([*RELEASED[:2], Cell("markdown", "Two.\n## 7. After\nMine.", "limits-6")], "Two."),
        ([*RELEASED[:2], Cell("markdown", "# 5. Fifth\nBecause.")], "# 5. Fifth\nBecause."),
        ([*RELEASED[:2], Cell("markdown", "YOUR ANSWER HERE"), RELEASED[3]], ""),
    ],
    ids=range(11),
)
def test_written_answers_are_found_by_name_or_heading(cells, answer):
    assert written_answer(cells, RELEASED, "limits-6")["answer"] == answer


MESSY = [
    "plain(1)",  # before its definition
    "def uses(numbers):\n    return helper(numbers)",
    "def stub(numbers):\n    return numbers * 2",
    "STUB",
    "def broken(numbers)\n    return numbers * 2",
    "def imports(numbers):\n    return pandas.DataFrame(numbers) * 2",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('noise')\n!ls /\n%pwd",
    "name = input('Who are you? ')",
    "import not_installed",
    "1 / 0",
    "doubled = helper(4)",
    "def helper(numbers):\n    return numbers * 2",
    "def plain(numbers):\n    return numbers * 2",
    "def plain(numbers):\n    return numbers * 2",
    'check("double.1", plain)\nprint("I changed this cell")',
    "# 7. Why so?\n\nNo answer here.",
    "# Because of the two.",
]


def test_no_slip_costs_another_exercise():
    source = topic(["plain", "uses", "stub", "broken", "imports", "missing"], task="so")
    released = [cell.source for cell in read(student_version(source)).cells]
    copied = next(text for text in released if text.startswith("def stub"))
    data = notebook(*(copied if text == "STUB" else text for text in MESSY))
    data = data.replace(b"# 7. Why so?", b"## 7. Why so?")
    report = grade(source, data, student="ada", secret="s", limits=Limits(cell_seconds=30))
    results = {name: (one["points"], one["reason"]) for name, one in report["exercises"].items()}
    assert results["double.1"] == results["double.2"] == results["double.3"] == (2, None)
    for number, words in {
        4: "its cell does not run: SyntaxError: expected ':' (line 1: def broken(numbers))",
        5: "NameError: name 'pandas' is not defined",
        6: "The notebook defines no `missing`: write it under that name",
    }.items():
        points, reason = results[f"double.{number}"]
        assert points == 0 and words in reason
    assert "Because of the two." in report["tasks"]["double.7"]["answer"]
    assert report["problems"] == [
        "The cell of stub stands there twice; the one not written was left out."
    ]
    told = json.dumps(report["notebook"])
    assert (
        "EOFError" in told and "noise" in told and "image/png" in told and "not_installed" in told
    )
    assert report["notebook"]["cells"][10]["outputs"] == []  # it succeeded the second time


def test_an_unreadable_file_gets_a_reason_for_each_zero():
    report = grade(topic(["one"], task="so"), b"{", student="ada", secret="s")
    result = report["exercises"]["double.1"]
    assert result["points"] == 0 and "damaged" in result["reason"]
    assert report["tasks"]["double.2"] == {"answer": "", "pictures": [], "max": 4}
