"""Each assert of a chapter names what breaks it, and claims are marked as the register needs it."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from myst_nb.core.read import read_myst_markdown_notebook

from bookbuild.claims import CLAIM, FIELDS, claims_of

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("book/*/*.md")), ROOT / "index.md"]
SHEETS = sorted(ROOT.glob("solutions/*.md"))
NOTEBOOKS = [page for page in PAGES if "{code-cell}" in page.read_text("utf8")]


def notebook_of(page: Path):
    return read_myst_markdown_notebook(page.read_text("utf8"), path=page)


def cells_without_breaks(notebook) -> list[str]:
    """Return the first lines of cells that assert something and say of no break of it."""
    return [
        cell.source.splitlines()[0]
        for cell in notebook.cells
        if cell.cell_type == "code"
        if re.search(r"^\s*assert ", cell.source, re.M) and not cell.metadata.get("breaks")
    ]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("chapter", NOTEBOOKS, ids=named)
def test_each_assert_has_a_break_which_the_build_tries(chapter):
    notebook = notebook_of(chapter)
    assert cells_without_breaks(notebook) == []
    for cell in notebook.cells:
        for change in cell.metadata.get("breaks", []):
            ast.parse(change)


@pytest.mark.parametrize("sheet", SHEETS, ids=named)
def test_each_assert_of_an_answer_has_a_break(sheet):
    """Those inside of checks are tried by tests/classroom/exercises/test_each_judgment.py."""
    notebook = notebook_of(sheet)
    for cell in notebook.cells:
        if cell.cell_type == "code" and any(map(asserts, ast.parse(cell.source).body)):
            assert cell.metadata.get("breaks"), cell.source.splitlines()[0]


def asserts(node: ast.stmt) -> bool:
    return not isinstance(node, ast.FunctionDef | ast.ClassDef) and any(
        isinstance(one, ast.Assert) for one in ast.walk(node)
    )


def test_a_cell_without_breaks_is_noticed():
    text = "```{code-cell} python\nassert one\n```\n"
    matter = "---\nfile_format: mystnb\nkernelspec: {name: python3}\n---\n"
    notebook = read_myst_markdown_notebook(matter + text)
    assert cells_without_breaks(notebook) == ["assert one"]
    notebook.cells[-1].metadata["breaks"] = ["one = False"]
    assert cells_without_breaks(notebook) == []


@pytest.mark.parametrize("chapter", NOTEBOOKS, ids=named)
def test_each_claim_has_its_control(chapter):
    for claim in claims_of(notebook_of(chapter)):
        assert all(claim.control[field] for field in FIELDS)


def test_no_two_claims_have_one_name():
    names = Counter(name for page in PAGES for _, name in CLAIM.findall(page.read_text("utf8")))
    assert [name for name, count in names.items() if count > 1] == []


def test_claims_stand_where_they_can_have_a_control():
    for page in set(PAGES) - set(NOTEBOOKS):
        assert not CLAIM.findall(page.read_text("utf8")), f"{page} runs no code"
