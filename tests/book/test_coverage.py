"""The coverage page has each id once, and what it claims exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book" / "reference" / "coverage.md"
IDS = Path(__file__).with_name("coverage_ids.txt").read_text("utf8").split()
# A link to a section: of a page, or by a label that is unique in the book.
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
LABEL = re.compile(r"^\(([\w-]+)\)=\n+#+ ", re.M)


def rows(page: str) -> list[list[str]]:
    """Return the cells of each row of the page's tables, without heads and rules."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in split if row[0] != "id" and not set(row[0]) <= set("-: ")]


def slug(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", heading.lower())
    return re.sub(r"\s+", "-", words.strip())


def anchors(source: str) -> set[str]:
    """Return the names of a page's sections: their labels, and their headings as addresses."""
    return set(LABEL.findall(source)) | {
        slug(title) for title in re.findall(r"^#+ (.+)$", source, re.M)
    }


def id_problems(page: str, ids: list[str]) -> list[str]:
    """Return the ids that are missing, there twice, or unknown."""
    found = [row[0] for row in rows(page)]
    return [f"{one} is missing" for one in ids if one not in found] + [
        f"{one} is {'there twice' if one in ids else 'unknown'}"
        for one in dict.fromkeys(found)
        if found.count(one) > 1 or one not in ids
    ]


def claim_problems(page: str, folder: Path) -> list[str]:
    """Return the rows that claim a section which does not exist, or claim nothing at all."""
    problems = []
    pages = [*folder.parent.rglob("*.md"), *folder.parents[1].glob("exercises/*.md")]
    labels = [one for file in pages for one in LABEL.findall(file.read_text())]
    for row in rows(page):
        claim = row[-1]
        links = LINK.findall(claim)
        if len(row) != 3:
            problems.append(f"{row[0]} has {len(row)} cells")
        elif not links and claim != "to come":
            problems.append(f"{row[0]} has neither a link nor 'to come'")
        elif links and "to come" in claim:
            problems.append(f"{row[0]} has both links and 'to come'")
        for target, anchor in links:
            file = folder / target
            if not target:
                if labels.count(anchor) != 1:
                    problems.append(
                        f"{row[0]}: {labels.count(anchor)} sections are called {anchor}"
                    )
            elif not file.is_file():
                problems.append(f"{row[0]} leads to {target}, which does not exist")
            elif not anchor:
                problems.append(f"{row[0]} leads to {target} but to no section of it")
            elif anchor not in anchors(file.read_text("utf8")):
                problems.append(f"{row[0]} leads to {target}#{anchor}, which does not exist")
    return problems


def test_each_id_stands_there_once():
    assert id_problems(PAGE.read_text("utf8"), IDS) == []


def test_each_column_has_a_name():
    heads = [line for line in PAGE.read_text("utf8").splitlines() if line.startswith("| id |")]
    assert len(heads) == 6
    assert all(cell.strip() for head in heads for cell in head.strip("|").split("|"))


def test_each_claimed_section_exists():
    page = PAGE.read_text("utf8")
    assert claim_problems(page, PAGE.parent) == []
    assert sum("to come" not in row[-1] for row in rows(page)) >= 10


def test_the_list_of_ids_is_whole():
    counts = {"A": 17, "B": 24, "C": 5, "D": 13, "E": 6, "M": 40}
    assert [f"{letter}{n}" for letter, last in counts.items() for n in range(1, last + 1)] == IDS


TABLE = """\
| id | topic | taught in |
| --- | --- | --- |
| A1 | one | [text](chapter.md#here), [more](chapter.md#a-heading) |
| A2 | two | to come |
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "reference"
    folder.mkdir()
    (folder / "chapter.md").write_text("(here)=\n## Here\n\n## A *heading*\n\n(loose)=\ntext\n")
    (tmp_path / "other.md").write_text("(other)=\n\n# Other\n\n(twice)=\n## A\n(twice)=\n## B\n")
    return folder


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("| A2", "| A3", ["A2 is missing", "A3 is unknown"]),
        ("| A2 | two | to come |\n", "", ["A2 is missing"]),
        ("| A2", "| A1 | x | to come |\n| A2", ["A1 is there twice"]),
        ("", "", []),
    ],
)
def test_wrong_ids_are_noticed(good, bad, problem):
    assert id_problems(TABLE.replace(good, bad, 1), ["A1", "A2"]) == problem


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("", "", []),
        ("chapter.md#here", "absent.md#here", ["A1 leads to absent.md, which does not exist"]),
        ("chapter.md#here", "#other", []),
        ("chapter.md#here", "#there", ["A1: 0 sections are called there"]),
        ("chapter.md#here", "#twice", ["A1: 2 sections are called twice"]),
        ("#here", "#there", ["A1 leads to chapter.md#there, which does not exist"]),
        ("#here", "#loose", ["A1 leads to chapter.md#loose, which does not exist"]),
        ("#a-heading", "", ["A1 leads to chapter.md but to no section of it"]),
        ("to come", "", ["A2 has neither a link nor 'to come'"]),
        ("to come", "soon", ["A2 has neither a link nor 'to come'"]),
        ("to come", "to come [x](chapter.md#here)", ["A2 has both links and 'to come'"]),
        ("| two", "", ["A2 has 2 cells"]),
    ],
)
def test_wrong_claims_are_noticed(folder, good, bad, problem):
    assert claim_problems(TABLE.replace(good, bad, 1), folder) == problem
