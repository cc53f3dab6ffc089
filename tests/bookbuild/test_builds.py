"""However a site came to be built, its files are those of a build from nothing, byte for byte."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from bookbuild import state
from support.small_book import CONTENTS, ROOT, Book

FIGURE = "\n:::{figure} /src/bookbuild/static/favicon.svg\n:name: a-figure\nA figure.\n:::\n"
QUESTION = """
(asked)=
## Asked

:::{question} a-question
:about: asked
What?

- [x] This.
  > It is.
- [ ] That.
  > It is not.
:::
"""
EDITS = {
    "a sentence": ("book/second.md", "\nA sentence more, and $e^{i\\pi}$.\n"),
    "a heading": ("book/second.md", "\n## A heading more\n"),
    "a title": ("book/first.md", "# The first chapter, revised"),
    "a citation": ("book/third.md", "\nSee {cite:t}`vaswani2017`.\n"),
    "a figure before others": ("index.md", FIGURE.replace("a-figure", "an-earlier-one")),
    "a label and a link to it": ("book/first.md", "\n(here)=\n## Here\n\nSee [](here).\n"),
    "a question": ("book/third.md", QUESTION),
    "code": ("book/second.md", "```{code-cell} python\nprint('more')\n```\n"),
    "a bibliography": ("book/references.bib", "\n@misc{more, title={More}, author={One}}\n"),
    "the contents": ("_toc.yml", "  - file: book/api\n    title: Another name\n"),
}
API = """\
# The interface

