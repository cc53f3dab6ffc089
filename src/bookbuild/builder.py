"""Read and write pages on all cores, and write only those that differ from the last build's.

Sphinx writes a page when its source is newer than it; but a page also shows what others tell:
titles, numbers, what a link leads to. So each build compares what all pages tell each other with
what they told last time (see `bookbuild.told`). If that is the same, the pages that were read
anew are written, and no others; if it is not, all are. Either way the site becomes the one that
a build from nothing makes.

What a page adds to the files that all pages share (the words of the search, the names and
characters of the stylesheet, the scripts) is kept page by page. So pages may be written in any
order, by any process, now or earlier.
"""

import copy
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.ext import viewcode
from sphinx.util.build_phase import BuildPhase
from sphinx.util.display import status_iterator
from sphinx.util.parallel import ParallelTasks

from bookbuild import maths, opener, stylesheet
from bookbuild.execution import Book
from bookbuild.policy import with_policy
from bookbuild.told import fingerprint, told_to_others

KEPT = "pages.pickle"  # in the folder of doctrees
# What Sphinx's index of words knows page by page, and what it knows word by word.
BY_PAGE = ("_titles", "_filenames", "_all_titles", "_index_entries")
BY_WORD = ("_mapping", "_title_mapping")
# Pages that show what all pages tell, and nothing else.
GENERATED = {"404", "_modules/index", "genindex", "py-modindex", "search"}
# These say nothing, and all that we use of them can go through more than one process.
UNDECLARED = {
    "sphinx_jupyterbook_latex": "adds nodes and transforms of single pages, for LaTeX alone",
    "sphinx_multitoc_numbering": "numbers sections in the main process, when all pages are read",
}


@dataclass
class Page:
    """What the files that all pages share need to know of one page."""

    sheets: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    characters: set[str] = field(default_factory=set)
    words: dict[str, dict] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)  # the sidebar's list, by its options
    shows: str = ""  # for pages without a source: a digest of what it shows


@dataclass
class Kept:
    """What one build leaves for the next."""

    pages: dict[str, Page] = field(default_factory=dict)
    told: str = ""


