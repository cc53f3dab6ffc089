"""A learner is told what is wrong, and `check` raises for nothing."""

import re
import sys

import pytest
import torch

from classroom import check
from classroom.exercises.checking import KNOWN, _known_exercises, verdict
from classroom.exercises.record import record
from classroom.exercises.source import load_source
from support.tiny_exercises import LAYER, TINY

ALLOWED = {"numpy", "torch"}


@pytest.fixture
def known(tmp_path, monkeypatch):
    """Return a function that makes a source the only one that `check` knows."""

    def use(text: str):
        (tmp_path / "tiny.json").write_text(record(load_source(text)), "utf8")
        _known_exercises.cache_clear()

    monkeypatch.setattr(sys.modules["classroom.exercises.checking"], "KNOWN", tmp_path)
    yield use
    _known_exercises.cache_clear()


def raise_exit(numbers):
    sys.exit(1)


def stub(numbers):
    raise NotImplementedError


def missing_operation(numbers):
    raise NotImplementedError("not implemented for 'Half'")


def recurse(numbers):
    return recurse(numbers)


class Liar:
    def __eq__(self, other):
        return True


TOLD = [
    (lambda numbers: 2 * numbers, "✓ tiny.1 passes"),
    (lambda numbers: 2 * numbers, "✓ holds: Each number is doubled."),
    (lambda numbers: numbers, "✗ tiny.1 is not right yet"),
    (lambda numbers: numbers, "Likely reason: You return the numbers as they are."),
    (lambda numbers: numbers**2, "Likely reason: You square the numbers."),
    (lambda numbers: numbers[99], "Likely reason: You index past the end."),
    (lambda numbers: 3 * numbers, "double(tensor([1.541, -0.2934, -2.179])): 3 of 3 numbers"),
    (lambda: None, "it stops with TypeError"),
    (raise_exit, "it stops with SystemExit: 1"),
    (recurse, "it stops with RecursionError"),
    (missing_operation, "it stops with NotImplementedError: not implemented"),
    (stub, "tiny.1 is not written yet."),
    (lambda numbers: Liar(), "it is an object of type Liar"),
    (lambda numbers: lambda: 0, "it is an object of type function"),
    (lambda numbers: None, "it is None where tensor([3.082, -0.5869, -4.358]) is expected"),
    (torch.ones(3), '? Pass the function itself: check("tiny.1", double)'),
    (None, "Pass the function itself"),
]


@pytest.mark.parametrize(("answer", "words"), TOLD)
def test_it_says_what_is_wrong(known, answer, words):
    known(TINY)
    assert words in " ".join(verdict("tiny.1", answer).split())


def test_no_misconception_is_told_where_none_fits(known):
    known(TINY)
    assert "Likely reason" not in verdict("tiny.1", lambda numbers: 3 * numbers)


def test_lines_fit_on_a_page(known):
    known(TINY)
    for answer, _ in TOLD:
        assert all(len(line) <= 72 for line in verdict("tiny.1", answer).splitlines())


@pytest.mark.parametrize("name", ["tiny1", "tny.1", "Tiny.1"])
def test_a_misspelled_name_is_corrected(known, name):
    known(TINY)
    assert verdict(name, len) == f'There is no exercise "{name}". Did you mean "tiny.1"?'


@pytest.mark.parametrize("name", ["zebra", 5, None])
def test_an_unknown_name_gets_a_list(known, name):
    known(TINY)
    assert "There are: tiny.1." in verdict(name, len)


def test_it_prints_and_returns_nothing(known, capsys):
    known(TINY)
    assert check("tiny.1", lambda numbers: numbers) is None
    assert "not right yet" in capsys.readouterr().out


def test_modules_are_called_and_counted(known):
    known(LAYER)
    exercise = load_source(LAYER).exercises["tiny.1"]
    assert "passes" in verdict("tiny.1", exercise.reference.original)
    wide = " ".join(verdict("tiny.1", exercise.wrong["too_wide"].function.original).split())
    assert "adder(3): it learns 6 numbers where 3 are expected" in wide
    assert "Your layer learns twice as many numbers." in wide
    told = verdict("tiny.1", lambda size: 7)
    assert "it is 7 where a function or a module is expected" in " ".join(told.split())
    told = verdict("tiny.1", lambda size: torch.nn.LayerNorm(size, bias=False))
    assert "adder(…)(tensor([1, 1, 1])): " in " ".join(told.split())


def test_a_learner_needs_no_tools_of_instructors():
    """What `check` imports, it imports from its neighbors, torch and numpy alone."""
    todo, seen = {"checking"}, set()
    while todo:
        name = todo.pop()
        seen.add(name)
        text = (KNOWN.parent / f"{name}.py").read_text("utf8")
        imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", text, re.MULTILINE)
        others = {module for module in imported if not module.startswith("classroom.")}
        assert {other.split(".")[0] for other in others} <= sys.stdlib_module_names | ALLOWED
        todo |= {module.split(".")[2] for module in set(imported) - others} - seen
    assert seen == {"checking", "calls", "compare", "values"}
