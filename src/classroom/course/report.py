"""What an instructor learns from a topic's results: which exercises, and which misconceptions."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING

from classroom.course.export import neutral
from classroom.course.feedback import POLICY
from classroom.course.folder import Course, CourseError, write_atomically
from classroom.course.results import Results, points

if TYPE_CHECKING:
    from lessons.plots import ThemedFigure

MOST_BARS = 10
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width"><title>{topic}: report</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 60rem; margin: 1rem auto; padding: 0 1rem }}
.lesson-figure {{ display: inline-block; margin: 0 2rem 1rem 0 }}
.lesson-figure svg {{ max-width: 100%; height: auto }}
div:has(> table) {{ overflow-x: auto }}
table {{ border-collapse: collapse }}
th, td {{ text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0 }}
tr {{ border-bottom: 1px solid #8885 }}
td:last-child {{ text-align: right }}
</style></head><body><h1>{topic}</h1>{figures}
<div><table><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table></div></body></html>
"""


@dataclass
class Standing:
    """How an exercise went.

    Args:
        most: Its points.
        scores: The points of each submission.
        failed: How many failed each sentence of a check.
        misconceptions: How many gave each typical wrong answer.
    """

    most: float
    scores: list[float] = field(default_factory=list)
    failed: Counter = field(default_factory=Counter)
    misconceptions: Counter = field(default_factory=Counter)

    @property
    def shares(self) -> tuple[float, float, float]:
        """The percentages that have full, some and no points."""
        count = len(self.scores)
        full = sum(score >= self.most for score in self.scores)
        none = sum(score <= 0 for score in self.scores)
        some = count - full - none
        return 100 * full / count, 100 * some / count, 100 * none / count


def standings(results: Results) -> dict[str, Standing]:
    """Return how each exercise went in the results that stand for the submissions now.

    Args:
        results: The topic's results.

    Raises:
        CourseError: Nothing was graded yet.
    """
    found: dict[str, Standing] = {}
    for _, report in results.all():
        for name, one in (report or {"exercises": {}})["exercises"].items():
            standing = found.setdefault(name, Standing(one["max"]))
            standing.scores.append(one["points"])
            standing.failed.update({failed["sentence"] for failed in one["failed"]})
            told = {failed.get("misconception") for failed in one["failed"]}
            standing.misconceptions.update(told - {None, ""})
    if not found:
        topic = results.topic
        raise CourseError(f"nothing of {topic} was graded: run `classroom grade {topic}` first")
    return found


def rows(found: dict[str, Standing]) -> list[dict[str, str]]:
    """Return a table: an exercise, or what went wrong in it, and how often.

    A misconception has a mark, such as "2a", by which the drawing names it.
    """
    table = []
    for name, one in found.items():
        mean = sum(one.scores) / len(one.scores)
        said = f"mean {points(mean)} of {points(one.most)} points"
        table.append(_row(name, "", "exercise", said, len(one.scores)))
        for number, (text, count) in enumerate(_ordered(one.misconceptions)):
            mark = f"{_short(name)}{ascii_lowercase[number % 26]}"
            table.append(_row(name, mark, "misconception", text, count))
        for text, count in _ordered(one.failed):
            table.append(_row(name, "", "failed check", text, count))
    return table


def drawings(topic: str, found: dict[str, Standing]) -> dict[str, "ThemedFigure"]:
    """Return the report's drawings by name, each with its alternative text.

    Args:
        topic: The topic.
        found: How its exercises went.
    """
    from lessons.plots import bars

    kinds = ("full points", "some", "none")
    shares = [one.shares for one in found.values()]
    series = {kind: [share[at] for share in shares] for at, kind in enumerate(kinds)}
    names = [_short(name) for name in found]
    x_label = f"exercise of {topic}"
    drawn = {"exercises": bars(names, series, x_label=x_label, y_label="submissions (%)")}
    told = [row for row in rows(found) if row["what"] == "misconception"]
    told = sorted(told, key=lambda row: -int(row["submissions"]))[:MOST_BARS]
    if told:
        counts = {"submissions": [int(row["submissions"]) for row in told]}
        marks = [row["mark"] for row in told]
        x_label = "misconception"
        drawn["misconceptions"] = bars(marks, counts, x_label=x_label, y_label="submissions")
    return drawn


def write_report(course: Course, topic: str, found: dict[str, Standing]) -> Path:
    """Write a page with the drawings and the table, and the table as CSV; return the page."""
    table = rows(found)
    folder = course.root / "reports"
    text = _csv([{name: neutral(value) for name, value in row.items()} for row in table])
    write_atomically(folder / f"{topic}.csv", text.encode())
    drawn = drawings(topic, found)
    for name, figure in drawn.items():
        write_atomically(folder / f"{topic}-{name}.svg", figure.svg.encode())
    figures = "".join(figure._repr_html_() for figure in drawn.values())
    cells = "".join(
        "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row.values()) + "</tr>"
        for row in table
    )
    head = "".join(f"<th scope=col>{name}</th>" for name in table[0])
    page = PAGE.format(policy=POLICY, topic=escape(topic), figures=figures, head=head, cells=cells)
    write_atomically(folder / f"{topic}.html", page.encode())
    return folder / f"{topic}.html"


def _ordered(counts: Counter) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _row(exercise: str, mark: str, what: str, text: str, count: int) -> dict[str, str]:
    values = {"exercise": exercise, "mark": mark, "what": what, "text": text}
    return values | {"submissions": str(count)}


def _csv(table: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    return file.getvalue()
