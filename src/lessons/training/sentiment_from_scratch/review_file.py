"""Reviews in a file, as they come: a table with a text and a label, which may be wrong."""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lessons.training.sentiment_from_scratch.review_grammar import Review

COLUMNS = ["text", "positive"]


class Labeled(NamedTuple):
    """A raw text, and whether somebody called it positive."""

    text: str
    positive: int


def labeled(reviews: Sequence[Review], *, wrong: float = 0.0, seed: int = 0) -> list[Labeled]:
    """Return texts with their labels, of which a share is turned to the wrong one.

    Args:
        reviews: What was said.
        wrong: How likely a label is to be wrong.
        seed: Decides which.

    Raises:
        ValueError: The share is not between 0 and 1.

    >>> from lessons.training.sentiment_from_scratch.review_grammar import draw_reviews
    >>> [one.positive for one in labeled(draw_reviews(4), wrong=1.0)]
    [1, 0, 0, 1]
    """
    if not 0 <= wrong <= 1:
        raise ValueError(f"wrong is {wrong}: pass a share from 0 to 1")
    chance = random.Random(seed)
    return [Labeled(one.text, int(one.positive != (chance.random() < wrong))) for one in reviews]


def write_reviews(file: Path, reviews: Sequence[Labeled]) -> None:
    """Write a table of reviews as CSV.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "reviews.csv"
    >>> write_reviews(file, [Labeled("Not bad, I think.", 1)])
    >>> file.read_text().splitlines()
    ['text,positive', '"Not bad, I think.",1']
    """
    with open(file, "w", encoding="utf8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        writer.writerows(reviews)


def read_reviews(file: Path) -> list[Labeled]:
    """Read a table of reviews.

    Raises:
        ValueError: It has other columns, no row, an empty text, a label that is not 0 or 1, a
            field too many or one without an end, or another encoding than UTF-8.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "reviews.csv"
    >>> write_reviews(file, [Labeled("Not bad, I think.", 1)])
    >>> read_reviews(file)
    [Labeled(text='Not bad, I think.', positive=1)]
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")  # some programs begin a file with a mark
    except UnicodeDecodeError:
        raise ValueError(f"{file.name} is not in UTF-8: save it with that encoding") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if reader.fieldnames != COLUMNS:
        found = ", ".join(reader.fieldnames or ["nothing"])
        raise ValueError(f"{file.name} has the columns {found}: they must be text, positive")
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        told = f"{file.name}, line {reader.line_num}: {error}: close its quotation mark"
        raise ValueError(told) from None
    for line, row in rows:
        whole = list(row) == COLUMNS and (row["text"] or "").strip()  # a field too many is a key
        if not whole or row["positive"] not in ("0", "1"):
            raise ValueError(
                f"{file.name}, line {line}: write a text that is not empty, and 0 or 1 behind it"
            )
    if not rows:
        raise ValueError(f"{file.name} has no reviews: write at least one")
    return [Labeled(row["text"], int(row["positive"])) for _, row in rows]
