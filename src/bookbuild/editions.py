"""Two editions of the book: with solutions, and for students, without a trace of them.

`EDITION=student` leaves the pages of `solutions/` out of the book and its contents. The default
edition shows them, without what judges students: hidden checks and typical wrong answers are in
neither.
"""

import json
import os
import re
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

FOLDER = "solutions/"
FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
TITLE = re.compile(
    r"^# Exercises: ([^\n]+)\n.*?(?=^```\{code-cell\}|^\+\+\+|^## )", re.M | re.DOTALL
)
# One cell, from its metadata to the next cell.
CELL = re.compile(r"^\+\+\+ (\{[^\n]*\})\n(.*?)(?=^\+\+\+|^```\{code-cell\}|\Z)", re.M | re.DOTALL)
HIDDEN = re.compile(r"\n*^ *### BEGIN HIDDEN TESTS\n.*?^ *### END HIDDEN TESTS\n", re.M | re.DOTALL)
JUDGES = ("HIDDEN TESTS", "@graded", "@typical", "classroom.exercises.source")
# What a page may define once in a book, the page of exercises does: labels of sections,
# equations and figures.
NAMES = (
    (re.compile(r"^\([\w-]+\)=\n", re.M), ""),
    (re.compile(r"^\$\$ \([\w-]+\)$", re.M), "$$"),
    (re.compile(r"^(    name: fig-|:name: ).*\n", re.M), ""),
    (re.compile(r"^ *### (BEGIN|END) SOLUTION\n", re.M), ""),
)
INTRODUCTION = """\
# Solutions: {topic}

One way to write each function, and what to learn from it. Yours may differ and be as good: `check`
decides. Try [the exercises](../exercises/{file}.md) before you read on.

"""


def edition() -> str:
    """Return which edition is built: "student", or "full"."""
    chosen = os.environ.get("EDITION") or "full"
    if chosen not in ("student", "full"):
        raise ExtensionError(f'EDITION is "{chosen}": set it to "student", or leave it out')
    return chosen


def is_left_out(docname: str) -> bool:
    """Return whether a page is not in the edition that is built."""
    return docname.startswith(FOLDER) and edition() == "student"


def page_text(docname: str, text: str) -> str:
    """Return a page's source as the site shows it: a solution without what judges students.

    >>> page_text("book/index", "# A chapter")
    '# A chapter'
    """
    return solution_page(docname, text) if docname.startswith(FOLDER) else text


def solution_page(docname: str, text: str) -> str:
    """Return an instructor's source as a page: solutions, discussions, rubrics and answers.

    Raises:
        ExtensionError: Something is left that judges students.
    """
    text = CELL.sub(_boxed, HIDDEN.sub("\n", text))
    for found, instead in NAMES:
        text = found.sub(instead, text)
    if left := [word for word in JUDGES if word in text]:
        raise ExtensionError(f"{docname}: {left[0]} must stand between the marks of HIDDEN TESTS")
    title = TITLE.search(text)
    if not title:
        raise ExtensionError(f'{docname}: its title must begin with "# Exercises: "')
    introduction = INTRODUCTION.format(topic=title[1], file=Path(docname).name)
    text = text.replace(title[0], introduction)
    matter = yaml.safe_load(FRONT_MATTER.match(text)[1])
    matter["myst"]["html_meta"]["description"] = (
        f"Solutions of the exercises on {title[1]}: one way to write each function, what to learn "
        "from it, and answers to the written tasks with their rubrics."
    )
    return FRONT_MATTER.sub(lambda _: f"---\n{yaml.safe_dump(matter)}---\n", text)


def leave_solutions_out(app: Sphinx, config: Config) -> None:
    """Take the pages of solutions out of the contents and out of what Sphinx finds."""
    if edition() == "full":
        return
    contents = config.external_site_map
    for docname in [name for name in contents if is_left_out(name)]:
        del contents[docname]
    for document in contents.values():
        for tree in document.subtrees:
            tree.items = [item for item in tree.items if not is_left_out(str(item))]
    config.exclude_patterns = [*config.exclude_patterns, f"{FOLDER}**"]


def show_page_text(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let Sphinx read a page as the site shows it."""
    source[0] = page_text(docname, source[0])


def keep_sources_back(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Publish no source of a solution: the file holds the hidden checks too."""
    if pagename.startswith(FOLDER):
        context.update(sourcename="", page_source_suffix="")


def launch_no_solutions(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Offer no notebook of a solution: it would open that file."""
    if pagename.startswith(FOLDER):
        buttons = context["header_buttons"]
        context["header_buttons"] = [one for one in buttons if one["label"] != "launch-buttons"]


def _boxed(cell: re.Match) -> str:
    """Return a cell with a rubric or a model answer as a box with a title."""
    metadata = json.loads(cell[1])
    if "rubric" in metadata.get("tags", []):
        title, kind = "What earns points", "note"
    elif metadata.get("nbgrader", {}).get("solution"):
        title, kind = "An answer", "tip"
    else:
        return cell[0]
    box = f":::::{{admonition}} {title}\n:class: {kind}\n{cell[2].strip()}\n:::::\n\n"
    return f"+++ {cell[1]}\n\n{box}"


def setup(app: Sphinx) -> None:
    # After the contents were read (priority 900).
    app.connect("config-inited", leave_solutions_out, priority=950)
    app.connect("source-read", show_page_text, priority=400)
    # Before the theme offers downloads, and after it has offered notebooks (priority 501).
    app.connect("html-page-context", keep_sources_back, priority=400)
    app.connect("html-page-context", launch_no_solutions, priority=600)
