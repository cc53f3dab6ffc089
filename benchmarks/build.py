"""What building the book costs: ratios within one run, on a copy of the book.

    python benchmarks/build.py            the whole book, then 2, 4 and 8 copies of a topic
    python benchmarks/build.py --quick    one topic, then 1 and 2 copies: about 3 minutes

Stock means Jupyter Book's own command without our extension: one chapter after the other, its
cache of executed notebooks, its theme, its mathematics in the browser. It gets the pages of
solutions as our extension shows them. The exit status is 1 where a goal is missed.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import yaml

from bookbuild.editions import NAMES, page_text

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TOPIC = "tokens"
# Quick: of the topic that is built.
MODULE = {
    True: "tokens/tokenization/bytepair.py",
    False: "limits/efficient_attention/online.py",
}
OURS = ("bookbuild", "sphinxcontrib.katex", "sphinxext.opengraph")
PORT = 8765
STOCK, MODULE_EDIT, SENTENCE, SECONDS, LINEAR, FLAT = 0.55, 0.15, 0.05, 3.0, 1.25, 1.25


def copy_book(to: Path) -> None:
    """Copy what the site is made of."""
    for name in ("book", "exercises", "solutions", "src"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "detective-journal")
        shutil.copytree(ROOT / name, to / name, ignore=ignored)
    for name in ("_config.yml", "_toc.yml", "constraints.txt", "index.md"):
        shutil.copy(ROOT / name, to)


def keep_topics(book: Path, topics: dict[str, str]) -> None:
    """Leave the front page, some topics (a copy of TOPIC each) and the pages they refer to."""
    files = []
    for topic, mark in topics.items():
        for page in sorted((ROOT / "book" / TOPIC).glob("*.md")):
            files.append(f"book/{topic}/{page.stem}")
            text = page.read_text("utf8")
            if mark:
                # A name is defined once in a book; and code that is the same is executed once.
                for found, instead in NAMES:
                    text = found.sub(instead, text)
                text = re.sub(r"^:::\{question\}.*?^:::$", "", text, flags=re.M | re.S)
                text = re.sub(
                    r"^(```\{code-cell\}.*)$", rf"\1\n# {mark}", text, count=1, flags=re.M
                )
            (book / "book" / topic).mkdir(exist_ok=True)
            (book / f"{files[-1]}.md").write_text(text, "utf8")
    files += [f"book/reference/{name}" for name in ("glossary", "notation", "bibliography")]
    files += [f"book/reference/api/{TOPIC}"]
    rooms = sorted((ROOT / "book" / "reference" / "api" / TOPIC).glob("*.md"))
    files += [f"book/reference/api/{TOPIC}/{page.stem}" for page in rooms]
    for page in [*book.glob("book/**/*.md"), *book.glob("exercises/*"), *book.glob("solutions/*")]:
        if page.relative_to(book).with_suffix("").as_posix() not in files:
            page.unlink()
    contents = {"format": "jb-book", "root": "index", "chapters": [{"file": one} for one in files]}
    (book / "_toc.yml").write_text(yaml.safe_dump(contents), "utf8")
    # What the other topics define is missing here.
    settings = yaml.safe_load((book / "_config.yml").read_text("utf8"))
    settings["sphinx"]["config"]["suppress_warnings"] = ["myst", "ref", "app", "bibtex"]
    (book / "_config.yml").write_text(yaml.safe_dump(settings), "utf8")


def make_stock(book: Path) -> None:
    """Take our extension out of a copy's settings."""
    settings = yaml.safe_load((book / "_config.yml").read_text("utf8"))
    sphinx = settings["sphinx"]
    sphinx["extra_extensions"] = [one for one in sphinx["extra_extensions"] if one not in OURS]
    for name in [
        name for name in sphinx["config"] if name.startswith(("html_math", "katex", "ogp"))
    ]:
        del sphinx["config"][name]
    (book / "_config.yml").write_text(yaml.safe_dump(settings), "utf8")
    for page in book.glob("solutions/*.md"):
        page.write_text(page_text(f"solutions/{page.stem}", page.read_text("utf8")), "utf8")


def _log(book: Path) -> Path:
    """Return where a copy's commands write: beside it, for what is in it is built again."""
    return book.with_suffix(".log")


def start(book: Path, *command: str | Path) -> subprocess.Popen:
    """Start a command in a copy of the book, with the copy's own lessons."""
    return subprocess.Popen(
        command,
        cwd=book,
        env=os.environ | {"PYTHONPATH": str(book / "src")},
        stdout=_log(book).open("a"),
        stderr=subprocess.STDOUT,
    )


def seconds_of(book: Path, *command: str | Path, may_fail: bool = False) -> float:
    """Return how long a command takes."""
    begun = time.perf_counter()
    status = start(book, *command).wait()
    if status and not may_fail:
        said = _log(book).read_text("utf8")[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))} failed in {book}:\n{said}")
    return time.perf_counter() - begun


