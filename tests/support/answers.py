"""Answers to the exercises, right or mutated, as they are graded."""

import ast
import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType

import torch

from classroom.exercises.calls import Answer
from classroom.exercises.cells import name_of
from classroom.exercises.source import Exercise, Source, load_source, read

ROOT = Path(__file__).parents[2]
RIGHT = ROOT / "tests" / "classroom" / "exercises" / "right"
TOPICS = sorted(file.stem for file in ROOT.glob("solutions/*.md"))


def text_of(topic: str) -> str:
    """Return a topic's sheet as an instructor writes it."""
    return (ROOT / "solutions" / f"{topic}.md").read_text("utf8")


@cache
def source_of(topic: str) -> Source:
    """Return a topic's exercises."""
    return load_source(text_of(topic))


def exercise_of(name: str) -> Exercise:
    """Return an exercise by its name, such as "attention.2"."""
    return source_of(name.split(".")[0]).exercises[name]


@cache
def references_of(topic: str) -> dict[str, ast.FunctionDef]:
    """Return the code of what is asked for, by the exercises' names."""
    functions = {}
    for cell in read(text_of(topic)).cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("solution"):
            functions[name_of(marks["grade_id"])] = ast.parse(cell.source).body[0]
    return functions


def graded(exercise: Exercise, written: Callable) -> Answer:
    """Return what is checked if a student writes this function in the place of the reference.

    A given cell may stand before it: one that asks a loss for its gradient, for instance.
    """
    name = references_of(exercise.name.split(".")[0])[exercise.name].name
    if name == exercise.function:
        return Answer(written)
    given = exercise.reference.original
    namespace = given.__globals__ | {name: written}
    return Answer(FunctionType(given.__code__, namespace))


def right(exercise: str) -> Callable:
    """Mark a function as a right answer to an exercise."""

    def mark(function: Callable) -> Callable:
        function.right = exercise
        return function

    return mark


@cache
def right_answers() -> dict[str, list[Callable]]:
    """Return all right answers beside the references, by the exercises' names."""
    found: dict[str, list[Callable]] = {}
    for file in sorted(RIGHT.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"right_{file.stem}", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for function in vars(module).values():
            if exercise := getattr(function, "__dict__", {}).get("right"):
                found.setdefault(exercise, []).append(function)
    return found


def computed_in(kind: torch.dtype, function: Callable) -> Callable:
    """Return a function that does as another, but computes with decimal numbers of one type."""

    def answer(*args, **kwargs):
        return function(*cast(args, kind), **cast(kwargs, kind))

    return answer


def cast(value: object, kind: torch.dtype) -> object:
    """Return a value with all tensors of decimal numbers in it in one type."""
    if isinstance(value, torch.Tensor):
        return value.to(kind) if value.is_floating_point() else value
    if isinstance(value, list | tuple):
        return type(value)(cast(item, kind) for item in value)
    if isinstance(value, dict):
        return {key: cast(item, kind) for key, item in value.items()}
    return value
