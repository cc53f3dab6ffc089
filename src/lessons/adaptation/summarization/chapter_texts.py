r"""Texts to summarize: chapters of this book as they stood in November 2026, with their summaries.

Of each section the file holds its first two sentences that are plain prose, and as the reference
the sentences of the chapter's own summary. The text is the book's, under CC BY 4.0. It is frozen:
what is edited in a chapter today changes no measurement.
"""

import functools
import json
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("chapters.json")


class LongText(NamedTuple):
    """A text as sentences, and the summary that its author wrote, as sentences too."""

    title: str
    sentences: tuple[str, ...]
    summary: tuple[str, ...]

    @property
    def reference(self) -> str:
        """The author's summary as one text.

        >>> LongText("", (), ("Two.", "Three.")).reference
        'Two. Three.'
        """
        return " ".join(self.summary)


@functools.cache
def chapter_texts() -> tuple[LongText, ...]:
    """Return the frozen chapters.

    >>> len(chapter_texts()), chapter_texts()[0].sentences[1][:32]
    (25, 'It gives each possible answer a ')
    """
    read = json.loads(FILE.read_text("utf8"))["texts"]
    return tuple(
        LongText(one["title"], tuple(one["sentences"]), tuple(one["summary"])) for one in read
    )
