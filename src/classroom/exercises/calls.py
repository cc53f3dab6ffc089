"""Calls of an answer: recorded with the reference, and made again with a learner's function.

An answer may return a function or a module, which then is called in turn. So a call names the
earlier call whose result it calls, or none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from classroom.exercises.compare import describe, difference
from classroom.exercises.values import copied, from_json, to_json


@dataclass(frozen=True)
class Raised:
    """What a call raised, as the last line of its traceback."""

    line: str


@dataclass(frozen=True)
class Made:
    """A function or module that a call returned, and how many numbers it learns."""

    learned: int
    function: Callable | None = field(compare=False, repr=False, default=None)


@dataclass(frozen=True)
class Call:
    """One call: `of` is the number of the call whose result is called, None is the answer."""

    of: int | None
    args: tuple
    kwargs: dict

    def told(self, name: str) -> str:
        """Return the call as a learner would write it, its arguments in short."""
        inner = [describe(value) for value in self.args]
        inner += [f"{key}={describe(value)}" for key, value in self.kwargs.items()]
        made = "" if self.of is None else "(…)"
        return f"{name}{made}({', '.join(inner)})"


class Answer:
    """A function to be checked: it gets copies, and what it makes is an answer too.

    Args:
        function: The reference, or a wrong answer.
        log: Where each call is noted with its result, if it shall be.
        of: The number of the call that made this function.
    """

    def __init__(self, function: Callable, log: list | None = None, of: int | None = None):
        self.original: Any = function  # or a module, which also has parameters
        self._log, self._of = log, of

    def __call__(self, *args, **kwargs):
        # Written first: what cannot be written as plain data cannot reach a student's function.
        call = Call(self._of, copied(args), copied(kwargs))
        result = self.original(*copied(args), **copied(kwargs))
        made = Made(_learned(result), result) if callable(result) else copied(result)
        if self._log is not None:
            self._log.append((call, made))
        if not isinstance(made, Made):
            return made
        return Answer(result, self._log, of=None if self._log is None else len(self._log) - 1)

    @property
    def parameters(self) -> dict[str, torch.Tensor]:
        """What a module learns, by name."""
        named = self.original.named_parameters()
        return {name: parameter.detach().clone() for name, parameter in named}


def replay(calls: list[Call], function: Callable) -> list[object]:
    """Make the calls with a function; return each one's result, `Made` or `Raised`."""
    results: list[Any] = []
    for call in calls:
        try:
            target = function if call.of is None else results[call.of].function
            result = target(*copied(call.args), **copied(call.kwargs))
        except (Exception, SystemExit) as error:  # whatever a learner's function does is told
            results.append(Raised(_last_line(error)))
        else:
            results.append(Made(_learned(result), result) if callable(result) else result)
    return results


def result_difference(actual: object, expected: object) -> str:
    """Return a sentence on how two results differ, or nothing where they do not."""
    if isinstance(actual, Raised):
        return "" if actual == expected else f"it stops with {actual.line}"
    if not isinstance(expected, Made):
        found = actual.function if isinstance(actual, Made) else actual
        return difference(found, expected)
    if not isinstance(actual, Made):
        return f"it is {describe(actual)} where a function or a module is expected"
    if actual.learned != expected.learned:
        return f"it learns {actual.learned:,} numbers where {expected.learned:,} are expected"
    return ""


def call_to_json(call: Call) -> dict:
    """Return a call as what `json` can write."""
    return {"of": call.of, "args": to_json(list(call.args)), "kwargs": to_json(call.kwargs)}


def call_from_json(call: dict) -> Call:
    """Return what :func:`call_to_json` was given."""
    return Call(call["of"], tuple(from_json(call["args"])), from_json(call["kwargs"]))


def result_to_json(result: object) -> object:
    """Return a call's result as what `json` can write."""
    if isinstance(result, Raised):
        return {"raised": result.line}
    return {"learned": result.learned} if isinstance(result, Made) else to_json(result)


def result_from_json(result: object) -> object:
    """Return what :func:`result_to_json` was given."""
    if isinstance(result, dict) and "raised" in result:
        return Raised(result["raised"])
    if isinstance(result, dict) and "learned" in result:
        return Made(result["learned"])
    return from_json(result)


def _learned(result: object) -> int:
    """Return how many numbers a module learns; anything else learns none."""
    if not isinstance(result, torch.nn.Module):
        return 0
    return sum(parameter.numel() for parameter in result.parameters())


def _last_line(error: BaseException) -> str:
    """Return an error's last line: its type and what it says."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
