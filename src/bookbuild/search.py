"""Search: chapters are found before what refers to them, and by the words that readers type.

A chapter's front matter says under which words it must be found first (`keywords`). Where one of
its sections is about such a word, the result leads there.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).parent
NOT_ABOUT = ("Break it", "Summary", "Exercises", "Sources")


def rank_by_kind(app: Sphinx, config: Config) -> None:
    config.html_search_scorer = str(HERE / "scorer.js")


def place(page: nodes.document, word: str) -> str:
    """Return the id of the section that is about a word, or nothing if it is the whole page.

    It is the one whose title has the word, or that gives it as another name, in parentheses, or
    else has it at least three times and twice as often as any other.
    """
    plain = "[- ]".join(map(re.escape, re.split("[- ]+", word)))
    whole = re.compile(rf"(?<!\w){plain}s?(?!\w)", re.IGNORECASE)
    page_itself, *sections = page.findall(nodes.section)
    if whole.search(page_itself[0].astext()):
        return ""
    about = [one for one in sections if not one[0].astext().startswith(NOT_ABOUT)]
    for section in about:
        if whole.search(section[0].astext()):
            return section["ids"][0]
    texts = [_own_text(section) for section in about]
    for section, text in zip(about, texts, strict=True):
        if re.search(rf"\({plain}\)", text):
            return section["ids"][0]
    counts = [len(whole.findall(text)) for text in texts]
    most, second = sorted([0, 0, *counts])[:-3:-1]
    return about[counts.index(most)]["ids"][0] if most >= max(3, 2 * second) else ""


def _own_text(section: nodes.section) -> str:
    """Return the paragraphs of a section, without those of its parts."""
    return " ".join(
        one.astext() for one in section.findall(nodes.paragraph) if _section_of(one) is section
    )


def _section_of(node: nodes.Node) -> nodes.Node | None:
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    return node


def index_keywords(app: Sphinx, doctree: nodes.document) -> None:
    """Let the search know a page's keywords as entries of an index whose main place is here.

    They are entered without hyphens and in the plural, too. The book's own index is made before
    this, and stays one of terms and functions.
    """
    for meta in list(doctree.findall(nodes.meta)):
        if meta.get("name") == "keywords":
            places = {word.strip(): "" for word in meta["content"].split(",")}
            places = {word: place(doctree, word) for word in places}
            places |= {word.replace("-", " "): to for word, to in places.items()}
            places |= {f"{word}s": to for word, to in places.items()}
            entries = [("single", word, to, "main", None) for word, to in places.items()]
            doctree.append(addnodes.index(entries=entries))


def setup(app: Sphinx) -> None:
    app.connect("config-inited", rank_by_kind)
    app.connect("doctree-read", index_keywords)
