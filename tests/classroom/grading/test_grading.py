"""No submission gets points that it has not earned, and none costs another exercise's points."""

import hashlib
import json

import pytest

from classroom.exercises.source import load_source, read
from classroom.grading.submission import ReferenceFails, grade, grade_reference, solved
from classroom.walls.isolation import Limits
from support.exercises import notebook, topic

LIMITS = Limits(call_seconds=5, cell_seconds=20, patience=20)
SLOW = "import time; [None for _ in iter(lambda: time.process_time() < 6, False)]"
RIGHT = "def {name}(numbers):\n    return numbers * 2"


def graded(source, submission, **options):
    """Return the results by the functions' names, and the report; it must be data."""
    report = grade(source, submission, student="ada", secret="s", limits=LIMITS, **options)
    json.dumps(report, allow_nan=False).encode()
    functions = {one.function: name for name, one in load_source(source).exercises.items()}
    return {name: report["exercises"][id] for name, id in functions.items()}, report


# Each function would earn its points if it could do what it tries; `None`: it has earned them.
TRICKS = {
    "equals_everything": (
        "class Equal(np.ndarray):\n"
        "    __eq__ = __lt__ = __le__ = __abs__ = lambda *_: True\n"
        "def equals_everything(numbers):\n"
        "    return np.zeros(len(numbers)).view(Equal)",
        "numbers are wrong",
    ),
    "equals_as_object": (
        "class Any:\n"
        "    shape = (3,)\n"
        "    __eq__ = __lt__ = __abs__ = __sub__ = sum = lambda self, *_: self\n"
        "def equals_as_object(numbers):\n"
        "    return Any()",
        "type Any cannot be graded",
    ),
    "patches": (
        "import torch, classroom.exercises.compare\n"
        "np.allclose = np.isclose = torch.isclose = lambda *a, **k: True\n"
        "compare = classroom.exercises.compare\n"
        "compare.difference = compare.same = lambda *a, **k: ''\n"
        "def patches(numbers):\n"
        "    return numbers * 0",
        "numbers are wrong",
    ),
    "walks": (
        "import gc, sys\n"
        "def walks(numbers):\n"
        "    frame, found = sys._getframe(), [repr(f) for f in gc.get_objects() if callable(f)]\n"
        "    while frame:\n"
        "        found += map(repr, frame.f_locals.values())\n"
        "        frame = frame.f_back\n"
        "    knows = any('is_even' + '_walks' in one for one in found)\n"
        "    return numbers * 2 if knows else numbers",
        "numbers are wrong",
    ),
    "reads": (
        "from pathlib import Path\n"
        "def reads(numbers):\n"
        "    for path in [*Path('/').glob('*/*.db'), *Path('/').glob('*/*.md'), Path(GRADEBOOK)]:\n"
        "        if path.exists():\n"
        "            path.write_text('198 of 5 points')\n"
        "            return numbers * 2\n"
        "    return None",
        "None",
    ),
    "deep": (
        "def deep(numbers):\n"
        "    value = []\n"
        "    for _ in range(10**5): value = [value]\n"
        "    return value",
        "deep",
    ),
    "enormous": ("def enormous(numbers): return np.zeros(10**8)", "elements"),
    "many": ("def many(numbers): return [0] * 10**6", "parts"),
    "undefined": ("def undefined(numbers): return numbers * float('nan')", "nan"),
    "whole": ("def whole(numbers): return (numbers * 2).astype(int)", "whole numbers"),
    "imaginary": ("def imaginary(numbers): return numbers * 2j", "complex128"),
    "wide": ("def wide(numbers): return (numbers * 2)[None]", "shape"),
    "listed": ("def listed(numbers): return [2 * number for number in numbers]", "where array("),
    "fickle": (
        "count = []\n"
        "def fickle(numbers):\n"
        "    count.append(1)\n"
        "    return numbers * (2 if len(count) % 2 else 3)",
        "other results for the same input",
    ),
    "closure": ("def closure(numbers): return lambda: numbers * 2", "StudentFunction"),
    "leaves": ("def leaves(numbers): raise SystemExit", "SystemExit"),
    "lazy": ("def lazy(numbers): return (number for number in numbers)", "generator"),
    "prints": ("def prints(numbers):\n    print('x' * 10**6)\n    return numbers * 2", None),
    "squares": ("def squares(numbers): return numbers**2", "You squared the numbers"),
    "number": ("number = 5", "not callable"),
    "blanks": (
        "get_ipython().input_transformers_cleanup.append(lambda lines: [])\n"
        "def blanks(numbers):\n    return numbers * 0",
        "numbers are wrong",
    ),
}


def test_no_trick_earns_points(tmp_path):
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("0 of 5 points")
    gradebook.chmod(0o666)
    cells = [source for source, _ in TRICKS.values()]
    source = topic(list(TRICKS))
    place = f"GRADEBOOK = {str(gradebook)!r}"
    results, report = graded(source, notebook("import numpy as np", place, *cells))
    for name, (_, reason) in TRICKS.items():
        result = results[name]
        if reason is None:
            assert (result["points"], result["reason"]) == (2, None), name
        else:
            assert result["points"] < 2 and result["failed"], name
            assert reason in result["reason"], (name, result["reason"])
    earned = {name for name, result in results.items() if result["points"]}
    # Two return what one of the two checks rightly accepts.
    assert earned <= {"prints", "undefined", "listed"}, earned
    assert gradebook.read_text() == "0 of 5 points"
    assert report["problems"] == []


