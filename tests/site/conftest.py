"""The built site, and a server for it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.checks import Page, page_paths
from support.page_tests import PAGE_TESTS
from support.sample import note_passed, to_visit
from support.visit import Look, look, open_view, opening, serve

REPOSITORY = Path(__file__).parents[2]
SITE = REPOSITORY / "_build" / "html"


@cache  # hundreds of tests ask, and each file is read
def paths_of_site() -> list[str]:
    return page_paths(SITE)


def pytest_generate_tests(metafunc):
    """Run a test that asks for `path` on every page, one that asks for `seen` on every visit."""
    # Where there is no site, one test each says so (the fixture `site` fails).
    paths = paths_of_site() or ["index.html"]
    if "seen" in metafunc.fixturenames:
        view = metafunc.module.VIEW
        mine = to_visit(SITE, paths, view) if SITE.is_dir() else [(paths[0], view)]
        metafunc.parametrize("seen", mine, indirect=True, scope="module", ids="-".join)
    elif "path" in metafunc.fixturenames:
        metafunc.parametrize("path", paths, scope="module")


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
    return {path: Page(site, path) for path in paths_of_site()}


@pytest.fixture(scope="session")
def origin(site):
    with serve(site) as address:
        yield address


@pytest.fixture(scope="module")
def reader(request, chrome):
    """Return one browser context for a module's view, so that what pages share is loaded once."""
    context = open_view(chrome, request.module.VIEW)
    yield context
    context.close()


@pytest.fixture(scope="module")
def seen(request, site, origin, reader) -> Iterator[Look]:
    path, view = request.param
    shown = look(reader, origin, path, view)
    yield shown
    if shown.passed == PAGE_TESTS:
        note_passed(site, path, view)


@pytest.fixture
def visit(chrome, origin):
    """Open a page in a fresh browser; what it asks of other hosts is in `page.foreign`."""
    with opening(chrome, origin) as open_page:
        yield open_page


@pytest.fixture
def opened(visit):
    """Do the same, for modules in which `visit` is what helps them."""
    return visit
