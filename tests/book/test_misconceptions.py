"""The page of misconceptions has each one once: claim, fact, refutation, where it is taught."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "book" / "reference" / "misconceptions.md"
COUNT = 40
CELL = re.compile(r"^```\{code-cell\} python\n(.*?)^```$", re.M | re.S)
ITEM = re.compile(r"^\(m(\d+)\)=\n### ([^\n]+)\n(.*?)(?=^\(m\d+\)=|^## |\Z)", re.M | re.S)


def items(page: str) -> dict[int, tuple[str, str]]:
    """Return the claim and the text of each misconception by its number."""
    return {int(number): (claim, text) for number, claim, text in ITEM.findall(page)}


def page_problems(page: str) -> list[str]:
    """Say what is missing on the page."""
    numbers = [int(number) for number, *_ in ITEM.findall(page)]
    problems = [
        f"m{n} is there {numbers.count(n)} times" for n in range(1, COUNT + 1)
        if numbers.count(n) != 1
    ]  # fmt: skip
    for number, (_, text) in items(page).items():
        code = "\n".join(CELL.findall(text))
        if not re.match(r"\n\*\*In fact\*\* ", text):
            problems.append(f"m{number} does not begin with the fact")
        if not re.search(r"Taught\s+in\s+\[", text):
            problems.append(f"m{number} does not say where it is taught")
        if "assert " not in code and "*Nothing runs here:*" not in text:
            problems.append(f"m{number} is neither refuted by a run nor says why not")
    return problems


def test_each_misconception_is_corrected():
    assert page_problems(PAGE.read_text("utf8")) == []


def test_the_front_page_counts_them():
    counts = {40: "forty", 41: "forty-one"}
    said = f"are {counts[COUNT]} things"
    assert said in " ".join((PAGE.parents[2] / "index.md").read_text("utf8").split())


def test_few_cannot_run():
    texts = [text for _, text in items(PAGE.read_text("utf8")).values()]
    assert sum("*Nothing runs here:*" in text for text in texts) <= 2


GOOD = """\
## All

""" + "\n".join(
    f"""\
(m{n})=
### “A claim.”

**In fact** it is not so. Taught in [](#there).

```{{code-cell}} python
assert {n}
```
"""
    for n in range(1, COUNT + 1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("good", "bad", "problems"),
    [
        ("", "", []),
        ("(m7)=", "(m8)=", ["m7 is there 0 times", "m8 is there 2 times"]),
        ("**In fact** it", "It", ["m1 does not begin with the fact"]),
        ("Taught in [](#there).", "", ["m1 does not say where it is taught"]),
        ("assert 3\n", "3\n", ["m3 is neither refuted by a run nor says why not"]),
        ("assert 3\n```", "3\n```\n*Nothing runs here:* a name.", []),
    ],
)
def test_a_spoilt_page_is_noticed(good, bad, problems):
    assert good in GOOD
    assert page_problems(GOOD.replace(good, bad, 1)) == problems
