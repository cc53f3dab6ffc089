"""Two editions of a tiny book: what students must not see is nowhere in what they get."""

import os
import re
import shutil
import zlib
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

from bookbuild.editions import edition, page_text, solution_page
from support.small_book import STRICT, Forked
from support.tiny_exercises import TINY

ROOT = Path(__file__).parents[2]
ASSETS = ("src/bookbuild/static", "src/bookbuild/templates")
CONTENTS = """\
format: jb-book
root: index
chapters:
  - file: exercises/tiny
  - file: solutions/tiny
"""
# Nothing but Python is needed to execute this one.
SOURCE = TINY.replace("import torch\n", "").replace("from classroom import check", "check = print")
SOLUTION = ("solutionword", "discussionword", "rubricword", "modelword", "Solutions: tiny")
JUDGES = ("shownname", "hiddenname", "hiddensentence", "wrongname", "wrongword", "HIDDEN TESTS")


class Book:
    """A book of one topic's exercises, with the settings of the real one."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("exercises", "solutions", "book", *ASSETS):
            (folder / name).mkdir(parents=True)
        for name in ("_config.yml", f"{ASSETS[0]}/favicon.svg", f"{ASSETS[1]}/moved.html"):
            shutil.copy(ROOT / name, folder / name)
        for name in ("book/references.bib", "constraints.txt"):
            (folder / name).touch()
        (folder / "index.md").write_text("# The front page\n\nNothing to see.\n")
        (folder / "_toc.yml").write_text(CONTENTS)
        (folder / "solutions/tiny.md").write_text(SOURCE)
        (folder / "exercises/tiny.md").write_text(without_solutions(SOURCE))

    def build(self, edition: str) -> tuple[int, str]:
        """Build an edition in place; return the exit status and what was said."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG"))}
        env = kept | {"EDITION": edition, "IPYTHONDIR": str(self.folder / "ipython")}
        building = Forked("jupyter-book", ("build", ".", *STRICT), self.folder, env)
        said, _ = building.communicate(timeout=300)
        return building.returncode, said

    def files_with(self, word: str) -> list[str]:
        """Return all files that building made and that hold a word, compressed ones too."""
        return [
            str(file.relative_to(self.folder / "_build"))
            for file in sorted(self.folder.glob("_build/**/*"))
            if file.is_file() and word.encode() in contents(file)
        ]


def contents(file: Path) -> bytes:
    """Return a file's bytes; those of the list of objects, unpacked."""
    data = file.read_bytes()
    return zlib.decompress(data.split(b"\n", 4)[4]) if file.name == "objects.inv" else data


def without_solutions(text: str) -> str:
    """Return what students get of the tiny source, by hand."""
    text = re.sub(r" *### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1\n", "", text, flags=re.S)
    text = text.replace('    """Return twice the numbers."""\n', "    pass\n")
    text = re.sub(r"That was discussionword.|Three points for rubricword.", "", text)
    return text.replace("Because of modelword.", "YOUR ANSWER HERE")


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Book:
    return Book(tmp_path_factory.mktemp("e"))


def test_editions_differ_by_the_solutions_and_neither_holds_what_judges(book):
    """One after the other in one folder, so that nothing stale may stay."""
    for name in ("full", "student", "full"):
        status, said = book.build(name)
        assert status == 0, said
        assert book.files_with("visibleprompt")
        for word in JUDGES:
            assert book.files_with(word) == [], word
        for word in (*SOLUTION, "solutions/tiny"):
            assert bool(book.files_with(word)) == (name == "full"), word
        assert (book.folder / "_build/html/solutions/tiny.html").exists() == (name == "full")
        assert not (book.folder / "_build/html/_sources/solutions").exists()


def test_what_judges_must_stand_between_the_marks():
    with pytest.raises(ExtensionError, match="must stand between the marks of HIDDEN TESTS"):
        solution_page("solutions/tiny", TINY.replace("### BEGIN HIDDEN TESTS\n@", "@"))
    with pytest.raises(ExtensionError, match="its title must begin with"):
        solution_page("solutions/tiny", TINY.replace("# Exercises: tiny", "# Tiny"))


def test_a_solution_names_nothing_that_its_exercise_names():
    named = TINY.replace("Say why.", "(a-label)=\n$$\na\n$$ (eq-a)\n\n:name: fig-a\n")
    page = solution_page("solutions/tiny", named)
    assert "$$\na\n$$\n" in page
    assert not re.search("a-label|eq-a|fig-a|### BEGIN", page)


def test_other_pages_stay_as_they_are():
    assert page_text("exercises/tiny", TINY) == TINY


def test_an_unknown_edition_is_refused(monkeypatch):
    monkeypatch.setenv("EDITION", "studnet")
    with pytest.raises(ExtensionError, match='EDITION is "studnet": set it to "student"'):
        edition()
