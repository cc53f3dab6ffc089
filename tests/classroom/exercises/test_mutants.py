"""No slip in a reference passes all checks: a sample here, all by `python -m support.mutants`."""

import ast
import re
from dataclasses import replace
from functools import cache

import pytest

from support.answers import TOPICS, exercise_of, references_of, source_of, text_of
from support.mutants import Mutant, equivalent, mutants_of, sample, survivors_of

SHARE = 8  # one mutant in eight: other ones whenever a sheet changes
NAMES = [name for topic in TOPICS for name in source_of(topic).exercises]


@cache
def mutants(name: str) -> list[Mutant]:
    return mutants_of(references_of(name.split(".")[0])[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_slip_fails_a_check_or_has_its_reason(name):
    drawn = sample(mutants(name), SHARE, text_of(name.split(".")[0]))
    alive = survivors_of(exercise_of(name), drawn)
    assert {one.slip for one in alive} <= set(equivalent().get(name, {}))


@pytest.mark.parametrize("name", equivalent())
def test_a_reason_is_given_for_slips_that_there_are(name):
    reasons = equivalent()[name]
    assert set(reasons) <= {one.slip for one in mutants(name)}
    assert all(reason.endswith(".") for reason in reasons.values())


SLIPS = [
    ("return a <= b", {"return a < b", "return a >= b", "return b <= b", "return a <= a"}),
    ("return x[1:n]", {"return x[1:n + 1]", "return x[:n]", "return x[2:n]", "return n[1:n]"}),
    ("return max(0, a)", {"return a", "return 0", "return min(0, a)", "return max(1, a)"}),
    ("return x.sum(dim=-1)", {"return x.mean(dim=-1)", "return x.sum()", "return x.sum(dim=-2)"}),
    ("return a if b else c", {"return a", "return c"}),
    ("return not a", {"return a"}),
    ("if a:\n        b = 1\n    return b", {"if True:", "if False:", "pass", "b = 2"}),
    ("return [x for x in a if x]", {"return [x for x in a]"}),
]


@pytest.mark.parametrize(("body", "expected"), SLIPS)
def test_slips_of_many_kinds_are_made(body, expected):
    (function,) = ast.parse(f"def f(a, b, c, n, x):\n    {body}").body
    assert expected <= {one.slip.split(" -> ")[1] for one in mutants_of(function)}


def test_a_check_that_is_missing_is_noticed():
    whole = exercise_of("generation.5")
    kept = {name: one for name, one in whole.checks.items() if name != "a_short_cache_grows"}
    slips = [
        one
        for one in mutants("generation.5")
        if one.slip.endswith("keys[len(keys) - (window - 1):])")
    ]
    assert len(slips) == 1 and survivors_of(whole, slips) == []
    assert survivors_of(replace(whole, checks=kept), slips) == slips


@pytest.mark.parametrize("topic", TOPICS)
def test_a_check_says_in_words_what_is_wrong(topic):
    """A bare `assert` would leave a student who fails it without a reason."""
    for name, exercise in source_of(topic).exercises.items():
        for check in exercise.checks.values():
            lines = re.search(rf"^def {check.name}\(.*?(?=^\S|\Z)", text_of(topic), re.M | re.S)[0]
            for node in ast.walk(ast.parse(lines)):
                if isinstance(node, ast.Assert):
                    assert node.msg is not None, f"{name}: {check.name}: {ast.unparse(node)}"
