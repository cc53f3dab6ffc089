"""The book's models, opened once for all tests of the lab, and a journal in a temporary folder."""

from itertools import count

import pytest

from lab import load_model
from lab.journal import Journal


@pytest.fixture(scope="session")
def encoder():
    return load_model("encoder", source="book")


@pytest.fixture(scope="session")
def decoder():
    return load_model("decoder", source="book")


@pytest.fixture(scope="session")
def translator():
    return load_model("translator", source="book")


@pytest.fixture
def journal(tmp_path):
    """Return a journal whose clock ticks once for each time that it is asked."""
    ticks = count(1)
    return Journal(tmp_path / "journal", now=lambda: f"day {next(ticks)}")
