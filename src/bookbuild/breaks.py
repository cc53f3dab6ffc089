"""Prove that a chapter's asserts can fail: break what each of them claims, and see it fail.

A check that cannot fail proves nothing. So a cell with an `assert` lists `breaks` in its metadata:
statements that rebind what its asserts read, each to what it would be if the claim were wrong
(another formula, shuffled labels, the other model). When the book is built, they are executed
after the cell, each in a copy of the kernel's names, and the cell's asserts once more after each.

    python -m bookbuild.breaks book/limits/limitations.md

runs one chapter and says of each of its asserts whether a break makes it fail.
"""

import ast
import contextlib
import io
import os
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell

MARK = "bookbuild-breaks"


def with_proofs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy of a notebook in which a hidden cell after each cell tries its breaks."""
    copy = nbformat.from_dict(notebook)
    copy.cells = []
    for cell in notebook.cells:
        copy.cells.append(cell)
        if breaks := cell.metadata.get("breaks"):
            code = f"__import__('bookbuild.breaks').breaks.prove({cell.source!r}, {breaks!r})"
            copy.cells.append(new_code_cell(code, metadata={"tags": [MARK]}))
    return copy


def without_proofs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the cells without the hidden ones, counted as if those had never been there."""
    cells = [one for one in notebook.cells if MARK not in one.metadata.get("tags", [])]
    code = (cell for cell in cells if cell.cell_type == "code" and cell.source.strip())
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    return cells


def prove(source: str, breaks: Sequence[str]) -> None:
    """In a kernel: see that each assert of a cell fails on one of its breaks.

    Raises:
        AssertionError: An assert survives them all, or a break fails by itself.
    """
    from IPython import get_ipython

    if problems := survivors(source, breaks, get_ipython().user_ns):
        raise AssertionError("\n".join(problems))


def survivors(source: str, breaks: Sequence[str], names: dict) -> list[str]:
    """Return what is wrong with a cell's breaks: the asserts that none of them makes fail.

    >>> survivors("assert total == 3", ["total = 4"], {"total": 3})
    []
    >>> survivors("assert total == 3", ["other = 4"], {"total": 3})
    ['no break makes this fail: assert total == 3']
    """
    left = dict(enumerate(_asserting(source)))
    if not left:
        return ["the cell has breaks and no assert"]
    problems = []
    for change in breaks:
        with _quietly():
            # Containers too, so that a break that changes one leaves it as it is for the next.
            broken = {
                name: value.copy() if type(value) in (dict, list, set) else value
                for name, value in names.items()
            }
            try:
                exec(change, broken)
            except Exception as error:
                problems.append(f"the break `{change}` fails itself: {error!r}")
                continue
            fell = {place for place, code in left.items() if _fails(code, broken)}
        left = {place: code for place, code in left.items() if place not in fell}
    return problems + [f"no break makes this fail: {code}" for code in left.values()]


def _asserting(source: str) -> list[str]:
    """Return a cell's top-level statements that are or hold an assert, as source."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [
        ast.unparse(node)
        for node in tree.body
        if not isinstance(node, kinds)
        and any(isinstance(one, ast.Assert) for one in ast.walk(node))
    ]


def _fails(code: str, names: dict) -> bool:
    try:
        exec(code, dict(names))
    except AssertionError:
        return True
    except Exception:
        return False
    return False


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Print nothing, and leave all random generators as they are."""
    states = [(random.setstate, random.getstate())]
    if numpy := sys.modules.get("numpy"):
        states.append((numpy.random.set_state, numpy.random.get_state()))
    if torch := sys.modules.get("torch"):
        states.append((torch.set_rng_state, torch.get_rng_state()))
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        for put_back, state in states:
            put_back(state)


def main(path: Path) -> int:
    """Run a chapter's cells in this process, and print what becomes of each assert."""
    from IPython.core.interactiveshell import InteractiveShell
    from myst_nb.core.read import read_myst_markdown_notebook

    text = path.read_text("utf8")
    notebook = read_myst_markdown_notebook(text, add_source_map=True, path=path)
    lines = notebook.metadata.source_map
    os.chdir(path.parent)
    shell, bad = InteractiveShell.instance(), 0
    for line, cell in zip(lines, notebook.cells, strict=True):
        if cell.cell_type != "code":
            continue
        result = shell.run_cell(cell.source)
        if not result.success and "raises-exception" not in cell.metadata.get("tags", []):
            print(f"{path}:{line + 1}: the cell fails", file=sys.stderr)
            return 1
        breaks = cell.metadata.get("breaks", [])
        if breaks or _asserting(cell.source):
            problems = survivors(cell.source, breaks, shell.user_ns)
            bad += len(problems)
            for problem in problems or ["proven"]:
                print(f"{path}:{line + 1}: {problem}", file=sys.stderr)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
