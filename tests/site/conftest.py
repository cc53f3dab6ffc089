"""The built site, and a server for it."""

from pathlib import Path

import pytest

from support.checks import Page, page_paths
from support.visit import serve

REPOSITORY = Path(__file__).parents[2]
SITE = REPOSITORY / "_build" / "html"


def pytest_generate_tests(metafunc):
    """Run a test that asks for `path` on every page of the site."""
    if "path" in metafunc.fixturenames:
        # Where there is no site, one test each says so (the fixture `site` fails).
        metafunc.parametrize("path", page_paths(SITE) or ["index.html"], scope="module")


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.fail(f"there is no built site in {SITE}: run `make book` first", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def pages(site) -> dict[str, Page]:
    return {path: Page(site, path) for path in page_paths(site)}


@pytest.fixture(scope="session")
def origin(site):
    with serve(site) as address:
        yield address
