"""What the lab shows: Markdown, which the site and JupyterLab draw as tables, and which is text."""

import re
from collections.abc import Iterable, Mapping, Sequence

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")


class Shown:
    """A text in Markdown, with the facts that it tells as plain data.

    Args:
        markdown: What is shown.
        facts: The same as numbers, texts, lists and dictionaries, for the journal to keep.

    >>> Shown("**Done.**")
    **Done.**
    """

    def __init__(self, markdown: str, facts: Mapping | None = None):
        self.markdown = markdown
        self.facts = dict(facts or {})

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown


def plain(text: object) -> str:
    r"""Return a text in which no character means anything to Markdown, on one line.

    >>> print(plain("a|b *c*"))
    a\|b \*c\*
    """
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table whose cells hold plain text; the first line names the columns.

    >>> print(table(["head", "rate"], [["2.2", 0.5]]))
    | head | rate |
    | --- | --- |
    | 2.2 | 0.5 |
    """
    lines = [list(map(plain, head)), ["---"] * len(head), *(list(map(plain, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(lines: Iterable[str]) -> str:
    """Return a list of plain sentences.

    >>> print(bullets(["one", "two"]))
    - one
    - two
    """
    return "\n".join(f"- {plain(line)}" for line in lines)
