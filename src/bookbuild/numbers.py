"""Number figures anew only where a number may have changed.

To number figures Sphinx loads every page of the book, whatever was read. What it looks at is
little, though: each page's sections and figures, and the order of the pages.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector

from bookbuild.told import fingerprint

_assign = TocTreeCollector.assign_figure_numbers


def assign(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """Give all figures their numbers, those of last time if they would be the same."""
    key = fingerprint([env.bookbuild_numbered, env.toc_secnumbers, env.config.numfig])
    before, numbers = getattr(env, "bookbuild_numbers", ("", {}))
    if key == before:
        env.toc_fignumbers = {docname: dict(numbered) for docname, numbered in numbers.items()}
        return []
    changed = _assign(collector, env)
    env.bookbuild_numbers = key, {name: dict(one) for name, one in env.toc_fignumbers.items()}
    return changed


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note what Sphinx looks at when it numbers a page's figures."""
    app.env.bookbuild_numbered[app.env.docname] = fingerprint(
        [
            (
                type(node).__name__,
                node.get("ids"),
                node.get("entries"),
                None if isinstance(node, nodes.section) else [type(one).__name__ for one in node],
            )
            for node in doctree.findall(nodes.Element)
            if node.get("ids") or isinstance(node, addnodes.toctree)
        ]
    )


def begin(app: Sphinx, env: BuildEnvironment, *_) -> list[str]:
    env.bookbuild_numbered = getattr(env, "bookbuild_numbered", {})
    return []


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    env.bookbuild_numbered.pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    env.bookbuild_numbered |= {name: other.bookbuild_numbered[name] for name in docnames}


def setup(app: Sphinx) -> None:
    TocTreeCollector.assign_figure_numbers = assign
    app.connect("env-get-outdated", begin)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("doctree-read", note, priority=900)
