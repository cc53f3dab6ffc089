"""Record what `check` compares with: the calls that the shown checks make, and their results."""

import json

import torch

from classroom.exercises.calls import (
    Answer,
    Call,
    call_to_json,
    replay,
    result_difference,
    result_to_json,
)
from classroom.exercises.source import Check, Exercise, Source


def record(source: Source) -> str:
    """Return, as JSON, the recorded calls of all exercises of a source, with no code.

    Raises:
        ValueError: A shown check makes no call.
    """
    known = {
        exercise.name: {
            "function": exercise.function,
            "checks": [
                _record(exercise, check) for check in exercise.checks.values() if check.shown
            ],
        }
        for exercise in source.exercises.values()
    }
    # One line for each check, so that a change of one shows as a change of one.
    text = json.dumps(known, ensure_ascii=False)
    return text.replace('{"name": ', '\n{"name": ') + "\n"


def calls_of(check: Check, reference: Answer) -> tuple[list[Call], list[object]]:
    """Return the calls that a check makes with generator seed 0, and the reference's results."""
    log: list[tuple[Call, object]] = []
    check.run(Answer(reference.original, log), torch.Generator().manual_seed(0))
    if not log:
        raise ValueError(f"{check.name} calls no answer, so it can show nothing")
    return [call for call, _ in log], [result for _, result in log]


def _record(exercise: Exercise, check: Check) -> dict:
    """Return one check's calls, and where a wrong answer gives other results, those."""
    calls, results = calls_of(check, exercise.reference)
    wrong = []
    for answer in exercise.wrong.values():
        theirs = replay(calls, answer.function.original)
        if any(map(result_difference, theirs, results)):
            wrong.append(
                {"sentence": answer.sentence, "results": [result_to_json(one) for one in theirs]}
            )
    recorded = [
        call_to_json(call) | {"result": result_to_json(result)}
        for call, result in zip(calls, results, strict=True)
    ]
    return {"name": check.name, "sentence": check.sentence, "calls": recorded, "wrong": wrong}
