"""Mutants of the exercises' references: small slips, of which each must fail a check.

    PYTHONPATH=tests python -m support.mutants             tries all of them, and prints a count
    PYTHONPATH=tests python -m support.mutants limits.7    tries those of an exercise or a topic

A mutant that passes all checks, whatever is drawn, is either another right answer, and then
`tests/classroom/exercises/equivalent.yaml` says why, or a wrong one that a check is missing for.
"""

import ast
import copy
import hashlib
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

import torch
import yaml

from classroom.exercises.source import Exercise
from support.answers import ROOT, TOPICS, exercise_of, graded, references_of

EQUIVALENT = ROOT / "tests" / "classroom" / "exercises" / "equivalent.yaml"
SEEDS = range(3)
SECONDS = 1  # of the processor, for a mutant that never ends

COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
CALLED = {
    "sum": ("mean", "amax", "cumsum"),
    "mean": ("sum", "amax"),
    "max": ("min",),
    "min": ("max",),
    "amax": ("amin", "sum"),
    "argmax": ("argmin",),
    "argsort": ("argmax",),
    "any": ("all",),
    "all": ("any",),
    "softmax": ("log_softmax", "sigmoid"),
    "log_softmax": ("softmax",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "cos": ("sin",),
    "sin": ("cos",),
    "tril": ("triu",),
    "log": ("log1p",),
    "exp": ("expm1",),
    "sigmoid": ("tanh",),
    "tanh": ("sigmoid",),
    "cumsum": ("cumprod",),
    "append": ("extend",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "new_zeros": ("new_ones",),
    "var": ("std",),
}
# Arguments that say nothing of the result, or only that it must not be cut short in silence.
SILENT = {"strict", "dtype"}


@dataclass(frozen=True)
class Mutant:
    """A reference with one slip."""

    slip: str
    code: str


def mutants_of(function: ast.FunctionDef) -> list[Mutant]:
    """Return a function's mutants, each slip told by the line before and after it.

    >>> def slips(code): return [one.slip for one in mutants_of(ast.parse(code).body[0])]
    >>> slips("def f(n):\\n    return n < 2")[1:3]
    ['return n < 2 -> return n <= 2', 'return n < 2 -> return n > 2']
    """
    plain, seen, found = ast.unparse(_bare(copy.deepcopy(function))), set(), []
    function = _parsed(plain)
    names = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    names |= {node.id for node in _names_of(function) if isinstance(node.ctx, ast.Store)}
    said = [node for node in ast.walk(function) if getattr(node, "arg", None) in SILENT]
    silent = {id(node) for one in said for node in ast.walk(one)}
    for place, node in enumerate(ast.walk(function)):
        if id(node) in silent:
            continue
        for change in (*_changes(node), *_other_names(node, names)):
            mutated = _parsed(plain)
            change(list(ast.walk(mutated))[place], mutated)
            code = ast.unparse(ast.fix_missing_locations(mutated))
            if code != plain and code not in seen:
                seen.add(code)
                found.append(Mutant(_told(plain, code), code))
    return found


def survivors_of(exercise: Exercise, mutants: list[Mutant]) -> list[Mutant]:
    """Return the mutants of which at least one draw of inputs notices nothing."""
    alive = []
    for one in mutants:
        try:
            if any(_passes(exercise, one, seed) for seed in SEEDS):
                alive.append(one)
        except TooLong:
            continue
    return alive


@cache
def equivalent() -> dict[str, dict[str, str]]:
    """Return by exercise which slips change nothing that is asked for, each with its reason."""
    listed = yaml.safe_load(EQUIVALENT.read_text("utf8"))
    return {name: {one["slip"]: one["reason"] for one in ones} for name, ones in listed.items()}


def sample(mutants: list[Mutant], share: int, key: str) -> list[Mutant]:
    """Return about one in `share` mutants, chosen by what they and their sheet say."""

    def drawn(mutant: Mutant) -> int:
        return int.from_bytes(hashlib.sha256((key + mutant.code).encode()).digest()[:4])

    return [one for one in mutants if drawn(one) % share == 0]


def _parsed(code: str) -> ast.FunctionDef:
    return ast.parse(code).body[0]


def _changes(node: ast.AST) -> Iterator[Callable]:
    """Yield what may be done to a node: functions of its copy and of the copied function."""
    if isinstance(node, ast.Compare):
        for place, kind in enumerate(node.ops):
            for other in COMPARED.get(type(kind), ()):
                yield lambda one, _, place=place, other=other: one.ops.__setitem__(place, other())
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other in COMPUTED.get(type(node.op), ()):
            yield lambda one, _, other=other: setattr(one, "op", other())
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult):
        yield lambda one, whole: _put(whole, one, one.left)
        yield lambda one, whole: _put(whole, one, one.right)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield lambda one, whole: _put(whole, one, one.operand)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for step in (1, -1):
            yield lambda one, _, step=step: setattr(one, "value", one.value + step)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda one, _: setattr(one, "value", not one.value)
    if isinstance(node, ast.IfExp):
        yield lambda one, whole: _put(whole, one, one.body)
        yield lambda one, whole: _put(whole, one, one.orelse)
    if isinstance(node, ast.BoolOp):
        for place in range(len(node.values)):
            yield lambda one, whole, place=place: _put(whole, one, one.values[place])
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda one, _: setattr(one, "op", other())
    if isinstance(node, ast.If):
        for value in (True, False):
            yield lambda one, _, value=value: setattr(one, "test", ast.Constant(value))
    if isinstance(node, ast.comprehension):
        for place in range(len(node.ifs)):
            yield lambda one, _, place=place: one.ifs.pop(place)
    if isinstance(node, ast.Subscript):
        yield from _moved_bounds(node)
    if isinstance(node, ast.Call):
        yield from _other_calls(node)
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        for place in range(len(block) if isinstance(block, list) else 0):
            yield lambda one, _, name=name, place=place: getattr(one, name).__setitem__(
                place, ast.Pass()
            )


def _names_of(function: ast.FunctionDef) -> list[ast.Name]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Name)]


