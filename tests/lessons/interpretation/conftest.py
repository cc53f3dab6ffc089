"""The book's models, which the tests of this topic share."""

import pytest

from lessons.models import load


@pytest.fixture(scope="module")
def encoder():
    return load("encoder", source="book")


@pytest.fixture(scope="module")
def decoder():
    return load("decoder", source="book")


@pytest.fixture(scope="module")
def translator():
    return load("translator", source="book")
