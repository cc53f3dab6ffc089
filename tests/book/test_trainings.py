"""Trainings with all seeds: when they run, when one seed in turn is enough, what is on record."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bookbuild import dependencies
from support import trainings

TESTS = Path(__file__).parents[1]
CONFTEST = f"""\
import importlib.util
from pathlib import Path

# By its path: what else `support` imports takes seconds.
spec = importlib.util.spec_from_file_location("trainings", {trainings.__file__!r})
trainings = importlib.util.module_from_spec(spec)
spec.loader.exec_module(trainings)
trainings.TESTS = Path(__file__).parent
trainings.RECORD = trainings.TESTS / "trainings.json"
pytest_addoption = trainings.pytest_addoption
pytest_collection_modifyitems = trainings.pytest_collection_modifyitems
pytest_configure = trainings.pytest_configure
"""
TRAINING = """\
import pytest

@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", "ab")
def test_training(kind, seed):
    assert seed < {below}

def test_quick():
    pass
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of tests with a training of two kinds in five seeds, and a quick test."""
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    (tests / "conftest.py").write_text(CONFTEST)
    (tests / "test_one.py").write_text(TRAINING.format(below=5))
    return tests


def run(folder: Path, *flags: str, day: int = 0) -> dict[str, int]:
    """Run the tests on a day, and return how many passed, failed and were left out."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "no:cacheprovider", *flags],
        cwd=folder.parent,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "",
            trainings.DAY: str(day),
        },
        capture_output=True,
        text=True,
    )
    words = done.stdout.splitlines()[-1].replace("=", " ").replace(",", " ").split()
    return {what: int(n) for n, what in itertools.pairwise(words) if n.isdigit()}


def record(folder: Path) -> dict[str, str]:
    file = folder / "trainings.json"
    return json.loads(file.read_text()) if file.exists() else {}


def test_what_never_passed_runs_with_all_seeds_and_is_not_put_on_record(folder):
    assert run(folder) == {"passed": 11}
    assert record(folder) == {}


@pytest.mark.parametrize("flags", [[], ["-n2"]], ids=["one process", "two"])
def test_what_passed_as_a_whole_runs_with_one_seed_on_one_day_in_five_until_it_changes(
    folder, flags
):
    assert run(folder, "--all-seeds", *flags) == {"passed": 11}
    assert record(folder).keys() == {"test_one.py"}
    [its] = [day for day in range(5) if trainings.turn_of("test_one.py", day) is not None]
    for day, passed, left_out in [(its, 3, 8), (its + 1, 1, 10), (its + 5, 3, 8)]:
        found = run(folder, *flags, day=day)
        assert found.pop("deselected", left_out) == left_out and found == {"passed": passed}
    (folder / "test_one.py").write_text(TRAINING.format(below=4))
    assert run(folder, *flags, day=0) == {"failed": 2, "passed": 9}


def test_what_failed_or_ran_in_part_is_not_put_on_record(folder):
    assert run(folder, "--all-seeds", "-k", "a-") == {"passed": 5, "deselected": 6}
    assert run(folder, "--all-seeds", "tests/test_one.py::test_training") == {"passed": 10}
    (folder / "test_one.py").write_text(TRAINING.format(below=4))
    assert run(folder, "--all-seeds") == {"failed": 2, "passed": 9}
    assert record(folder) == {}


def test_what_was_interrupted_is_not_put_on_record(folder):
    stop = "\n\ndef test_stop():\n    raise KeyboardInterrupt\n"
    (folder / "test_one.py").write_text(TRAINING.format(below=5) + stop)
    run(folder, "--all-seeds")
    assert record(folder) == {}


def test_a_file_that_is_gone_leaves_the_record(folder):
    (folder / "test_two.py").write_text(TRAINING.format(below=5))
    run(folder, "--all-seeds")
    assert record(folder).keys() == {"test_one.py", "test_two.py"}
    (folder / "test_two.py").unlink()
    run(folder, "--all-seeds")
    assert record(folder).keys() == {"test_one.py"}


def test_trainings_that_are_judged_together_run_on_one_day_in_five(folder):
    together = "\n\n@pytest.mark.slow\ndef test_together():\n    pass\n"
    (folder / "test_one.py").write_text(TRAINING.format(below=5) + together)
    assert run(folder) == {"passed": 12}
    run(folder, "--all-seeds")
    passed = [run(folder, day=day)["passed"] for day in range(5)]
    assert sorted(passed) == [1, 1, 1, 1, 4]


def test_each_seed_has_its_turn():
    names = {f"test[{seed}]": seed for seed in (1, 2, 3)}
    turns = [trainings.turn_of("test_one.py", day) for day in range(70, 85)]
    assert turns.count(None) == 12
    chosen = [names.keys() - trainings.left_out(names, turn) for turn in turns if turn is not None]
    assert sorted(map(sorted, chosen)) == [["test[1]"], ["test[2]"], ["test[3]"]]


SOURCE = "from lessons.fit import fit\nfrom support.answers import x\n"


def test_the_digest_is_of_the_test_its_helpers_and_the_lessons_that_it_reaches(
    tmp_path, monkeypatch
):
    test, lesson, helper = (tmp_path / name for name in ("test.py", "fit.py", "support/answers.py"))
    helper.parent.mkdir()
    for file in (test, lesson, helper):
        file.write_text(SOURCE)
    monkeypatch.setattr(trainings, "TESTS", tmp_path)
    monkeypatch.setattr(
        dependencies,
        "lesson_files",
        lambda names: {"fit": lesson} if "lessons.fit.fit" in names else {},
    )
    seen = [trainings.digest_of(test)]
    assert trainings.digest_of(test) == seen[0]
    for file in (lesson, helper, test):
        file.write_text(file.read_text() + "# a comment\n")
        assert trainings.digest_of(test) == seen[-1]
        file.write_text(file.read_text() + "x = 1\n")
        seen.append(trainings.digest_of(test))
    assert len(set(seen)) == 4
    monkeypatch.setattr(trainings, "version", lambda name: "0.1")
    assert trainings.digest_of(test) not in seen


CODE = "@cached\nclass A:\n    x: int = 1\n\n    def f(self, y):\n        return y * 2\n"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("f(self, y)", "f(self, y: int) -> int"),
        ("return y * 2", '"""Return twice y."""\n        return y * 2  # twice'),
        ("class A:", 'class A:\n    """Doubles."""\n'),
        ("y * 2", "(y * 2)"),
    ],
)
def test_words_about_code_are_no_change(written, instead):
    assert trainings.doing(CODE.replace(written, instead)) == trainings.doing(CODE)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("y * 2", "y * 3"),
        ("y * 2", "y + 2"),
        ("y * 2", "2 * y"),
        ("f(self, y)", "f(self, y=1)"),
        ("f(self, y)", "f(self, *y)"),
        ("@cached\n", ""),
        ("x: int = 1", "x: float = 1"),
        ("x: int = 1", "x = 1"),
        ("return", "yield"),
        ("y * 2", '"y * 2"'),
        ("= 1", "= None"),
        ("= 1", "= 1.0"),
    ],
)
def test_another_code_is_a_change(written, instead):
    assert trainings.doing(CODE.replace(written, instead)) != trainings.doing(CODE)


def test_what_is_on_record_is_there():
    assert [name for name in trainings.recorded() if not (TESTS / name).exists()] == []
