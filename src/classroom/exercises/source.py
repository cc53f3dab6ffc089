"""An instructor's notebook of exercises: its references, checks and typical wrong answers.

`solutions/<topic>.md` is a notebook with nbgrader's metadata. A check is a function that is given
an answer and a random generator, and raises where the answer is wrong; a typical wrong answer is
a function that names the check on which it must fail.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import jupytext
import torch
from nbformat import NotebookNode

from classroom.exercises.calls import Answer
from classroom.exercises.cells import name_of
from classroom.exercises.compare import Mismatch, same

__all__ = ["Check", "Exercise", "Mismatch", "Source", "Task", "Wrong", "graded", "load_source"]
__all__ += ["read", "same", "typical"]

EFFORT = re.compile(r"\*\*(easy|medium|hard) · (\d+) minutes · (\d+) points?\*\*")


@dataclass(frozen=True)
class Check:
    """What must hold of an answer; `sentence` is what a student is told where it does not."""

    name: str
    sentence: str
    run: Callable[[Callable, torch.Generator], None]
    shown: bool


@dataclass(frozen=True)
class Wrong:
    """A typical wrong answer; `sentence` is what a learner who gives it is told."""

    name: str
    sentence: str
    fails: str
    function: Answer


@dataclass(frozen=True)
class Task:
    """A written task, which a person grades."""

    name: str
    points: float
    difficulty: str
    minutes: int


@dataclass(frozen=True)
class Exercise:
    """A function to write, with all that is needed to judge one."""

    name: str
    function: str
    points: float
    difficulty: str
    minutes: int
    reference: Answer
    checks: dict[str, Check] = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """All exercises and written tasks of a topic, in their order."""

    exercises: dict[str, Exercise]
    tasks: dict[str, Task]


def graded(exercise: str, *, shown: bool = False) -> Callable:
    """Mark a function as a check of an exercise.

    Args:
        exercise: The exercise's name, such as "attention.2".
        shown: Whether `check` makes the same calls in a learner's notebook.
    """
    return _marked(graded=(exercise, shown))


def typical(exercise: str, *, fails: str) -> Callable:
    """Mark a function as a typical wrong answer.

    Args:
        exercise: The exercise's name.
        fails: The name of the check that must find it.
    """
    return _marked(typical=(exercise, fails))


def read(text: str) -> NotebookNode:
    """Return the notebook that a MyST text holds."""
    return jupytext.reads(text, fmt="md:myst")


def load_source(text: str) -> Source:
    """Run a source's cells in a namespace of their own, and collect its exercises.

    Args:
        text: A MyST notebook with nbgrader's metadata.

    Raises:
        ValueError: A name is used twice, or a check, wrong answer or prompt does not fit.
    """
    notebook = read(text)
    namespace = _run(notebook)
    exercises, tasks = _collect_cells(notebook, namespace)
    for name, function in namespace.items():
        marks = getattr(function, "__dict__", {})
        if mark := marks.get("graded"):
            exercise = _named(exercises, mark[0], name)
            exercise.checks[name] = Check(name, _sentence(function), function, mark[1])
        if mark := marks.get("typical"):
            exercise = _named(exercises, mark[0], name)
            exercise.wrong[name] = Wrong(name, _sentence(function), mark[1], Answer(function))
    for exercise in exercises.values():
        for wrong in exercise.wrong.values():
            if wrong.fails not in exercise.checks:
                raise ValueError(f"{wrong.name} must fail {wrong.fails}, which is no check of it")
    return Source(exercises, tasks)


def _marked(**marks: tuple) -> Callable:
    def mark(function: Callable) -> Callable:
        for name, value in marks.items():
            setattr(function, name, value)
        return function

    return mark


def _run(notebook: NotebookNode) -> dict:
    """Run a notebook's code cells but for calls of `check`, which are for learners."""
    namespace: dict = {"__name__": "source"}
    defined: set[str] = set()
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if node.name in defined:
                    raise ValueError(f"{node.name} is defined twice: give one another name")
                defined.add(node.name)
        tree.body = [node for node in tree.body if not _checked(node)]
        exec(compile(tree, f"<cell {number}>", "exec"), namespace)
    return namespace


def _collect_cells(notebook: NotebookNode, namespace: dict) -> tuple[dict, dict]:
    """Return the exercises, without checks, and the written tasks that a notebook's cells name."""
    exercises: dict[str, Exercise] = {}
    tasks: dict[str, Task] = {}
    effort: tuple[str, int, float] | None = None
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and (found := EFFORT.search(cell.source)):
            effort = (found[1], int(found[2]), float(found[3]))
        if not marks.get("grade"):
            continue
        name = name_of(marks["grade_id"])
        if effort is None or effort[2] != float(marks["points"]):
            raise ValueError(
                f"the prompt of {name} must tell its effort, and the points of its cell"
            )
        if name in exercises or name in tasks:
            raise ValueError(f"{name} is graded twice: give one another grade_id")
        if marks["solution"]:
            tasks[name] = Task(name, effort[2], *effort[:2])
        else:
            function = _function_of(cell, name)
            reference = Answer(namespace[function])
            exercises[name] = Exercise(name, function, effort[2], *effort[:2], reference)
        effort = None
    return exercises, tasks


def _function_of(cell: NotebookNode, name: str) -> str:
    """Return the name of the function that a test cell passes to `check`."""
    for node in ast.parse(cell.source).body:
        if (arguments := _checked(node)) and ast.literal_eval(arguments[0]) == name:
            function = arguments[1]
            if isinstance(function, ast.Name):
                return function.id
    raise ValueError(f'the test cell of {name} must call check("{name}", its_function)')


def _checked(node: ast.stmt) -> list[ast.expr]:
    """Return the arguments of a statement that calls `check`, or nothing."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "check":
        return call.args
    return []


def _named(exercises: dict, exercise: str, name: str) -> Exercise:
    if exercise not in exercises:
        raise ValueError(f"{name} is for {exercise}, which is no exercise of this notebook")
    return exercises[exercise]


def _sentence(function: Callable) -> str:
    """Return a function's docstring as one line."""
    if not function.__doc__:
        raise ValueError(f"{function.__name__} needs a docstring: what its learner is told")
    return " ".join(function.__doc__.split())
