"""Trainings with several seeds: all run after a change of what they train, otherwise one in turn.

A test that is marked `slow` trains; as a rule it has a parameter `seed`. `trainings.json` names the
files whose tests all passed with all seeds, each with a digest of the test and of all the lessons
that it reaches: of what they do, not of comments, docstrings and annotations of functions. While
the digest is the same, a file's trainings run on one day in five: one seed of each test, another
one each time, and tests without that parameter, which judge several trainings together. After any
other change all run. `pytest --all-seeds` runs all, and puts on record what passed.
"""

import ast
import hashlib
import json
import os
import re
from collections import defaultdict
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
RECORD = TESTS / "trainings.json"
DAY = "TRAININGS_DAY"  # for xdist's workers, which must choose alike
LIBRARIES = ("torch", "numpy")
EVERY = 5  # days


@cache  # many tests reach the same lessons
def doing(source: str) -> str:
    r"""Return what a module's code does, without what says it in words; alike in all Pythons.

    >>> doing("def f(x: int):  # a comment\n    return x") == doing("def f(x):\n    return x")
    True
    >>> doing("x = 1") == doing("x = 2")
    False
    """

    def told(node: object) -> str:
        if isinstance(node, list):
            return f"[{' '.join(map(told, node))}]"
        if not isinstance(node, ast.AST):
            return repr(node)
        fields = dict(ast.iter_fields(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.arg):
            fields |= {"returns": None, "annotation": None}
        has_text = isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
        )
        if has_text and ast.get_docstring(node) is not None:
            fields["body"] = fields["body"][1:]
        # Later Pythons have more fields, which are empty here.
        there = [f"{name}={told(one)}" for name, one in fields.items() if one not in (None, [])]
        return f"{type(node).__name__}({' '.join(there)})"

    return told(ast.parse(source))


def digest_of(test: Path) -> str:
    """Return a digest of a file of tests and of all that what it trains depends on."""
    from bookbuild.dependencies import lesson_files, names_used  # with what takes seconds to import

    source = test.read_text("utf8")
    helpers = [TESTS / "support" / f"{name}.py" for name in re.findall(r"support\.(\w+)", source)]
    read = [test, *helpers, *lesson_files(names_used(source)).values()]
    parts = [f"{name} {version(name).split('+')[0]}".encode() for name in LIBRARIES]
    parts += sorted(hashlib.sha256(_content(path)).digest() for path in read)
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _content(path: Path) -> bytes:
    return doing(path.read_text("utf8")).encode() if path.suffix == ".py" else path.read_bytes()


def left_out(trainings: dict[str, int], turn: int) -> set[str]:
    """Return which of one test's trainings need not run this time.

    Args:
        trainings: The seed of each training, by its name.
        turn: Counts the days on which the test's file runs; each seed has its turn.

    >>> sorted(left_out({"one[0]": 0, "one[1]": 1, "one[2]": 2}, turn=4))
    ['one[0]', 'one[2]']
    """
    seeds = sorted(set(trainings.values()))
    chosen = seeds[turn % len(seeds)]
    return {name for name, seed in trainings.items() if seed != chosen}


def turn_of(file: str, day: int) -> int | None:
    """Return the turn that a file's trainings have on a day, or None if they need not run."""
    turn, rest = divmod(int(hashlib.sha256(file.encode()).hexdigest()[:8], 16) + day, EVERY)
    return None if rest else turn


def recorded() -> dict[str, str]:
    return json.loads(RECORD.read_text("utf8")) if RECORD.exists() else {}


def name_of(test: Path) -> str:
    return test.relative_to(TESTS).as_posix()


def pytest_addoption(parser):
    told = "run trainings with all seeds, and put on record which files passed"
    parser.addoption("--all-seeds", action="store_true", help=told)


def pytest_configure(config):
    os.environ.setdefault(DAY, str(date.today().toordinal()))
    config.pluginmanager.register(Recorder(config), "trainings-record")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    if config.getoption("--all-seeds"):
        return
    trainings: dict[Path, dict] = defaultdict(lambda: defaultdict(dict))
    for item in items:
        if item.get_closest_marker("slow"):
            seed = getattr(item, "callspec", None) and item.callspec.params.get("seed")
            trainings[item.path][item.originalname][item.nodeid] = seed
    record, day = recorded(), int(os.environ[DAY])
    out: set[str] = set()
    for path, tests in trainings.items():
        if record.get(name_of(path)) == digest_of(path):
            turn = turn_of(name_of(path), day)
            for seeds in tests.values():
                if turn is None:
                    out |= seeds.keys()
                elif None not in seeds.values():
                    out |= left_out(seeds, turn)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
    items[:] = [item for item in items if item.nodeid not in out]


class Recorder:
    """Notes which files of trainings passed as a whole, with all seeds."""

    def __init__(self, config):
        self.config = config
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report):
        file = report.nodeid.split("::")[0]
        if "slow" in report.keywords:
            self.passed.setdefault(file, True)
        if report.failed:
            self.passed[file] = False

    def pytest_sessionfinish(self, exitstatus):
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return  # it was interrupted: the rest of a file may not have run
        options = self.config.option
        partly = options.keyword or options.markexpr or any("::" in one for one in self.config.args)
        worker = hasattr(self.config, "workerinput")
        if worker or partly or not options.all_seeds or self.config.option.collectonly:
            return
        found = {path: TESTS.parent / path for path in self.passed}
        whole = {
            name_of(found[path]): digest_of(found[path])
            for path, passed in self.passed.items()
            if passed and found[path].is_relative_to(TESTS)
        }
        if whole:
            record = {**recorded(), **whole}
            there = {name: key for name, key in sorted(record.items()) if (TESTS / name).exists()}
            RECORD.write_text(json.dumps(there, indent=1) + "\n", "utf8")

    def pytest_terminal_summary(self, terminalreporter):
        if self.config.option.all_seeds and self.passed:
            terminalreporter.write_line(f"what passed with all seeds stands in {RECORD.name}")
