"""Execute the chapters that changed, in parallel, before Sphinx reads them.

Each chapter has a folder of its own under `_build/.jupyter_cache`, named by its key (see
`bookbuild.dependencies` and `bookbuild.outputs`), and MyST-NB takes the outputs from there. So
an output can never be older than the code that made it, and a build that was killed goes on
where it stopped.
"""

import contextlib
import dataclasses
import itertools
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat.v4 import nbbase
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.display import status_iterator

from bookbuild import outputs, state
from bookbuild.dependencies import chapter_key
from bookbuild.editions import is_left_out, page_text
from bookbuild.forked import forked_kernels
from bookbuild.state import JOURNAL

logger = logging.getLogger(__name__)
FOLDERS = ("book", "exercises", "solutions")
MANY = 4  # chapters, for which it pays to load first what all of them need


class BookEnvironment(BuildEnvironment):
    """Sphinx's environment with what extensions add to it; it is named in annotations alone."""

    bookbuild_keys: dict[str, str]
    bookbuild_claims: dict[str, str]
    bookbuild_numbered: dict[str, str]
    bookbuild_numbers: tuple[str, dict]
    bookbuild_questions: dict[str, list[str]]
    mystnb_config: NbParserConfig


class Book(Sphinx):
    """Sphinx's application with what this package adds to it; it is named in annotations alone."""

    env: BookEnvironment
    bookbuild_made_of: dict[str, str]
    bookbuild_changed: set[str]
    bookbuild_failed: set[str]


def cache_folder(app: Book, key: str) -> Path:
    """Return the folder of one chapter's executed notebook."""
    return Path(app.outdir).parent / ".jupyter_cache" / key


def outdated_chapters(app: Book, env: BookEnvironment, *_) -> list[str]:
    """Find every chapter's key; return those last read with another, or without outputs."""
    for path in sorted(path for name in FOLDERS for path in Path(app.srcdir, name).rglob("*.md")):
        docname = path.relative_to(app.srcdir).with_suffix("").as_posix()
        aside = is_left_out(docname) or JOURNAL in path.parts
        if docname not in env.found_docs and not aside:
            logger.warning("%s.md is in no entry of _toc.yml: add it, or delete the file", docname)
    before = getattr(env, "bookbuild_keys", None)
    # If pages alone have changed, the keys of others are what they were.
    changed = state.changed_documents(app.bookbuild_changed)
    texts_alone = before is not None and len(changed) == len(app.bookbuild_changed)
    before = before or {}
    env.bookbuild_keys = {}
    for docname in sorted(env.found_docs):
        if texts_alone and docname not in changed:
            if docname in before:
                env.bookbuild_keys[docname] = before[docname]
            continue
        path = Path(env.doc2path(docname))
        if path.suffix == ".md" and is_myst_markdown_notebook(path.read_text("utf8")):
            env.bookbuild_keys[docname] = _key(app, env, docname)
    return [
        name
        for name, key in env.bookbuild_keys.items()
        if before.get(name) != key or not _is_executed(app, key)
    ]


def execute_chapters(app: Book, env: BookEnvironment, docnames: list[str]) -> None:
    """Execute the chapters whose outputs are not there yet, and tell of each cell that fails."""
    # Chapters with the same key have the same outputs.
    chapter_of = {key: name for name, key in env.bookbuild_keys.items()}
    todo = [name for key, name in chapter_of.items() if not _is_executed(app, key)]
    if not todo:
        return
    # Elsewhere libraries may not be forked.
    forks = len(todo) >= MANY and sys.platform == "linux"
    kernels = forked_kernels() if forks else contextlib.nullcontext()
    with kernels, outputs.journals_elsewhere(), ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(_execute, app, env, name): name for name in todo}
        finished = status_iterator(
            as_completed(running),
            "executing chapters... ",
            "purple",
            len(running),
            stringify_func=running.__getitem__,
        )
        errors = {running[future]: future.result() for future in finished}
    for docname, error in errors.items():
        if error:
            key = env.bookbuild_keys[docname]
            app.bookbuild_failed |= {name for name, one in env.bookbuild_keys.items() if one == key}
            logger.error("%s: a cell failed\n%s", _source(env, docname), error)


