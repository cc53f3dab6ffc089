"""Builds the book: executes its chapters, and makes the site light, offline and accessible.

A Sphinx extension in three parts, each of which reads alone:

- `bookbuild.execution` executes chapters in parallel, and only those that changed;
- `bookbuild.pages` repairs what the stock theme gets wrong on a page;
- `bookbuild.assets` brings fonts, icons and styles, so that no page asks another host.
"""

from sphinx.application import Sphinx

from bookbuild import assets, execution, pages


def setup(app: Sphinx) -> dict:
    execution.setup(app)
    pages.setup(app)
    assets.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
