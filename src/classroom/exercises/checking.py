"""Tell a learner at once whether a function is right, and if not, what is wrong and why.

What it compares with are calls that were recorded with the reference (`known/<topic>.json`). So
it needs no solution, and where a result equals that of a known wrong answer, it can say which
misconception that is.
"""

import difflib
import json
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

from classroom.exercises.calls import (
    Raised,
    call_from_json,
    replay,
    result_difference,
    result_from_json,
)

KNOWN = Path(__file__).parent / "known"
WIDTH = 72  # characters, so that a page shows whole lines
STUB = Raised("NotImplementedError")


def check(name: str, answer: Callable) -> None:
    """Say whether a function passes the checks that are shown, and if not, what is wrong.

    Args:
        name: The exercise's name, such as "attention.2".
        answer: The function itself, without parentheses after it.
    """
    print(verdict(name, answer))


def verdict(name: str, answer: Callable) -> str:
    """Return what :func:`check` prints.

    >>> print(verdict("atention.1", len))
    There is no exercise "atention.1". Did you mean "attention.1"?
    """
    known = _known_exercises()
    if name not in known:
        return _unknown(name, list(known))
    function = known[name]["function"]
    if not callable(answer):
        return f'? Pass the function itself: check("{name}", {function})'
    outcomes = [(one["sentence"], _fault(one, answer, function)) for one in known[name]["checks"]]
    faults = [fault for _, fault in outcomes if fault]
    if STUB.line in faults:
        return f"– {name} is not written yet."
    if not faults:
        lines = [f"✓ {name} passes."]
    else:
        lines = [f"✗ {name} is not right yet."]
    for sentence, fault in outcomes:
        lines.append(_wrapped("  ✗ fails: " if fault else "  ✓ holds: ", sentence))
        if fault and fault is faults[0]:
            lines.append(fault)
    if not faults:
        lines.append("  More checks, which are not shown here, do the grading.")
    return "\n".join(lines)


def _fault(known: dict, answer: Callable, function: str) -> str:
    """Return what is wrong with an answer on one check's calls, or nothing."""
    calls = [call_from_json(call) for call in known["calls"]]
    actual = replay(calls, answer)
    if isinstance(actual[0], Raised) and actual[0] == STUB:
        return STUB.line
    expected = [result_from_json(call["result"]) for call in known["calls"]]
    faults = list(map(result_difference, actual, expected))
    if not any(faults):
        return ""
    first = next(number for number, fault in enumerate(faults) if fault)
    told = f"{calls[first].told(function)}: {faults[first]}."
    lines = [_wrapped("      Seen in ", told)]
    for wrong in known["wrong"]:
        theirs = map(result_from_json, wrong["results"])
        if not any(map(result_difference, actual, theirs)):
            lines.append(_wrapped("      Likely reason: ", wrong["sentence"]))
            break
    return "\n".join(lines)


@cache
def _known_exercises() -> dict:
    """Return all that is recorded, by the exercises' names."""
    known: dict = {}
    for file in sorted(KNOWN.glob("*.json")):
        known |= json.loads(file.read_text("utf8"))
    return known


def _unknown(name: str, names: list[str]) -> str:
    """Return a sentence on a name that no exercise has."""
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    if near:
        return f'There is no exercise "{name}". Did you mean "{near[0]}"?'
    return f'There is no exercise "{name}". There are: {", ".join(names)}.'


def _wrapped(start: str, text: str) -> str:
    """Return a text after its start, in lines that fit on a page and begin below each other."""
    return textwrap.fill(
        text,
        width=WIDTH,
        initial_indent=start,
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )
