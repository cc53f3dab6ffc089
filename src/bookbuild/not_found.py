"""A page for addresses that lead nowhere.

Hosts send `404.html` for whatever address was asked, in whatever folder. So its links and files are
named from the host's root, where the book is published.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from bookbuild.builder import BookBuilder

NAME = "404"
RELATIVE = re.compile(r'\b((?:href|src|action|data-content_root)=")(?![a-z]+:|/|#)')


def name_from_the_root(app: Sphinx, error: Exception | None) -> None:
    if error is None and isinstance(app.builder, BookBuilder):
        page = Path(app.builder.get_outfilename(NAME))
        root = urlsplit(app.config.html_baseurl).path
        text = page.read_text("utf8")
        named = RELATIVE.sub(rf"\g<1>{root}", text)
        if named != text:  # or it stands from an earlier build
            page.write_text(named, "utf8")


def setup(app: Sphinx) -> None:
    app.config.html_additional_pages[NAME] = f"{NAME}.html"
    app.connect("build-finished", name_from_the_root)