class BookBuilder(StandaloneHTMLBuilder):
    """Sphinx's builder of pages, on all cores, and sparing."""

    name = "html"
    app: Book

    def init(self) -> None:
        super().init()
        try:
            self.kept: Kept = pickle.loads(Path(self.doctreedir, KEPT).read_bytes())
        except FileNotFoundError:
            self.kept = Kept()
        self.page = Page()  # the one that is being written
        self.needed: set[str] = set()
        self.written: set[str] = set()
        self.contents_at: dict[int, str] = {}

    def keep(self) -> None:
        """Leave for the next build what it needs to know of the pages."""
        Path(self.doctreedir, KEPT).write_bytes(pickle.dumps(self.kept))

    def _in_parallel(
        self, what: str, task: Callable[[list[str]], Any], todo: list[str], number: int
    ) -> Iterator[tuple[list[str], Any]]:
        """Do a task with parts of a list, each in a process of its own; yield in one order."""
        parts = [part for start in range(number) if (part := todo[start::number])]
        progress = status_iterator(parts, f"{what}... ", "purple", len(parts), self.app.verbosity)
        if self.app.parallel < 2 or len(parts) < 2:
            yield from ((part, task(part)) for part in progress)
            return
        results: dict[int, Any] = {}

        def work(numbered: tuple[int, list[str]]) -> Any:
            try:
                return task(numbered[1])
            finally:
                maths.stop()

        def finish(numbered: tuple[int, list[str]], result: Any) -> None:
            results[numbered[0]] = result
            next(progress)

        maths.stop()  # or the processes would share one
        tasks = ParallelTasks(self.app.parallel)
        for numbered in enumerate(parts):
            tasks.add_task(work, numbered, finish)
        tasks.join()
        yield from ((part, results[number]) for number, part in enumerate(parts))

    def get_outdated_docs(self) -> Iterator[str]:
        """Yield what is older than its source; something, if anything at all has changed."""
        self.needed = set(super().get_outdated_docs())
        yield from self.needed
        if self.app.bookbuild_changed:
            yield self.config.root_doc  # or Sphinx would not even copy what has changed

    # Reading

    def _read_parallel(self, docnames: list[str], nproc: int) -> None:
        """Read pages as Sphinx does, but add what was read in one order, whoever ends first."""
        for docname in docnames:
            self.events.emit("env-purge-doc", self.env, docname)
            self.env.clear_doc(docname)

        def read(part: list[str]) -> bytes:
            self.env.app = self.app
            for docname in part:
                self.read_doc(docname, _cache=False)
            return pickle.dumps(self.env, pickle.HIGHEST_PROTOCOL)

        for part, other in self._in_parallel("reading sources", read, docnames, nproc):
            self.env.merge_info_from(part, pickle.loads(other), self.app)

    # Writing

    def write(
        self,
        build_docnames: Any,
        updated_docnames: Any,
        method: Literal["all", "specific", "update"] = "update",
    ) -> None:
        """Write the pages that may differ from those of the last build."""
        self.needed |= set(updated_docnames)
        told = told_to_others(self.env)
        if told != self.kept.told or build_docnames is None:
            self.kept.told, self.needed = told, self.env.found_docs
            for page in self.kept.pages.values():
                page.contents = {}
        super().write(self.needed, updated_docnames, method)

    def _write_serial(self, docnames: Sequence[str]) -> None:
        self._write_parallel(docnames, 1)

    def _write_parallel(self, docnames: Sequence[str], nproc: int) -> None:
        docnames = [name for name in docnames if name in self.needed]  # Sphinx adds the front page

        def write(part: list[str]) -> dict[str, Page]:
            for docname in part:
                self._write_page(docname)
            return {docname: self.kept.pages[docname] for docname in part}

        names = list(docnames)
        self._add(write(names[:1]))  # compiles the templates, once for all
        parts = 1 if self.app.parallel < 2 else 4 * self.app.parallel
        for _, pages in self._in_parallel("writing output", write, names[1:], parts):
            self._add(pages)

    def _write_page(self, docname: str) -> None:
        self.app.phase = BuildPhase.RESOLVING
        doctree = self.env.get_and_resolve_doctree(docname, self)
        self.app.phase = BuildPhase.WRITING
        self.images = {}
        self.page = Page()
        self.write_doc_serialized(docname, doctree)
        self.write_doc(docname, doctree)

    def _add(self, pages: dict[str, Page]) -> None:
        self.kept.pages |= pages
        self.written |= set(pages)

    def handle_page(
        self, pagename: str, addctx: dict, templatename: str = "page.html", *rest: Any, **named: Any
    ) -> None:
        """Write a page, and note what it needs of the files that all share."""
        if pagename in GENERATED:
            self.page.shows = fingerprint([addctx, self.kept.told])
            if not self._differs(pagename, self.page.shows):
                self.written.add(pagename)
                self.page = Page()
                return
        super().handle_page(pagename, addctx, templatename, *rest, **named)
        file = Path(self.get_outfilename(pagename))
        if file.exists():  # not the description of the search for browsers
            text = with_policy(file.read_text("utf8"))
            file.write_text(text, "utf8")
            self.page.names, self.page.characters = stylesheet.names_of(text), set(text)
            self.page.images = self.images
            self._add({pagename: self.page})
        self.page = Page()

    def contents(self, pagename: str, make: Callable[..., Any], **options: Any) -> str:
        """Return the sidebar's list of pages, of which a page has the same until pages tell more.

        For listings of one depth it is the same.
        """
        if not pagename.startswith(f"{viewcode.OUTPUT_DIRNAME}/"):
            name = repr(sorted(options.items()))
            known = self.kept.pages.get(pagename, self.page).contents
            self.page.contents[name] = known.get(name) or self._listed(pagename, make(**options))
            return self.page.contents[name]
        depth = pagename.count("/")
        if depth not in self.contents_at:
            self.contents_at[depth] = self._listed(pagename, make(**options))
        return self.contents_at[depth]

    def _listed(self, pagename: str, contents: Any) -> str:
        return opener.numbered(str(contents), pagename, opener.numbers(Path(self.srcdir)))

    # What all pages share

    def gen_pages_from_extensions(self) -> None:
        """Write the listings of sources that differ, and the pages of other extensions."""
        self.images = {}
        super().gen_pages_from_extensions()
        modules = getattr(self.env, "_viewcode_modules", {})
        others = fingerprint(sorted(modules))
        shown = {
            name: fingerprint([modules[name], others, self.kept.told])
            for name in sorted(modules)
            if modules[name]
        }
        todo = [name for name in shown if self._differs(_listing(name), shown[name])]

        def write(part: list[str]) -> dict[str, Page]:
            for pagename, context, template in _listings(self.app, part):
                self.handle_page(pagename, context, template)
            return {_listing(name): self.kept.pages[_listing(name)] for name in part}

        parts = 1 if self.app.parallel < 2 else 4 * self.app.parallel
        for _, pages in self._in_parallel("writing listings", write, todo, parts):
            self._add(pages)
        for name in shown:
            self.kept.pages[_listing(name)].shows = shown[name]
            self.written.add(_listing(name))

    def _differs(self, pagename: str, shows: str) -> bool:
        page = self.kept.pages.get(pagename)
        return not (page and page.shows == shows and Path(self.get_outfilename(pagename)).exists())

    def load_indexer(self, docnames: Iterable[str]) -> None:
        """Load nothing: the index is made of what is kept of the pages."""

    def index_page(self, pagename: str, doctree: nodes.document, title: str) -> None:
        """Note a page's words, apart from other pages'."""
        whole, self.indexer = self.indexer, copy.copy(self.indexer)
        for name in (*BY_PAGE, *BY_WORD):
            setattr(self.indexer, name, {})
        super().index_page(pagename, doctree, title)
        self.page.words = {name: getattr(self.indexer, name) for name in (*BY_PAGE, *BY_WORD)}
        self.indexer = whole

    def dump_search_index(self) -> None:
        """Write the index of all pages' words."""
        for name in (*BY_PAGE, *BY_WORD):
            setattr(self.indexer, name, {})
        for docname in sorted(self.env.found_docs):
            words = self.kept.pages[docname].words
            for name in BY_PAGE:
                getattr(self.indexer, name).update(words[name])
            for name in BY_WORD:
                for word, docnames in words[name].items():
                    getattr(self.indexer, name).setdefault(word, set()).update(docnames)
        super().dump_search_index()

    def finish(self) -> None:
        super().finish()
        self._remove_what_no_page_needs()

    def copy_image_files(self) -> None:
        for docname in self.env.found_docs:
            self.images.update(self.kept.pages[docname].images)
        super().copy_image_files()

    def _remove_what_no_page_needs(self) -> None:
        """Remove pages and images that are left from earlier builds, and the themes' templates."""
        pages = self.written | self.env.found_docs
        self.kept.pages = {name: page for name, page in self.kept.pages.items() if name in pages}
        folder = Path(self.outdir)
        needed = {Path(self.get_outfilename(name)) for name in pages}
        needed |= {folder / f"{name}.html" for name in self.config.redirects}  # moved addresses
        needed |= {folder / self.imagedir / name for name in self.images.values()}
        for file in [*folder.rglob("*.html"), *folder.glob(f"{self.imagedir}/*")]:
            if file not in needed:
                file.unlink()


