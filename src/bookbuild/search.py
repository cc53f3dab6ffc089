"""Search: chapters are found before what refers to them, and by the words that readers type.

A chapter's front matter says under which words it must be found first (`keywords`).
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).parent


def rank_by_kind(app: Sphinx, config: Config) -> None:
    config.html_search_scorer = str(HERE / "scorer.js")


def index_keywords(app: Sphinx, doctree: nodes.document) -> None:
    """Enter a page's keywords in the index as the main place of each."""
    entries = app.env.get_domain("index").entries  # type: ignore[attr-defined]
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "keywords":
            words = (word.strip() for word in meta["content"].split(","))
            entries.setdefault(app.env.docname, []).extend(
                ("single", word, "", "main", None) for word in words
            )


def setup(app: Sphinx) -> None:
    app.connect("config-inited", rank_by_kind)
    app.connect("doctree-read", index_keywords)
