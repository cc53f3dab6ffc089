"""No exercise is passed by a table of what another student was asked: some inputs are drawn."""

import pytest
import torch

from classroom.exercises.calls import Answer
from classroom.exercises.source import Check, Exercise
from support.answers import TOPICS, exercise_of, source_of

EXERCISES = [name for topic in TOPICS for name in source_of(topic).exercises]


def asked(exercise: Exercise, checks: list[Check], seed: int) -> list[str]:
    """Return the calls that checks make, with their arguments as a person reads them."""
    log: list = []
    for check in checks:
        check.run(Answer(exercise.reference.original, log), torch.Generator().manual_seed(seed))
    return [f"{call.args} {call.kwargs}" for call, _ in log]


@pytest.mark.parametrize("name", EXERCISES)
def test_another_student_is_asked_other_things(name):
    exercise = exercise_of(name)
    checks = list(exercise.checks.values())
    assert asked(exercise, checks, 0) == asked(exercise, checks, 0)
    assert asked(exercise, checks, 0) != asked(exercise, checks, 1)


def test_checks_that_draw_nothing_are_noticed():
    exercise = exercise_of("blocks.3")
    fixed = [check for check in exercise.checks.values() if not check.name.startswith("drawn")]
    assert len(fixed) == len(exercise.checks) - 1
    assert asked(exercise, fixed, 0) == asked(exercise, fixed, 1)