def _other_names(node: ast.AST, names: set[str]) -> Iterator[Callable]:
    """Yield the other variables that may be read in the place of one."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for other in sorted(names - {node.id}):
            yield lambda one, _, other=other: setattr(one, "id", other)


def _moved_bounds(node: ast.Subscript) -> Iterator[Callable]:
    """Yield changes by one of what is not a number in an index or a slice, and open slices."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, part in enumerate(parts):
        if isinstance(part, ast.Slice):
            for side in ("lower", "upper"):
                if (bound := getattr(part, side)) is None:
                    continue
                yield lambda one, _, place=place, side=side: setattr(_part(one, place), side, None)
                if not isinstance(bound, ast.Constant):
                    for kind in (ast.Add, ast.Sub):
                        yield lambda one, _, place=place, side=side, kind=kind: setattr(
                            _part(one, place), side, _by_one(getattr(_part(one, place), side), kind)
                        )
        elif not isinstance(part, ast.Constant):
            for kind in (ast.Add, ast.Sub):
                yield lambda one, whole, place=place, kind=kind: _put(
                    whole, _part(one, place), _by_one(_part(one, place), kind)
                )


def _other_calls(node: ast.Call) -> Iterator[Callable]:
    """Yield calls of other functions, with fewer or moved arguments, and what was passed alone."""
    name = getattr(node.func, "attr", getattr(node.func, "id", None))
    for other in CALLED.get(name, ()):
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield lambda one, _, field=field, other=other: setattr(one.func, field, other)
    if isinstance(node.func, ast.Attribute):
        yield lambda one, whole: _put(whole, one, one.func.value)
    for place, argument in enumerate(node.args):
        if not isinstance(argument, ast.Starred):
            yield lambda one, whole, place=place: _put(whole, one, one.args[place])
        if name in ("range", "arange") and not isinstance(argument, ast.Constant):
            for kind in (ast.Add, ast.Sub):
                yield lambda one, _, place=place, kind=kind: one.args.__setitem__(
                    place, _by_one(one.args[place], kind)
                )
    for place, keyword in enumerate(node.keywords):
        if keyword.arg not in SILENT:
            yield lambda one, _, place=place: one.keywords.pop(place)


def _part(node: ast.Subscript, place: int) -> ast.expr:
    return node.slice.elts[place] if isinstance(node.slice, ast.Tuple) else node.slice


def _by_one(node: ast.expr, kind: type) -> ast.BinOp:
    return ast.BinOp(copy.deepcopy(node), kind(), ast.Constant(1))


def _put(whole: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put a node in the place of another."""
    for node in ast.walk(whole):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, new)
            elif isinstance(value, list):
                setattr(node, name, [new if item is old else item for item in value])


def _bare(function: ast.FunctionDef) -> ast.FunctionDef:
    """Return a function without docstring and annotations."""
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            if ast.get_docstring(node):
                node.body = node.body[1:]
            node.body = [_unannotated(one) for one in node.body]
        elif isinstance(node, ast.arg):
            node.annotation = None
    return function


def _unannotated(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.AnnAssign):
        return ast.Assign([node.target], node.value, lineno=node.lineno)
    return node


def _told(before: str, after: str) -> str:
    """Return how two codes differ: the first line that does, and what stands there instead."""
    old, new = before.splitlines(), after.splitlines()
    pairs = zip_longest(old, new, fillvalue="")
    first = next(place for place, (one, other) in enumerate(pairs) if one != other)
    return f"{old[first].strip()} -> {new[first].strip()}"


def _passes(exercise: Exercise, mutant: Mutant, seed: int) -> bool:
    """Return whether a mutant passes all checks of an exercise, in time."""
    namespace = dict(exercise.reference.original.__globals__)
    try:
        with at_most(SECONDS):
            exec(mutant.code, namespace)
            written = namespace[ast.parse(mutant.code).body[0].name]
            for check in exercise.checks.values():
                check.run(graded(exercise, written), torch.Generator().manual_seed(seed))
    except (Exception, SystemExit):
        return False
    return True


class TooLong(BaseException):
    """No answer's own `except Exception` catches it."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def give_up(number, frame):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def main(names: list[str]) -> int:
    """Try all mutants, or those of some exercises and topics; return 1 if one has no reason."""
    total = {"mutants": 0, "equivalent": 0, "unexplained": 0}
    for topic in TOPICS:
        if names and not any(name.split(".")[0] == topic for name in names):
            continue
        for name, function in references_of(topic).items():
            if names and topic not in names and name not in names:
                continue
            mutants = mutants_of(function)
            alive = survivors_of(exercise_of(name), mutants)
            reasons = equivalent().get(name, {})
            new = [one for one in alive if one.slip not in reasons]
            stale = set(reasons) - {one.slip for one in alive}
            print(f"{name:18} {len(mutants):4} mutants, {len(alive):2} survive", flush=True)
            for one in new:
                print(f"    no reason: {one.slip}")
            for slip in stale:
                print(f"    no survivor: {slip}")
            total["mutants"] += len(mutants)
            total["equivalent"] += len(alive) - len(new)
            total["unexplained"] += len(new) + len(stale)
    print(", ".join(f"{count} {what}" for what, count in total.items()))
    return 1 if total["unexplained"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
