"""A book of a few small chapters, with the settings of the real one and caches of its own."""

import atexit
import multiprocessing
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
# What a build loads, but for the code that its pages list.
LOADED = [
    *("bookbuild.build", "bookbuild.extension", "jaxtyping", "jupyter_book.cli.main", "torch"),
    *("sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_book_theme", "sphinx_reredirects"),
    *("sphinxcontrib.bibtex", "sphinxcontrib.katex", "sphinxext.opengraph"),
]
STRICT = ("-n", "-W", "--keep-going")
CHAPTERS = ("first", "second", "third")
CONTENTS = "format: jb-book\nroot: index\nchapters:\n" + "".join(
    f"  - file: book/{name}\n" for name in CHAPTERS
)
CHAPTER = """\
---
jupytext:
  text_representation: {{extension: .md, format_name: myst}}
kernelspec: {{display_name: Python 3, name: python3}}
---

# The {name} chapter

```{{code-cell}} python
open("../../runs/{name}", "a").write("x")
{code}
```
"""
GOOD = 'print("six times seven is", 6 * 7)'


class Forked:
    """A build in a process that is forked from one that has loaded what builds need."""

    def __init__(self, program: str, arguments: tuple[str, ...], folder: Path, env: dict[str, str]):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LOADED)
        reading, writing = context.Pipe(duplex=False)
        with reading, writing:
            self._process = context.Process(
                target=_be_build, args=(program, arguments, folder, env, writing)
            )
            self._process.start()
            self.stdout = open(os.dup(reading.fileno()), encoding="utf8")
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        return self._process.exitcode

    def communicate(self, timeout: float) -> tuple[str, None]:
        timer = threading.Timer(timeout, self._process.kill)
        timer.start()
        with self.stdout:
            said = self.stdout.read()
        self._process.join()
        timer.cancel()
        return said, None


def _be_build(
    program: str, arguments: tuple[str, ...], folder: Path, env: dict[str, str], said: Connection
) -> None:
    with said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    sys.stdout.reconfigure(write_through=True)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # to be looked up in this environment
    os.chdir(folder)
    sys.argv = [program, *arguments]
    try:
        if program == "jupyter-book":
            from jupyter_book.cli.main import main

            sys.exit(main())
        assert arguments[0] == "-m"
        del sys.argv[:2]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()


class Book:
    """A book of three chapters, with the settings of the real one and caches of its own."""

    # Whether each build loads all that it needs by itself, also the book's own code.
    from_scratch = False

    def __init__(self, folder: Path):
        self.folder = folder / "source"
        self.runs = folder / "runs"
        self.temporary = folder / "t"  # a short name, for sockets have short addresses
        for new in (self.runs, self.temporary, self.folder / "book"):
            new.mkdir(parents=True)
        shutil.copy(ROOT / "_config.yml", self.folder)
        # What these settings name, and the pins.
        (self.folder / "book" / "references.bib").touch()
        (self.folder / "constraints.txt").touch()
        icons = self.folder / "src" / "bookbuild" / "static"
        icons.mkdir(parents=True)
        shutil.copy(ROOT / "src" / "bookbuild" / "static" / "favicon.svg", icons)
        moved = self.folder / "src" / "bookbuild" / "templates"
        moved.mkdir(parents=True)
        shutil.copy(ROOT / "src" / "bookbuild" / "templates" / "moved.html", moved)
        self.log = ""
        self.built = False
        self.reset()

    def reset(self) -> None:
        """Write the book as it should be; what was built stays."""
        (self.folder / "index.md").write_text("# The front page\n\nNothing to see.\n")
        (self.folder / "_toc.yml").write_text(CONTENTS)
        for name in CHAPTERS:
            self.write(name, GOOD)

    def write(self, name: str, code: str) -> None:
        (self.folder / "book" / f"{name}.md").write_text(CHAPTER.format(name=name, code=code))

    def start(self, *arguments: str, program: str = "jupyter-book") -> "subprocess.Popen | Forked":
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "XDG"))},
            "HOME": str(self.folder.parent),
            "IPYTHONDIR": str(self.folder.parent / "ipython"),
            "MPLCONFIGDIR": str(self.folder.parent / "matplotlib"),
            "TMPDIR": str(self.temporary),
            "PYTHONUNBUFFERED": "1",
        }
        if not self.from_scratch:
            return Forked(program, arguments, self.folder, env)
        return subprocess.Popen(
            [BIN / program, *arguments],
            cwd=self.folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self, *flags: str) -> int:
        """Build with Jupyter Book's command, keep what was said, and return the exit status."""
        return self._end(self.start("build", ".", *flags))

    def make(self) -> int:
        """Build as `make book` does, keep what was said, and return the exit status."""
        return self._end(self.start("-m", "bookbuild", program="python"))

    def _end(self, process: "subprocess.Popen | Forked") -> int:
        said, _ = process.communicate(timeout=300)
        self.log = re.sub(r"\x1b\[[\d;]*m", "", said)
        self.built = process.returncode == 0
        return process.returncode

    def page(self, name: str) -> Path:
        return self.folder / "_build" / "html" / "book" / f"{name}.html"

    def executions(self) -> dict[str, int]:
        return {file.name: file.stat().st_size for file in self.runs.iterdir()}

    def complaints(self) -> list[str]:
        """Return the first lines of the warnings and errors of the last build."""
        return [line for line in self.log.splitlines() if re.search("(ERROR|WARNING):", line)]