```{eval-rst}
.. automodule:: lessons.attention.multi_head.masks
   :members:
.. automodule:: lessons.attention.scaled_dot_product.sources
   :members:
```
"""
PROGRESS = "# Progress\n\n```{progress}\n```\n"
SOURCES = """\
@misc{bahdanau2015, title={Align and Translate}, author={Bahdanau, Dzmitry}, year={2015}}
@misc{vaswani2017, title={Attention}, author={Vaswani, Ashish}, year={2017}}
"""
BIBLIOGRAPHY = "# Sources\n\n```{bibliography}\n:all:\n```\n"
FORMULA = "\nA formula: $a^2 + b^2 = c^2$.\n"
CITES = "\nAs {cite:t}`bahdanau2015` say, and {numref}`a-figure` shows.\n"
DRAWS = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"


class LargerBook(Book):
    """A book with all that one page may tell another; enough pages to be read in parallel."""

    def reset(self) -> None:
        super().reset()
        (self.folder / "book" / "references.bib").write_text(SOURCES)
        self.write("third", DRAWS)
        (self.folder / "book" / "api.md").write_text(API)
        (self.folder / "book" / "sources.md").write_text(BIBLIOGRAPHY)
        (self.folder / "book" / "reference").mkdir(exist_ok=True)
        (self.folder / "book" / "reference" / "progress.md").write_text(PROGRESS)
        second = self.folder / "book" / "second.md"
        second.write_text(second.read_text() + CITES)
        first = self.folder / "book" / "first.md"
        first.write_text(first.read_text() + FORMULA + FIGURE)
        (self.folder / "_toc.yml").write_text(
            CONTENTS
            + "  - file: book/api\n  - file: book/sources\n  - file: book/reference/progress\n"
        )

    def keep(self) -> None:
        """Keep the book and all that was built of it as it is now."""
        shutil.copytree(self.folder, self.folder.with_name("kept"))

    def bring_back(self) -> None:
        """Bring back what was kept, with its times."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.folder.with_name("kept"), self.folder)

    @property
    def site(self) -> Path:
        return self.folder / "_build" / "html"

    def made(self) -> dict[str, str]:
        return state.made(self.site)

    def forget(self) -> None:
        """Forget all that was built, but for what is kept under digests.

        That are chapters' outputs and cut fonts and sheets: test_execution and test_stylesheet.
        """
        for path in (self.folder / "_build").iterdir():
            if path.name not in (".jupyter_cache", "lock", "stylesheet"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def from_nothing(self) -> dict[str, str]:
        """Return the files of the site as a first build makes them."""
        self.forget()
        assert self.make() == 0, self.log
        return self.made()

    def change(self, name: str) -> None:
        """Make one of the edits."""
        path, text = EDITS[name]
        file = self.folder / path
        if name == "a title":
            file.write_text(re.sub("^# .*", text, file.read_text(), flags=re.M))
        elif name == "the contents":
            file.write_text(file.read_text().replace("  - file: book/api\n", text))
        else:
            file.write_text(file.read_text() + text)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> LargerBook:
    book = LargerBook(tmp_path_factory.mktemp("b"))
    assert book.make() == 0, book.log
    book.keep()
    return book


@pytest.fixture
def book(shared) -> LargerBook:
    """Return a book that has been built, as it was written first."""
    shared.bring_back()
    return shared


@pytest.mark.parametrize("edits", [[], EDITS], ids=["as written", "with all edits"])
def test_what_is_built_in_parallel_is_what_jupyter_books_command_builds_serially(book, edits):
    for edit in edits:
        book.change(edit)
    parallel = book.from_nothing()
    assert "reading sources... [ 50%] book/api .. " in book.log, "read in two processes"
    shutil.rmtree(book.folder / "_build" / "stylesheet")
    book.forget()
    assert book.build("-n", "-W", "--keep-going") == 0, book.log
    assert book.made() == parallel


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_ends_in_the_pages_of_a_build_from_nothing(book, edit):
    before = book.made()
    book.change(edit)
    assert book.make() == 0, book.log
    after = book.made()
    assert after != before, "the edit can be seen"
    assert after == book.from_nothing()


def test_a_sentence_writes_its_page_alone_and_a_title_all(book):
    def written() -> set[str]:
        pages = set(book.site.rglob("*.html"))
        new = {page for page in pages if page.stat().st_mtime_ns > begun}
        # The redirects of old addresses are always written.
        return {page.name for page in new} - {"training.html"}

    begun = time.time_ns()
    book.change("a sentence")
    assert book.make() == 0, book.log
    assert written() == {"second.html"}
    begun = time.time_ns()
    book.change("a title")
    assert book.make() == 0, book.log
    assert {"first.html", "second.html", "api.html", "masks.html", "sources.html"} <= written()


def test_a_renamed_chapter_leaves_nothing_of_its_old_name(book):
    old, new = (book.folder / "book" / f"{name}.md" for name in ("second", "renamed"))
    old.rename(new)
    assert book.make() == 1, "its old name is in the contents"
    assert any("'book/second'" in line for line in book.complaints()), book.log
    contents = book.folder / "_toc.yml"
    contents.write_text(contents.read_text().replace("book/second", "book/renamed"))
    assert book.make() == 0, book.log
    assert not [name for name in book.made() if "second" in name]
    assert book.made() == book.from_nothing()


def test_a_changed_pin_executes_and_writes_everything_anew(book):
    before = book.executions()
    (book.folder / "constraints.txt").write_text("torch==0.1\n")
    assert book.make() == 0, book.log
    assert book.executions() == {name: number + 1 for name, number in before.items()}
    assert book.made() == book.from_nothing()


@pytest.mark.parametrize("moment", ["reading sources", "writing output", "dumping search"])
@pytest.mark.parametrize("edit", ["a title"])
def test_a_build_that_was_killed_is_as_if_it_had_not_been(book, edit, moment):
    book.change(edit)
    process = book.start("-m", "bookbuild", program="python")
    for line in process.stdout:
        if moment in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL, "it had not ended by itself"
    assert book.make() == 0, book.log
    assert book.made() == book.from_nothing()


def test_a_chapter_that_is_edited_while_it_is_executed_is_executed_again(book):
    slow = "import time\ntime.sleep(4)\nprint('too early')"
    book.write("second", slow)
    runs = book.executions()["second"]
    process = book.start("-m", "bookbuild", program="python")
    while book.executions()["second"] == runs and process.poll() is None:
        time.sleep(0.1)
    book.write("second", "print('in time')")
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "book/second.md: a cell failed\nIt, or what it may import, was changed" in said
    assert book.make() == 0, book.log
    assert "in time" in book.page("second").read_text()
    book.write("second", slow)
    before = book.executions()["second"]
    assert book.make() == 0, book.log
    assert book.executions()["second"] == before + 1, "what was executed then was not kept"


LATE = """\
cell = "{fence}{{code-cell}} python\\nprint('in time')\\n{fence}".format(fence=chr(96) * 3)
open("first.md", "a").write("\\n" + cell + "\\n")
"""


def test_a_chapter_that_is_edited_before_it_is_read_waits_for_the_next_build(book):
    first = book.folder / "book" / "first.md"
    first.write_text(first.read_text() + "\nA sentence, so that the page is read.\n")
    book.write("second", LATE)
    assert book.make() == 1
    assert "book/first.md was changed while the book was built: build again" in book.log
    book.write("second", "print('done')")
    before = book.executions()["first"]
    assert book.make() == 0, book.log
    assert book.executions()["first"] == before + 1
    assert "in time" in book.page("first").read_text()


def test_of_two_builds_at_once_one_waits(book):
    book.change("a title")
    both = [book.start("-m", "bookbuild", program="python") for _ in range(2)]
    said = [process.communicate(timeout=600)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("another build writes into" in one for one in said) == 1
    assert sum("nothing has changed" in one for one in said) == 1
    assert book.made() == book.from_nothing()


@pytest.mark.parametrize("change", ["deleted", "edited", "added", "an image deleted"])
def test_a_site_changed_by_hand_is_mended(book, change):
    before = book.made()
    if change == "added":
        (book.site / "book" / "more.html").write_text("<p>More.</p>")
    elif change == "edited":
        (book.site / "book" / "first.html").write_text("<p>Less.</p>")
    else:
        pattern = "_images/*.png" if "image" in change else "book/first.html"
        next(book.site.glob(pattern)).unlink()
    assert book.make() == 0, book.log
    assert book.made() == before


def test_what_a_change_of_the_extension_cannot_touch_is_kept(book, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "src" / "bookbuild", tmp_path / "bookbuild")
    for name in ("classroom", "lessons"):
        (tmp_path / name).symlink_to(ROOT / "src" / name)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(book, "from_scratch", True)
    assert book.make() == 0, book.log
    executed, before = book.executions(), book.made()
    page = book.page("first")

    # Styles: in the shared sheet; no page is written.
    with (tmp_path / "bookbuild" / "static" / "house.css").open("a") as file:
        file.write("body { --changed: 1px }\n")
    written = page.stat().st_mtime_ns
    assert book.make() == 0, book.log
    differ = {name for name, digest in book.made().items() if before.get(name) != digest}
    assert differ == {"_static/book.css", "_static/house.css"}
    assert page.stat().st_mtime_ns == written

    # A template: all pages are written, none is read.
    with (tmp_path / "bookbuild" / "templates" / "sbt-sidebar-nav.html").open("a") as file:
        file.write("<!-- changed -->\n")
    assert book.make() == 0, book.log
    assert "0 added, 0 changed, 0 removed" in book.log
    listing = "_modules/lessons/attention/multi_head/masks.html"
    for name in ("index.html", "book/first.html", listing):
        assert "<!-- changed -->" in (book.site / name).read_text(), name

    # What decides how pages are read: they are.
    with (tmp_path / "bookbuild" / "editions.py").open("a") as file:
        file.write("# changed\n")
    assert book.make() == 0, book.log
    assert "7 added" in book.log
    assert book.executions() == executed, "and no chapter was executed for any of these"
