"""Each line of a check that judges can fail, and a slip or a typical wrong answer makes it fail.

A check may ask for several things. That it fails for some wrong answer shows of one of them that
it can; so each is tried with the others left out.
"""

import ast
import textwrap
from collections.abc import Iterator

import pytest
import torch

from classroom.exercises.compare import Mismatch
from classroom.exercises.source import Check, Exercise, read
from support.answers import TOPICS, exercise_of, graded, references_of, source_of, text_of
from support.mutants import TooLong, at_most, mutants_of

EXERCISES = [name for topic in TOPICS for name in source_of(topic).exercises]


def judges(node: ast.AST) -> bool:
    """Return whether a statement says that an answer is wrong."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return getattr(node.value.func, "id", None) == "same"
    return isinstance(node, ast.Assert | ast.Raise)


class Alone(ast.NodeTransformer):
    """Leave out all statements that judge, but one."""

    def __init__(self, place: int):
        self.place, self.seen = place, -1

    def visit(self, node: ast.AST) -> ast.AST:
        if not judges(node):
            return self.generic_visit(node)
        self.seen += 1
        return node if self.seen == self.place else ast.copy_location(ast.Pass(), node)


def checks_of(topic: str) -> dict[str, ast.FunctionDef]:
    """Return the code of a topic's checks by their names."""
    functions = {}
    for cell in read(text_of(topic)).cells:
        if cell.cell_type == "code" and "@graded" in cell.source:
            functions |= {
                node.name: node
                for node in ast.parse(cell.source).body
                if isinstance(node, ast.FunctionDef)
            }
    return functions


def judgments(tree: ast.AST) -> list[ast.AST]:
    """Return the statements that judge, in the order in which they are read."""
    found = []

    class Finder(ast.NodeVisitor):
        def visit(self, node: ast.AST) -> None:
            if judges(node):
                found.append(node)
            else:
                self.generic_visit(node)

    Finder().visit(tree)
    return found


def alone(function: ast.FunctionDef, place: int, namespace: dict):
    """Return a check in which one statement judges; its place is counted as it is read."""
    code = ast.parse(textwrap.dedent(ast.unparse(function)))
    code.body[0].decorator_list = []
    code = ast.fix_missing_locations(Alone(place).visit(code))
    names = dict(namespace)
    exec(compile(code, function.name, "exec"), names)
    return names[function.name]


def wrong_answers(exercise: Exercise) -> Iterator:
    """Yield all that is known to be wrong, the likely first."""
    for wrong in exercise.wrong.values():
        yield wrong.function
    reference = references_of(exercise.name.split(".")[0])[exercise.name]
    for mutant in mutants_of(reference):
        namespace = dict(exercise.reference.original.__globals__)
        exec(mutant.code, namespace)
        yield graded(exercise, namespace[ast.parse(mutant.code).body[0].name])


def finds(run, answer) -> bool:
    """Return whether a check says of an answer that it is wrong; an error of its own is no word."""
    try:
        with at_most(1):
            run(answer, torch.Generator().manual_seed(0))
    except (AssertionError, Mismatch):
        return True
    except (Exception, SystemExit, TooLong):
        return False
    return False


def idle(exercise: Exercise, check: Check, function: ast.FunctionDef) -> list[str]:
    """Return the statements of a check that no wrong answer makes fail."""
    left = {
        place: alone(function, place, check.run.__globals__)
        for place in range(len(judgments(function)))
    }
    for answer in wrong_answers(exercise):
        left = {place: run for place, run in left.items() if not finds(run, answer)}
        if not left:
            return []
    code = [ast.unparse(node) for node in judgments(ast.parse(ast.unparse(function)))]
    return [code[place] for place in left]


@pytest.mark.parametrize("name", EXERCISES)
def test_each_judgment_can_fail(name):
    exercise = exercise_of(name)
    functions = checks_of(name.split(".")[0])
    found = {
        check.name: unable
        for check in exercise.checks.values()
        if (unable := idle(exercise, check, functions[check.name]))
    }
    assert found == {}, "add a typical wrong answer that only this finds, or take the line out"
