"""Builds the book: executes its chapters, and makes the site light, offline and accessible.

A Sphinx extension in parts, each of which reads alone:

- `bookbuild.state` knows what a build was made of, and so what the next one may keep;
- `bookbuild.execution` executes chapters in parallel, and only those that changed;
- `bookbuild.forked` starts their kernels by forking one process that has loaded torch and its like;
- `bookbuild.breaks` proves of each assert that it can fail, `bookbuild.claims` lists all claims;
- `bookbuild.builder` reads and writes pages in parallel, and only those that differ;
- `bookbuild.numbers` numbers figures anew only where a number may have changed;
- `bookbuild.editions` leaves solutions out for students, and hidden checks for all;
- `bookbuild.pages` repairs what the stock theme gets wrong on a page;
- `bookbuild.questions` asks the reader, with a reply to each answer, and lists what is answered;
- `bookbuild.policy` lets no script run on a page but its own;
- `bookbuild.signatures` shows signatures as one would write them;
- `bookbuild.maths` typesets formulas, `bookbuild.citations` speeds up citations;
- `bookbuild.cite` tells how to cite a page, `bookbuild.feed` what has changed;
- `bookbuild.notebooks` gives each chapter as a notebook for any Jupyter;
- `bookbuild.not_found` makes the page for addresses that lead nowhere;
- `bookbuild.assets` brings fonts, icons and styles, so that no page asks another host;
- `bookbuild.pdf` and `bookbuild.epub` make one file of the whole, of what the site shows.

`python -m bookbuild` builds the book with them, and `python -m bookbuild serve` shows it while it
is written. Both end in the pages that `jupyter-book build .` makes.
"""


def setup(app) -> dict:
    """Let Sphinx use the extension; the command itself may have no need of Sphinx."""
    from bookbuild import extension

    return extension.setup(app)