def number_cells(app: Book, docname: str, source: list[str]) -> None:
    """Name a notebook's cells by their place, so that its copy on the site is always the same."""
    numbers = itertools.count(1)
    nbbase.random_cell_id = lambda: f"cell-{next(numbers)}"


def use_own_cache(app: Book, docname: str, source: list[str]) -> None:
    """Point MyST-NB to the folder that holds this chapter's outputs, if there are any."""
    if key := app.env.bookbuild_keys.get(docname):
        edited = state.is_edited(Path(app.srcdir), app.bookbuild_made_of, docname)
        if edited and _key(app, app.env, docname) != key:  # MyST-NB would execute it by itself
            app.bookbuild_failed.add(docname)
            logger.error("%s.md was changed while the book was built: build again", docname)
        app.env.mystnb_config = dataclasses.replace(
            app.env.mystnb_config,
            execution_mode="off" if docname in app.bookbuild_failed else "cache",
            execution_cache_path=str(cache_folder(app, key)),
        )


def report_seconds(app: Book, error: Exception | None) -> None:
    """Say what each chapter took to execute, and drop outputs that nothing uses any more."""
    if app.bookbuild_failed:
        app.statuscode = 1  # also without -W
    if error or app.bookbuild_failed or app._warncount:
        return
    if not app.quiet:
        logger.info("seconds that each chapter took to execute:")
        for docname, key in app.env.bookbuild_keys.items():
            for record in get_cache(cache_folder(app, key)).list_cache_records():
                logger.info("  %6.1f  %s", record.data["execution_seconds"], docname)
    used = set(app.env.bookbuild_keys.values())
    for folder in cache_folder(app, "any").parent.glob("*"):
        if folder.name not in used:
            shutil.rmtree(folder)


def _key(app: Book, env: BookEnvironment, docname: str) -> str:
    key = chapter_key(read_chapter(env, docname), Path(app.srcdir) / "constraints.txt")
    return f"{key}-{outputs.VERSION}"


def _is_executed(app: Book, key: str) -> bool:
    return cache_folder(app, key).exists()


def _execute(app: Book, env: BookEnvironment, docname: str) -> str:
    """Execute one chapter and keep its outputs; return what went wrong, or nothing."""
    path = Path(env.doc2path(docname))
    notebook = read_chapter(env, docname)
    error, seconds = outputs.execute(notebook, path.parent, env.mystnb_config.execution_timeout)
    if error:
        return error
    if _key(app, env, docname) != env.bookbuild_keys[docname]:
        return "It, or what it may import, was changed while it was executed: build again."
    # Beside its place and then moved there, so that what is there is always whole.
    folder = cache_folder(app, env.bookbuild_keys[docname])
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    get_cache(unfinished).cache_notebook_bundle(
        CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds}),
        check_validity=False,
    )
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return ""


def executed_cells(app: Book, docname: str) -> list[nbformat.NotebookNode]:
    """Return a chapter's code cells with their outputs; none where it failed."""
    folder = cache_folder(app, app.env.bookbuild_keys[docname])
    if not folder.exists():
        return []
    cache = get_cache(folder)
    (record,) = cache.list_cache_records()
    return cache.get_cache_bundle(record.pk).nb.cells


def read_chapter(env: BookEnvironment, docname: str) -> nbformat.NotebookNode:
    path = Path(env.doc2path(docname))
    text = page_text(docname, path.read_text("utf8"))
    return read_myst_markdown_notebook(text, add_source_map=True, path=path)


def _source(env: BookEnvironment, docname: str) -> str:
    return str(Path(env.doc2path(docname)).relative_to(env.srcdir))


def setup(app: Book) -> None:
    app.bookbuild_failed = set()
    # Without outputs the language of a failed chapter is unknown; its failure is told once.
    app.config.suppress_warnings.append("myst-nb.lexer")
    # Chapters run beside each other, so each kernel computes with one thread; threads that
    # spin while they wait for a busy core make torch slower by orders of magnitude. One thread
    # also adds numbers in one order, so that a chapter prints the same digits everywhere.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    app.connect("env-get-outdated", outdated_chapters)
    app.connect("env-before-read-docs", execute_chapters)
    app.connect("source-read", number_cells)
    app.connect("source-read", use_own_cache)
    app.connect("build-finished", report_seconds)
