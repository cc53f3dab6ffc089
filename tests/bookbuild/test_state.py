"""A site is current only as long as nothing that it was made of has changed, and nothing of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bookbuild import state

FILES = {
    "_config.yml": "title: A book",
    "_toc.yml": "root: index",
    "constraints.txt": "torch==2.0",
    "index.md": "# A book",
    "book/topic/chapter.md": "# A chapter",
    "book/topic/photo.png": "pixels",
    "src/bookbuild/builder.py": "one = 1",
    "src/bookbuild/pages.py": "one = 1",
    "src/bookbuild/serve.py": "one = 1",
    "src/bookbuild/stylesheet.py": "one = 1",
    "src/bookbuild/static/house.css": "p {}",
    "src/bookbuild/templates/layout.html": "<p>",
    "src/lessons/idea.py": "one = 1",
    "src/lessons/weights/model.bin": "0101",
    "packages/torch-2.0.dist-info/RECORD": "",
}
# What is made of the book, and what is forgotten when something has changed.
MADE = ("html", ".doctrees", "jupyter_execute")
ALL, PAGES, NONE = set(MADE), {"html"}, set()


@pytest.fixture
def book(tmp_path, monkeypatch) -> Path:
    """Return the folder of a book that has been built."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(state, "HERE", tmp_path / "src" / "bookbuild")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages")])
    for name in state.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in MADE:
        (tmp_path / "_build" / name).mkdir(parents=True)
        (tmp_path / "_build" / name / "page").write_text("made")
    state.store(site(tmp_path), state.made_of(tmp_path))
    return tmp_path


def site(book: Path) -> Path:
    return book / "_build" / "html"


def forgotten(book: Path) -> set[str]:
    state.begin(book, site(book), book / "_build" / ".doctrees")
    return {name for name in MADE if not (book / "_build" / name / "page").exists()}


def test_a_site_is_current_when_nothing_has_changed(book):
    assert state.is_current(book, site(book))
    (book / "index.md").write_text(FILES["index.md"])  # a later date alone is no change
    assert state.is_current(book, site(book))
    assert forgotten(book) == NONE


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_config.yml", ALL),
        ("_toc.yml", ALL),
        ("constraints.txt", ALL),
        ("book/topic/photo.png", ALL),
        ("src/bookbuild/builder.py", ALL),
        ("src/bookbuild/pages.py", PAGES),
        ("src/bookbuild/templates/layout.html", PAGES),
        ("src/bookbuild/serve.py", NONE),
        ("src/bookbuild/stylesheet.py", NONE),
        ("src/bookbuild/static/house.css", NONE),
        ("index.md", NONE),
        ("book/topic/chapter.md", NONE),
        ("src/lessons/idea.py", NONE),
        ("src/lessons/weights/model.bin", NONE),
    ],
)
def test_an_edit_forgets_what_it_touches_and_no_more(book, name, expected):
    (book / name).write_text("edited")
    assert not state.is_current(book, site(book))
    assert forgotten(book) == expected


@pytest.mark.parametrize(
    "name",
    [
        "book/topic/chapter.md",
        "src/bookbuild/builder.py",
        "src/bookbuild/static/house.css",
        "src/lessons/weights/model.bin",
    ],
)
def test_a_file_more_or_less_forgets_everything(book, name):
    (book / name).unlink()
    assert not state.is_current(book, site(book))
    assert forgotten(book) == ALL
    state.store(site(book), state.made_of(book))
    (book / name).write_text(FILES[name])
    assert forgotten(book) == ALL


@pytest.mark.parametrize("name", state.VARIABLES)
def test_a_variable_that_decides_pages_forgets_everything(book, name, monkeypatch):
    monkeypatch.setenv(name, "another")
    assert not state.is_current(book, site(book))
    assert forgotten(book) == ALL


def test_another_version_of_a_package_forgets_everything(book):
    (book / "packages" / "torch-2.0.dist-info").rename(book / "packages" / "torch-2.1.dist-info")
    assert not state.is_current(book, site(book))
    assert forgotten(book) == ALL


@pytest.mark.parametrize("how", ["edited", "deleted", "added"])
def test_a_site_changed_by_hand_is_written_anew(book, how):
    page = site(book) / "page"
    if how == "deleted":
        page.unlink()
        (site(book) / "other").write_text("more")
    else:
        (page if how == "edited" else page.with_name("other")).write_text("more")
    assert not state.is_current(book, site(book))
    state.begin(book, site(book), book / "_build" / ".doctrees")
    assert list(site(book).iterdir()) == []
    assert (book / "_build" / ".doctrees" / "page").exists()


@pytest.mark.parametrize("left", [None, "", "{", json.dumps({"made of": {}})])
def test_after_a_build_that_did_not_end_everything_is_forgotten(book, left):
    mark = book / "_build" / "html.state"
    mark.unlink()
    if left is not None:
        mark.write_text(left)
    assert not state.is_current(book, site(book))
    assert forgotten(book) == ALL


def test_a_build_that_has_begun_has_not_ended(book):
    assert forgotten(book) == NONE
    assert not state.is_current(book, site(book))
    assert forgotten(book) == ALL


def test_what_no_page_depends_on_changes_nothing(book):
    for name in ("README.md", "tests/test_it.py", ".git/HEAD", "book/.ipynb_checkpoints/a.md"):
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).write_text("new")
    assert state.is_current(book, site(book))


def test_a_students_edition_is_made_of_no_solution(book, monkeypatch):
    monkeypatch.setenv("EDITION", "student")
    before = state.made_of(book)
    (book / "solutions").mkdir()
    (book / "solutions" / "topic.md").write_text("# Solutions")
    assert state.made_of(book) == before
    monkeypatch.delenv("EDITION")
    assert "solutions/topic.md" in state.made_of(book)


def test_the_lock_keeps_another_process_out_until_this_one_ends(tmp_path):
    program = (
        "import sys, pathlib; from bookbuild import state\n"
        f"state.hold(pathlib.Path({str(tmp_path)!r}), print); print('held', flush=True)\n"
        "sys.stdin.read()"
    )

    def start() -> subprocess.Popen:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-uc", program], text=True, **pipes)

    with start() as first:
        assert first.stdout.readline() == "held\n"
        with start() as second:
            assert "another build writes into" in second.stdout.readline()
            first.kill()
            assert second.stdout.readline() == "held\n"
            second.stdin.close()


def test_a_file_is_read_again_when_it_was_touched_and_only_then(tmp_path, monkeypatch):
    file = tmp_path / "page"
    file.write_text("one")
    monkeypatch.setattr(state, "SETTLED", -1.0)  # as if it had been written long ago
    first, status = state._digest(file), file.stat()
    with monkeypatch.context() as nobody:
        nobody.setattr(Path, "open", None)
        assert state._digest(file) == first
    file.write_text("two")  # as long as before, and said to be as old
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert state._digest(file) != first


def test_a_file_that_was_just_written_is_read_each_time(tmp_path):
    file = tmp_path / "page"
    file.write_text("one")
    state._digest(file)
    assert file not in state._read