def ours(book: Path) -> float:
    return seconds_of(book, BIN / "python", "-m", "bookbuild")


def stock(book: Path) -> float:
    # Its warnings (no page has a description) are not judged here.
    return seconds_of(book, BIN / "jupyter-book", "build", ".", may_fail=True)


def append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf8") as opened:
        opened.write(text)


def edit_functions(module: Path) -> None:
    """Change all functions of a module, so that every chapter that calls one is executed anew."""
    text, number = re.subn(
        r'^    """$', '    """\n    assert True, "edited"', module.read_text("utf8"), flags=re.M
    )
    if not number:
        raise RuntimeError(f"{module} has no function with a docstring of several lines")
    module.write_text(text, "utf8")


def wait_for(condition: Callable[[], bool], limit: float = 900) -> float:
    """Return how long it takes until something is so."""
    begun = time.perf_counter()
    while not condition():
        if time.perf_counter() - begun > limit:
            raise RuntimeError("waited in vain")
        time.sleep(0.02)
    return time.perf_counter() - begun


def served(book: Path, page: str) -> float:
    """Return how long an edited sentence takes until the server shows it."""
    address = f"http://127.0.0.1:{PORT}/{page}.html"

    def shows(text: str) -> bool:
        try:
            with urllib.request.urlopen(address) as answer:
                return text in answer.read().decode()
        except OSError:
            return False

    server = start(book, BIN / "python", "-m", "bookbuild", "serve", "--port", str(PORT))
    try:
        wait_for(lambda: shows("</html>"))
        took = []
        for number in range(3):
            sentence = f"This is sentence number {number} that was served."
            append(book / f"{page}.md", f"\n{sentence}\n")
            took.append(wait_for(lambda text=sentence: shows(text)))
        return sorted(took)[1]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def growth(folder: Path, sizes: list[int]) -> tuple[float, float]:
    """Print what more chapters cost; return the last growth of a cold and of a no-change build."""
    print(f"\n{f'copies of {TOPIC}':<20}{'chapters':>9}{'cold, s':>9}{'no change, s':>14}")
    rows = []
    for size in sizes:
        book = folder / f"copies{size}"
        copy_book(book)
        keep_topics(book, {f"copy{number}": f"copy {number}" for number in range(size)})
        rows.append((size, ours(book), ours(book)))
        print(f"{size:<20}{2 * size:>9}{rows[-1][1]:>9.1f}{rows[-1][2]:>14.2f}", flush=True)
    (few, cold_few, same_few), (many, cold_many, same_many) = rows[-2:]
    return (cold_many / cold_few) / (many / few), same_many / same_few


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what building the book costs.")
    parser.add_argument("--quick", action="store_true", help="one topic instead of all")
    quick = parser.parse_args().quick
    # In the background of a script Ctrl-C is ignored, and would be by what is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book, plain = folder / "book", folder / "stock"
        for copy in (book, plain):
            copy_book(copy)
            if quick:
                keep_topics(copy, {TOPIC: ""})
        make_stock(plain)
        page = f"book/{TOPIC}/tokenization"

        theirs, cold = stock(plain), ours(book)
        same = ours(book)
        append(book / f"{page}.md", "\nA sentence more.\n")
        sentence = ours(book)
        edit_functions(book / "src" / "lessons" / MODULE[quick])
        module = ours(book)
        live = served(book, page)

        print(f"{'one topic' if quick else 'the whole book'}, {os.cpu_count()} cores, seconds")
        rows = [
            ("cold, over stock, serial", theirs, cold, cold / theirs, STOCK),
            (f"{MODULE[quick]} edited, over cold", cold, module, module / cold, MODULE_EDIT),
            ("a sentence edited, over cold", cold, sentence, sentence / cold, SENTENCE),
            ("a sentence edited, make serve", None, live, live, SECONDS),
            ("nothing changed", None, same, same, SECONDS),
        ]
        print(f"{'':<34}{'from':>8}{'takes':>8}{'ratio or s':>12}{'at most':>9}")
        for what, before, after, measure, goal in rows:
            first = "" if before is None else f"{before:.1f}"
            print(f"{what:<34}{first:>8}{after:>8.1f}{measure:>12.3f}{goal:>9}")
        linear, flat = growth(folder, [1, 2] if quick else [2, 4, 8])
        more = [("cold, over linear", linear, LINEAR), ("no change, over flat", flat, FLAT)]
        for what, measure, goal in more:
            print(f"{what:<34}{measure:>28.3f}{goal:>9}")
    missed = [measure > goal for *_, measure, goal in [*rows, *more]]
    print("A small book cannot reach the goals of the whole one." if quick else "")
    return 1 if any(missed) and not quick else 0


if __name__ == "__main__":
    sys.exit(main())
