"""Chapters that ask questions ask two to four, each about a section, and no answer is given away.

What a single question must have, the build proves (bookbuild.questions).
"""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUESTION = re.compile(r"^:::\{question\} (\S+)\n(.*?)^:::$", re.M | re.S)
HEADING = re.compile(r"^(?:\(([\w-]+)\)=\n)?##+ .*$", re.M)
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf8")
    for path in sorted(ROOT.glob("book/**/*.md"))
}
ASKED = {name: QUESTION.findall(text) for name, text in PAGES.items() if QUESTION.search(text)}


# The lab asks for predictions instead; reference pages teach nothing new.
CHAPTERS = [name for name in PAGES if not re.match(r"book/(lab|reference)/", name)]


def problems(text: str) -> list[str]:
    """Return what is wrong with the questions of a chapter."""
    found = list(QUESTION.finditer(text))
    wrong = []
    if not 2 <= len(found) <= 4:
        wrong.append(f"{len(found)} questions, not 2 to 4")
    for one in found:
        about = re.findall(r"^:about: (\S+)$", one[2], re.M)
        above = [heading[1] for heading in HEADING.finditer(text, 0, one.start())]
        if about != above[-1:]:
            wrong.append(f"{one[1]} does not stand at the end of the section that it is about")
            continue
        rest = text[one.end() :]
        if not re.match(r"\s*(:::\{question\}|\([\w-]+\)=\n##|##)", rest):
            wrong.append(f"{one[1]} does not end its section")
    return wrong


@pytest.mark.parametrize("name", sorted({*ASKED, *CHAPTERS}))
def test_questions_of_a_chapter(name):
    assert problems(PAGES[name]) == []


def test_names_are_given_once():
    names = Counter(label for asked in ASKED.values() for label, _ in asked)
    assert [name for name, count in names.items() if count > 1] == []


def test_the_right_answer_has_no_place_of_its_own():
    """Whoever always takes the same place must not get far."""
    places = Counter(
        [mark == "x" for mark in re.findall(r"^- \[([x ])\]", body, re.M)].index(True)
        for asked in ASKED.values()
        for _, body in asked
        if ":kind:" not in body
    )
    total = places.total()
    assert total > 5
    assert max(places.values()) <= 0.6 * total, places


def test_the_right_answer_is_not_the_longest_by_rule():
    longest = [
        max(answers, key=lambda one: len(one[1]))[0] == "x"
        for asked in ASKED.values()
        for _, body in asked
        if ":kind:" not in body
        for answers in [re.findall(r"^- \[([x ])\] (.*)$", body, re.M)]
    ]
    assert sum(longest) <= 0.6 * len(longest)


GOOD = """\
(one)=
## One

Text.

:::{question} a
:about: one
What?
:::

:::{question} b
:about: one
What?
:::

## Two
"""


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("Text.", "Text.", ""),
        (":about: one\nWhat?\n:::\n\n## Two", ":about: two\nWhat?\n:::\n\n## Two", "b does not"),
        (":::\n\n## Two", ":::\n\nMore.\n\n## Two", "b does not end its section"),
        (":::{question} b", ":::{note} b", "1 questions"),
        ("Text.", ":::{question} c\n:about: one\n:::\n\n" * 3, "5 questions"),
        ("(one)=\n", "", "a does not stand"),
    ],
)
def test_what_is_wrong_is_noticed(good, bad, told):
    assert GOOD.count(good) == 1
    found = problems(GOOD.replace(good, bad))
    assert any(told in one for one in found) if told else found == []
