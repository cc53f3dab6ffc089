"""What the tests of this folder share."""

import pytest
import torch

from lessons.models import load


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """More threads only wait for each other on models of this size."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def encoder():
    return load("encoder", source="book")


@pytest.fixture(scope="session")
def decoder():
    return load("decoder", source="book")


@pytest.fixture(scope="session")
def translator():
    return load("translator", source="book")
