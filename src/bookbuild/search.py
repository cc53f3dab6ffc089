"""Search: chapters are found before what refers to them, and by the words that readers type.

A chapter's front matter says under which words it must be found first (`keywords`).
"""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).parent


def rank_by_kind(app: Sphinx, config: Config) -> None:
    config.html_search_scorer = str(HERE / "scorer.js")


def index_keywords(app: Sphinx, doctree: nodes.document) -> None:
    """Let the search know a page's keywords as entries of an index whose main place is here.

    They are entered without hyphens and in the plural, too. The book's own index is made before
    this, and stays one of terms and functions.
    """
    for meta in list(doctree.findall(nodes.meta)):
        if meta.get("name") == "keywords":
            words = [word.strip() for word in meta["content"].split(",")]
            words += [word.replace("-", " ") for word in words if "-" in word]
            words += [f"{word}s" for word in words]
            entries = [("single", word, "", "main", None) for word in words]
            doctree.append(addnodes.index(entries=entries))


def setup(app: Sphinx) -> None:
    app.connect("config-inited", rank_by_kind)
    app.connect("doctree-read", index_keywords)
