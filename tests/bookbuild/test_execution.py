"""A small book, built as readers build theirs: what executes, what fails, and what recovers."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from bookbuild.state import JOURNAL
from support.small_book import CHAPTERS, CONTENTS, GOOD, STRICT, Book

KEEPS_A_JOURNAL = """\
import os, pathlib
folder = pathlib.Path(os.environ["CLASSROOM_FOLDER"])
(folder / "note").write_text("kept")
print("kept in", folder)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Book:
    return Book(tmp_path_factory.mktemp("b"))


@pytest.fixture
def book(shared) -> Book:
    """Return the book as the last test left it built; or, if that left it broken, built anew."""
    if not shared.built:
        shared.reset()
        assert shared.build(*STRICT) == 0, shared.log
    return shared


def test_an_unchanged_book_executes_and_writes_nothing(book):
    executed, written = book.executions(), book.page("first").stat().st_mtime_ns
    assert book.build(*STRICT) == 0
    assert book.executions() == executed
    assert book.page("first").stat().st_mtime_ns == written
    for name in CHAPTERS:
        assert re.search(rf"^ +\d+\.\d  book/{name}$", book.log, re.M), "its seconds are told"


def test_an_edit_executes_its_chapter_alone(book):
    before = book.executions()
    book.write("second", "print('two times nine is', 2 * 9)")
    prose = book.folder / "book" / "third.md"
    prose.write_text(prose.read_text() + "\nA sentence more.\n")
    assert book.build(*STRICT) == 0, book.log
    assert book.executions() == before | {"second": before["second"] + 1}
    assert "two times nine is 18" in book.page("second").read_text()
    assert "A sentence more." in book.page("third").read_text()
    assert 'class="cell_output' in book.page("third").read_text()


def test_failing_cells_stop_the_build_and_the_next_one_recovers(book):
    book.write("first", "print('eight times nine is', 8 * 9)")
    book.write("second", "number = 1 +")
    book.write("third", "print(open('../../absent').read())")  # its cause lies outside
    assert book.build() != 0, "also without -W"
    assert "eight times nine is 72" in book.page("first").read_text()
    for name, error in {"second": "SyntaxError", "third": "FileNotFoundError"}.items():
        assert f"ERROR: book/{name}.md: a cell failed" in book.log
        assert f"\n{error}: " in book.log
    # One message each, and no more.
    assert len(book.complaints()) == 2, book.complaints()

    book.write("second", GOOD)
    (book.folder.parent / "absent").write_text("here it is")
    assert book.build(*STRICT) == 0, book.log
    assert "six times seven is 42" in book.page("second").read_text()
    assert "here it is" in book.page("third").read_text()


def test_a_progress_bar_leaves_nothing_on_the_page(book):
    book.write(
        "first", "from tqdm.auto import tqdm\nprint('sum', sum(tqdm(range(4), leave=False)))"
    )
    assert book.build(*STRICT) == 0, book.log
    page = book.page("first").read_text("utf8")
    assert "sum 6" in page
    assert "HBox" not in page and "widget" not in page and "4/4" not in page


def test_a_line_that_is_printed_in_parts_stays_one_line_and_a_journal_leaves_nothing(book):
    parts = "import time\nprint('one', end=' ', flush=True)\ntime.sleep(1)\nprint('line')"
    book.write("first", parts)
    book.write("third", KEEPS_A_JOURNAL)
    assert book.build(*STRICT) == 0, book.log
    assert "one line" in book.page("first").read_text("utf8")
    folder = Path(re.search(r"kept in ([^\s<]+)", book.page("third").read_text("utf8"))[1])
    assert book.temporary in folder.parents and not folder.exists()


def test_a_killed_build_is_taken_up_again(book):
    started, go = book.folder.parent / "started", book.folder.parent / "go"
    book.write(
        "second",
        f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\n"
        f"for _ in range(600):\n    if pathlib.Path({str(go)!r}).exists():\n        break\n"
        "    time.sleep(0.1)\nprint('gone on')",
    )
    before = book.executions()
    process = book.start("build", ".", *STRICT)
    until = time.monotonic() + 120
    while not started.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert started.exists(), "the chapter does not execute"
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    go.touch()
    assert book.build(*STRICT) == 0, book.log
    assert "gone on" in book.page("second").read_text()
    # The chapters that had been finished were not executed again.
    assert book.executions() == before | {"second": before["second"] + 2}


def test_broken_references_stop_each_build_until_they_are_mended(shared):
    book = shared
    book.reset()
    chapter = book.folder / "book" / "second.md"
    chapter.write_text(chapter.read_text() + "\nSee [](no-such-label).\n")
    (book.folder / "_toc.yml").write_text(CONTENTS + "  - file: book/absent\n")
    for _ in range(2):  # what was built the first time hides nothing the second time
        assert book.build(*STRICT) != 0, book.log
        [contents] = [line for line in book.complaints() if "nonexisting" in line]
        assert "'book/absent'" in contents
        [label] = [line for line in book.complaints() if "no-such-label" in line]
        assert f"{chapter}:" in label


def test_a_chapter_missing_from_the_contents_stops_the_build(shared):
    book = shared
    book.reset()
    journal = book.folder / "book" / JOURNAL / "report.md"  # a learner's, which is no chapter
    journal.parent.mkdir()
    journal.write_text("# A journal\n")
    shutil.copy(book.folder / "book" / "first.md", book.folder / "book" / "forgotten.md")
    try:
        assert book.build(*STRICT) != 0, "nobody notices"
        [message] = book.complaints()
        assert "book/forgotten.md" in message
        assert "_toc.yml" in message
    finally:
        (book.folder / "book" / "forgotten.md").unlink()
        shutil.rmtree(journal.parent)
