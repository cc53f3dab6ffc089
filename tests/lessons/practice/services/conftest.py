"""A server for the tests, and the way there for all clients."""

import pytest

from lessons.practice import Gate, LocalServices, service_environment
from support.parrot import KEY, Parrot


@pytest.fixture
def led(monkeypatch):
    """A function that leads all clients to a server."""

    def lead(services, key=KEY):
        for name, value in service_environment(services.address, key).items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)

    return lead


@pytest.fixture
def served(led):
    """A function that starts a server and leads all clients there."""
    running = []

    def start(desk=None, *, calls=None):
        # With a limit on calls, it is for an hour.
        running.append(LocalServices(desk or Parrot(), KEY, gate=Gate(calls, seconds=3600.0)))
        led(running[-1])
        return running[-1]

    yield start
    for one in running:
        one.close()
