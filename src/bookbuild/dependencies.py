"""What a chapter's output depends on: its cells, its lessons, its models, and the pins.

An execution cache that keys on a notebook's code alone shows old output beside new lessons.
The key made here changes with anything that can change an output, and with nothing else.
"""

import ast
import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

PACKAGES = {"lessons", "classroom"}


def chapter_key(notebook: nbformat.NotebookNode, pins: Path) -> str:
    """Return a digest of all that a chapter's output depends on.

    Args:
        notebook: The chapter, not executed.
        pins: The file with the exact versions of all that is installed.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    digest = hashlib.sha256(sys.version.encode())
    digest.update(pins.read_bytes())
    digest.update(os.environ.get("LESSONS_MODELS", "").encode())
    for cell in cells:
        digest.update(f"{cell.source}\0{cell.metadata.get('tags')}\0".encode())
    modules = set().union(*(_imports_of_cell(cell.source) for cell in cells))
    for file in sorted(lesson_files(modules)):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def lesson_files(modules: Iterable[str]) -> set[Path]:
    """Return the files of the book's packages behind these modules, through all imports.

    A package counts with everything in it that is not Python (weights, vocabularies), but for
    what is in packages within it.
    """
    files: set[Path] = set()
    todo = {name for name in modules if name.split(".")[0] in PACKAGES}
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        seen.add(name)
        for file in _module_files(name):
            files.add(file)
            if file.suffix == ".py":
                todo |= imported_modules(file.read_text()) - seen
    return files


def imported_modules(source: str) -> set[str]:
    """Return the book's modules that a source imports, each with the packages above it.

    >>> sorted(imported_modules("from lessons.attention import soft_lookup"))
    ['lessons', 'lessons.attention', 'lessons.attention.soft_lookup']
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # What is imported may be a module or an object in one; a module is found by name.
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    parts = (name.split(".") for name in names if name.split(".")[0] in PACKAGES)
    return {".".join(path[:end]) for path in parts for end in range(1, len(path) + 1)}


@cache
def _module_files(name: str) -> tuple[Path, ...]:
    """Return a module's file; for a package also the files in its folder that are no Python."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # an object, not a module
        return ()
    if spec is None or spec.origin is None:
        return ()
    module = Path(spec.origin)
    if module.name != "__init__.py":
        return (module,)
    data = (
        file
        for file in module.parent.rglob("*")
        if file.is_file() and file.suffix not in {".py", ".pyc"}
        if _package_of(file) == module.parent
    )
    return (module, *data)


def _package_of(file: Path) -> Path:
    """Return the folder of the package that a file is in."""
    return next(folder for folder in file.parents if (folder / "__init__.py").exists())


def _imports_of_cell(cell: str) -> set[str]:
    """Return the book's modules that a cell imports; one that is no Python imports none."""
    source = TransformerManager().transform_cell(re.sub(r"^%%.*\n", "", cell))
    try:
        return imported_modules(source)
    except SyntaxError:  # told when the cell is run
        return set()
