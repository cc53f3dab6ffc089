"""What every page must pass in a browser; `tests/site/test_pages_on_*.py` ask it in each view."""

import pytest

from support.checks import headings_out_of_order, images_without_alternative
from support.visit import Look


def _nothing(problems: list[str], seen: Look):
    __tracebackhide__ = True
    if not problems:
        seen.passed += 1
    else:
        listed = "\n  ".join(problems)
        pytest.fail(f"{seen.path} ({seen.view}):\n  {listed}", pytrace=False)


def test_asks_no_other_host(seen):
    _nothing(seen.foreign, seen)


def test_has_no_axe_violation(seen):
    _nothing(seen.violations, seen)


def test_has_no_overflow(seen):
    _nothing(seen.overflow, seen)


def test_images_have_an_alternative(seen):
    _nothing(images_without_alternative(seen.images), seen)


def test_headings_are_in_order(seen):
    _nothing(headings_out_of_order(seen.headings), seen)


def test_has_no_script_error(seen):  # last: what scripts do late has happened by now
    _nothing(seen.errors, seen)


PAGE_TESTS = sum(name.startswith("test_") for name in dir())
