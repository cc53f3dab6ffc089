"""What the tests of lessons share: exact comparison, few examples, and mutants to catch."""

import functools
from collections.abc import Callable, Mapping, Sequence

import torch
from hypothesis import settings

# In float64 a right formula agrees to the last few digits; a wider tolerance proves little.
same = functools.partial(torch.testing.assert_close, rtol=0, atol=1e-12)

# The same few examples in each run, and nothing kept between runs.
few = settings(deadline=None, max_examples=30, derandomize=True, database=None)


def caught_by(catches: Mapping[Callable, Sequence]) -> list[tuple]:
    """Pair each check with each of the mutants that it has to catch."""
    return [(check, mutant) for check in catches for mutant in catches[check]]
