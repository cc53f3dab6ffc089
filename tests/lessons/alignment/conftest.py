import pytest

from lessons.alignment import open_playground


@pytest.fixture(scope="session")
def opened(decoder):
    return open_playground(decoder)


@pytest.fixture(scope="session")
def playground(opened):
    return opened[0]


@pytest.fixture(scope="session")
def reference(opened):
    return opened[1]
