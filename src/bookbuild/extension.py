"""The Sphinx extension: what happens before, between and after its parts."""

from pathlib import Path

from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from bookbuild import (
    assets,
    builder,
    cards,
    citations,
    cite,
    claims,
    editions,
    execution,
    feed,
    maths,
    not_found,
    notebooks,
    numbers,
    opener,
    pages,
    questions,
    search,
    signatures,
    sitemap,
    state,
)
from bookbuild.execution import Book

logger = logging.getLogger(__name__)


def begin(app: Book, _: Config) -> None:
    """Keep other builds out, and forget what the last one left and this one cannot use."""
    editions.edition()  # before anything is forgotten for one that there is not
    site = Path(app.outdir)
    state.hold(site.parent, logger.info)
    app.bookbuild_made_of, app.bookbuild_changed = state.begin(
        Path(app.srcdir), site, Path(app.doctreedir)
    )


def changed_pages(app: Book, env: BuildEnvironment, *_) -> set[str]:
    """Return the pages to read anew: those whose text changed, or code that they document."""
    documents = state.changed_documents(app.bookbuild_changed) & env.found_docs
    if state.lessons_changed(app.bookbuild_changed):
        documents |= {name for name in env.found_docs if _documents_code(env, name)}
    return documents


def _documents_code(env: BuildEnvironment, docname: str) -> bool:
    return any(str(file).endswith(".py") for file in env.dependencies.get(docname, ()))


def end(app: Book, error: Exception | None) -> None:
    """Note what was made, if all went well."""
    if error is None and app.statuscode == 0 and not app._warncount:
        if isinstance(app.builder, builder.BookBuilder):
            app.builder.keep()
            state.store(Path(app.outdir), app.bookbuild_made_of)


def setup(app: Book) -> dict:
    app.connect("config-inited", begin, priority=0)
    app.connect("env-get-outdated", changed_pages)
    builder.setup(app)
    cards.setup(app)
    editions.setup(app)
    execution.setup(app)
    feed.setup(app)
    citations.setup(app)
    cite.setup(app)
    claims.setup(app)
    maths.setup(app)
    not_found.setup(app)
    notebooks.setup(app)
    numbers.setup(app)
    opener.setup(app)
    pages.setup(app)
    questions.setup(app)
    search.setup(app)
    signatures.setup(app)
    sitemap.setup(app)
    assets.setup(app)
    app.connect("build-finished", end, priority=1000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
