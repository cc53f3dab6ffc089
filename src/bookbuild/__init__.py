"""Builds the book: executes its chapters, and makes the site light, offline and accessible.

A Sphinx extension in parts, each of which reads alone:

- `bookbuild.execution` executes chapters in parallel, and only those that changed;
- `bookbuild.claims` makes the register of claims, `bookbuild.breaks` proves their asserts;
- `bookbuild.editions` leaves solutions out for students, and hidden checks for all;
- `bookbuild.pages` repairs what the stock theme gets wrong on a page;
- `bookbuild.assets` brings fonts, icons and styles, so that no page asks another host.
"""

import hashlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx

from bookbuild import assets, claims, editions, execution, pages

HERE = Path(__file__).parent


def write_all_pages_anew(app: Sphinx) -> None:
    """Forget the pages that another version of this extension wrote; outputs stay cached."""
    digest = hashlib.sha256()
    for file in sorted(file for file in HERE.rglob("*") if file.suffix != ".pyc"):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    site = Path(app.outdir)
    writer = site / ".bookbuild"
    if not writer.exists() or writer.read_text() != digest.hexdigest():
        shutil.rmtree(site)
        site.mkdir(parents=True)
        writer.write_text(digest.hexdigest())


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", write_all_pages_anew)
    editions.setup(app)
    execution.setup(app)
    claims.setup(app)
    pages.setup(app)
    assets.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