def _listing(module: str) -> str:
    """Return the name of the page with a module's source."""
    return f"{viewcode.OUTPUT_DIRNAME}/{module.replace('.', '/')}"


def _listings(app: Sphinx, modules: list[str]) -> Iterator[tuple[str, dict, str]]:
    """Yield the pages of some modules, as `sphinx.ext.viewcode` makes them; not their contents."""
    wanted = set(modules)
    viewcode.should_generate_module_page = lambda app, modname: modname in wanted
    for pagename, context, template in viewcode.collect_pages(app):
        if pagename != f"{viewcode.OUTPUT_DIRNAME}/index":
            yield pagename, context, template


def setup(app: Sphinx) -> None:
    # When Sphinx asks for all pages of extensions, this one gives their contents alone.
    viewcode.should_generate_module_page = lambda *_: False
    viewcode.status_iterator = lambda iterable, *_: iterable
    app.add_builder(BookBuilder, override=True)
    app.connect("config-inited", declare)
    app.connect("html-page-context", offer_contents, priority=400)


def offer_contents(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Give templates a way to the list of pages that makes it once for many pages."""
    if isinstance(app.builder, BookBuilder):
        context["contents_of_book"] = partial(app.builder.contents, pagename)
    else:
        context["contents_of_book"] = lambda make, **options: make(**options)


def declare(app: Sphinx, _) -> None:
    """Say of the extensions that say nothing that pages may be read and written in parallel."""
    for name in UNDECLARED.keys() & app.extensions.keys():
        app.extensions[name].parallel_read_safe = True
