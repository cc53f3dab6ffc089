"""The built site, a server for it, and a browser."""

import os
from pathlib import Path

import pytest

from .browser import NO_CHROMIUM, chromium, find_chromium, serve
from .checks import Page, page_paths

REPOSITORY = Path(__file__).parents[2]
SITE = REPOSITORY / "_build" / "html"
_without_browser = []


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


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium()
    if path is None:
        _without_browser.append(NO_CHROMIUM)
        if os.environ.get("CI"):
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)
    return path


# For a module, not for the session: while Playwright runs, it holds the thread's event loop,
# which other tests need.
@pytest.fixture(scope="module")
def chrome(chromium_path):
    with chromium(chromium_path) as browser:
        yield browser


def pytest_unconfigure(config):
    """Say it as the last line, where nobody overlooks it, if there was no browser."""
    if _without_browser:
        print(f"NOT TESTED: the site in a browser: {_without_browser[0]}")
