"""Tells at the end of each page how to cite it, and of which edition it is.

Names and dates come from `CITATION.cff`, which those read who cite the whole from the repository.
"""

import re
from functools import partial
from html import escape, unescape
from pathlib import Path, PurePosixPath

import yaml
from sphinx.application import Sphinx

NOT_CITED = ("book/reference/api/", "exercises/", "solutions/")
SPECIAL = re.compile(r"([&%$#_{}])")


def citation(root: Path) -> dict | None:
    """Return what the repository says of itself, or None where it says nothing."""
    file = root / "CITATION.cff"
    return yaml.safe_load(file.read_text("utf8")) if file.exists() else None


def bibtex(book: dict, page: str, title: str, address: str) -> str:
    r"""Return an entry for a page of the book, or for the book if the page has no folder.

    >>> book = {"title": "Book", "authors": [{"name": "One"}], "version": "1.0"}
    >>> book |= {"date-released": "2026-11-20"}
    >>> print(bibtex(book, "book/a/heads", "Heads & rows", "https://book.example/heads.html"))
    @incollection{book-heads,
      title = {Heads \& rows},
      booktitle = {Book},
      author = {{One}},
      year = {2026},
      note = {Version 1.0},
      url = {https://book.example/heads.html}
    }
    """
    path = PurePosixPath(page)
    whole = len(path.parts) == 1
    key = "-".join(book["title"].lower().split()) + ("" if whole else f"-{path.name}")
    fields = {} if whole else {"title": _escaped(title)}
    fields["title" if whole else "booktitle"] = _escaped(book["title"])
    fields["author"] = " and ".join(f"{{{_escaped(one['name'])}}}" for one in book["authors"])
    fields["year"] = str(book["date-released"])[:4]
    fields["note"] = f"Version {book['version']}"
    fields["url"] = address
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{'book' if whole else 'incollection'}{{{key},\n{lines}\n}}"


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def add(book: dict, app: Sphinx, pagename: str, _template, context: dict, doctree) -> None:
    """Append to a page what is needed to cite it, folded; generated pages have no doctree."""
    if doctree is None or pagename.startswith(NOT_CITED):
        return
    title = unescape(re.sub(r"<[^>]+>", "", context["title"]))
    address = f"{app.config.html_baseurl}{app.builder.get_target_uri(pagename)}"
    entry = escape(bibtex(book, pagename, title, address))
    context["body"] += (
        '<details class="cite"><summary>Cite this page</summary>'
        f"<p>Version {book['version']} of {book['date-released']}.</p>"
        f'<div class="highlight"><pre tabindex="0">{entry}</pre></div></details>'
    )


def setup(app: Sphinx) -> None:
    if book := citation(Path(app.srcdir)):  # read once, not for each page
        app.connect("html-page-context", partial(add, book))