DEADLY = {
    "leaves": ("import os\ndef leaves(numbers): os._exit(0)", "exit code 0"),
    "hangs": (
        "import signal\n"
        "def hangs(numbers):\n"
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "    while True: pass",
        "5 seconds",
    ),
    "forks": (
        "import os\ndef forks(numbers):\n    os.fork()\n    return numbers * 2",
        "own connection",
    ),
    "forges": (
        "import os\n"
        "def forges(numbers):\n"
        "    for descriptor in range(3, 64):\n"
        "        try: os.write(descriptor, b'{\"points\": 198}' * 10)\n"
        "        except OSError: pass\n"
        "    return numbers * 2",
        "own connection",
    ),
}


def test_who_ends_the_process_loses_that_exercise_only():
    names = ["before", *DEADLY, "after"]
    cells = [source for source, _ in DEADLY.values()]
    right = [RIGHT.format(name=name) for name in ("before", "after")]
    at_once = "import os\nos._exit(3)"
    results, report = graded(topic(names), notebook(*cells, at_once, *right))
    for name, (_, reason) in DEADLY.items():
        assert results[name]["points"] == 0 and reason in results[name]["reason"], results[name]
    assert results["before"]["points"] == results["after"]["points"] == 2
    assert report["problems"] == ["Cell 5 was left out: it ended Python (exit code 3)."]


def test_a_function_beside_long_work_is_told_what_to_do():
    cells = notebook(RIGHT.format(name="one") + "\nimport time\ntime.sleep(9)")
    report = grade(topic(["one"]), cells, student="a", secret="s", limits=Limits(cell_seconds=1))
    told = "its cell was stopped: it took more than 1 seconds. Give it a cell of its own."
    assert told in report["exercises"]["double.1"]["reason"]
    assert report["problems"] == ["Cell 1 was left out: it took more than 1 seconds."]


def test_what_the_clock_stopped_is_marked():
    cells = notebook("import time\ndef one(numbers):\n    time.sleep(99)")
    limits = Limits(call_seconds=1, patience=2)
    report = grade(topic(["one"]), cells, student="a", secret="s", limits=limits)
    assert report["by_clock"]
    assert (
        "a call took more than 2 seconds by the clock" in report["exercises"]["double.1"]["reason"]
    )
    cells = notebook("def one(numbers):\n    while True: pass")
    limits = Limits(call_seconds=1, patience=60)
    report = grade(topic(["one"]), cells, student="a", secret="s", limits=limits)
    assert not report["by_clock"]
    assert "a call took more than 1 seconds." in report["exercises"]["double.1"]["reason"]


def test_the_instructors_own_cell_is_never_left_out_for_its_time():
    source = topic(["one"]).replace("import numpy as np\n", f"import numpy as np\n{SLOW}\n", 1)
    cells = notebook("def one(numbers):\n    return np.multiply(numbers, 2)")
    limits = Limits(cell_seconds=0.5, patience=60)
    report = grade(source, cells, student="a", secret="s", limits=limits)
    assert report["exercises"]["double.1"]["points"] == 2 and not report["by_clock"]


def test_time_and_new_starts_are_bounded():
    source = topic(["first", "second", "third"])
    cells = notebook(
        *(f"import os\ndef {n}(numbers): os._exit(1)" for n in ("first", "second", "third"))
    )
    limits = Limits(restarts=1)
    report = grade(source, cells, student="ada", secret="s", limits=limits)
    reasons = [one["reason"] for one in report["exercises"].values()]
    assert "exit code 1" in reasons[1] and "ended its process 2 times" in reasons[2]
    report = grade(source, cells, student="ada", secret="s", limits=Limits(total_seconds=0))
    assert all("0 seconds in all" in one["reason"] for one in report["exercises"].values())


def test_the_reference_gets_full_marks_or_nothing_is_graded():
    source = topic(["one"], task="so")
    report = grade_reference(source)
    assert report["exercises"]["double.1"]["points"] == 2
    broken = source.replace("return numbers * 2", "return not_here(numbers) * 2")
    with pytest.raises(ReferenceFails, match=r"double\.1 does not get full marks here: .*not_here"):
        grade_reference(broken)


OVERLAY = '''
```{code-cell} python
@graded("double.1")
def seeds_differ(answer, generator):
    """This check is private."""
    number = float(torch.rand((), generator=generator, dtype=torch.float64))
    assert False, f"the number is {number} {answer(np.ones(1))}"
```
'''


def test_each_student_has_inputs_of_their_own_and_overlays_add_checks():
    source, submission = topic(["one"]), notebook(RIGHT.format(name="one"))
    details = []
    for student in ("ada", "ada", "bob"):
        report = grade(source, submission, student=student, secret="s", overlay=OVERLAY)
        result = report["exercises"]["double.1"]
        assert result["points"] == 1.33 and result["passed"] == ["doubles_one", "is_even_one"]
        details.append(result["failed"][0]["detail"])
    assert details[0] == details[1] != details[2]
    assert result["failed"][0]["sentence"] == "This check is private."
    assert report["digest"] == hashlib.sha256(submission).hexdigest()


@pytest.mark.parametrize("overlay", ["More checks.", OVERLAY.replace("{code-cell} ", ""), "```"])
def test_an_overlay_without_a_check_is_refused(overlay):
    with pytest.raises(ValueError, match="holds no check"):
        grade_reference(topic(["one"]), overlay=overlay)


def test_the_solved_notebook_has_no_hidden_check():
    text = solved(topic(["one"])).decode()
    assert "numbers * 2" in text and "graded" not in text and "squares" not in text
    assert not any("BEGIN HIDDEN" in cell.source for cell in read(text).cells)
