"""No right answer is refused: references in other words, and in other types of numbers."""

import pytest
import torch

from classroom.exercises.checking import verdict
from classroom.exercises.source import same
from support.answers import (
    TOPICS,
    computed_in,
    exercise_of,
    graded,
    right_answers,
    source_of,
)

SEEDS = range(4)
NAMES = [name for topic in TOPICS for name in source_of(topic).exercises]
each_exercise = pytest.mark.parametrize("name", NAMES)


def run_checks(exercise, answer):
    for check in exercise.checks.values():
        for seed in SEEDS:
            check.run(answer, torch.Generator().manual_seed(seed))


@each_exercise
def test_other_right_answers_pass(name):
    exercise = exercise_of(name)
    assert right_answers()[name], "write another right answer"
    for written in right_answers()[name]:
        answer = graded(exercise, written)
        run_checks(exercise, answer)
        assert "passes" in verdict(name, answer.original), written.__name__


@each_exercise
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_the_type_of_numbers_decides_nothing(name, kind):
    exercise = exercise_of(name)
    answer = computed_in(kind, exercise.reference.original)
    run_checks(exercise, answer)
    assert "passes" in verdict(name, answer)


@each_exercise
def test_rounding_decides_nothing(name, monkeypatch):
    """Between float32 and float64 there lies a fifth of what a check allows, or less."""
    exercise = exercise_of(name)

    def strict(actual, expected, *, tolerance=1e-5):
        same(actual, expected, tolerance=tolerance / 5)

    monkeypatch.setitem(exercise.reference.original.__globals__, "same", strict)
    run_checks(exercise, computed_in(torch.float64, exercise.reference.original))


def test_an_answer_that_is_not_right_is_noticed():
    exercise = exercise_of("attention.2")
    halved = graded(exercise, lambda weights: exercise.reference.original(weights) / 2)
    with pytest.raises(AssertionError):
        run_checks(exercise, halved)


def test_an_answer_without_a_gradient_is_noticed():
    exercise = exercise_of("limits.7")
    with pytest.raises(RuntimeError, match="does not require grad"):
        run_checks(exercise, graded(exercise, lambda parts: torch.tensor(1.0)))
