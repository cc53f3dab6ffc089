"""What all tests share: a browser, and the rule that CI skips nothing."""

import gc
import os
import signal

# Before litgpt's jsonargparse, which parts yaml's SafeDumper from what jupytext adds to its base.
import jupytext  # noqa: F401
import pytest

from support import trainings
from support.browser import NO_CHROMIUM, chromium, find_chromium
from support.trainings import pytest_addoption, pytest_collection_modifyitems  # noqa: F401  # hooks


def pytest_configure(config):
    """Let the programs that tests start be interrupted, also if this one was started with `&`."""
    trainings.pytest_configure(config)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """Tell the garbage collector that what was imported and collected stays.

    It would look at these millions of objects again and again, and five times in the end.
    """
    gc.freeze()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the path of a Chromium; where there is none, skip the test, but fail it in CI."""
    path = find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)
    return path


# For a module, not for the session: while Playwright runs, it holds the thread's event loop,
# which other tests need.
@pytest.fixture(scope="module")
def chrome(chromium_path):
    """Return a Chromium that can reach no host but this machine."""
    with chromium(chromium_path) as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Count a skipped test as a failed one in CI, where everything must be proven."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter):
    """Say it as the last line, where nobody overlooks it, if there was no browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_CHROMIUM in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"NOT TESTED in a browser: {NO_CHROMIUM}")
