"""What the tests of lessons share: exact comparison, few examples, and mutants to catch."""

import functools
from collections.abc import Callable, Mapping, Sequence

import pytest
import torch
from hypothesis import example, given, settings, strategies as st

# In float64 a right formula agrees to the last few digits; a wider tolerance proves little.
same = functools.partial(torch.testing.assert_close, rtol=0, atol=1e-12)

# The same few examples in each run, and nothing kept between runs.
few = settings(deadline=None, max_examples=30, derandomize=True, database=None)


def caught_by(catches: Mapping[Callable, Sequence]) -> list[tuple]:
    """Pair each check with each of the mutants that it has to catch."""
    return [(check, mutant) for check in catches for mutant in catches[check]]


def proofs(
    real: object,
    catches: Mapping[Callable, Sequence],
    case: object = (),
    drawn: st.SearchStrategy | None = None,
) -> tuple[Callable, Callable]:
    """Return two tests: each check passes for the real thing, and fails for each of its mutants.

        test_softmax, test_broken_softmax_is_caught = proofs(softmax, CATCHES, SIZES, any_sizes)

    A check gets the thing, or a mutant of it, and a case: a tuple of the arguments that follow, or
    the only one. All mutants are caught on the one `case`; the real thing passes on it, and on
    those that are drawn. Where each check tries a thing of its own, `real` maps each check to it.
    """

    def run(check: Callable, thing: object, case: object) -> None:
        check(thing, *(case if type(case) is tuple else [case]))

    @pytest.mark.parametrize("check", catches)
    @few
    @given(some=st.just(case) if drawn is None else drawn)
    @example(some=case)
    def passes(check, some):
        run(check, real[check] if isinstance(real, Mapping) else real, some)

    @pytest.mark.parametrize(("check", "mutant"), caught_by(catches))
    def fails(check, mutant):
        with pytest.raises(AssertionError):
            run(check, mutant, case)

    return passes, fails
