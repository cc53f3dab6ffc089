"""What a chapter's output depends on: its cells, the lessons that they reach, and the pins.

An execution cache that keys on a notebook's code alone shows old output beside new lessons. One
that keys on whole packages executes nearly all for any change. The key made here follows names:
`limits.tiled_attention` in a cell leads to the module that defines it, and from there on through
its imports. It changes with anything that can change an output, and with little else.

That is sound because a topic's package loads nothing until a name of it is asked for, as its
`__init__.pyi` lists them (https://scientific-python.org/specs/spec-0001/).
"""

import ast
import hashlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

PACKAGES = {"lessons", "lab", "classroom"}
# Read by name: the recorded answers of a sheet count for the notebooks that name one of them.
RECORDED = re.compile(r"known/(?P<sheet>\w+)\.json$")


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
    # With their options: MyST-NB takes outputs only for a notebook whose options are the same, too.
    for cell in cells:
        options = json.dumps(cell.metadata, sort_keys=True)
        digest.update(f"{cell.source}\0{options}\0".encode())
    for name, file in chapter_files(cell.source for cell in cells).items():
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def chapter_files(cells: Iterable[str]) -> dict[str, Path]:
    """Return the files of the book's packages that these cells reach, by their dotted names."""
    sources = [_python_of(cell) for cell in cells]
    reached = lesson_files(names_used("\n".join(filter(_is_python, sources))))
    text = "\n".join(sources)
    return {
        name: file
        for name, file in reached.items()
        if not (sheet := RECORDED.search(file.as_posix())) or f'"{sheet["sheet"]}.' in text
    }


def lesson_files(names: Iterable[str]) -> dict[str, Path]:
    """Return the files behind these dotted names, through all that they import in turn.

    A name is a module's, a package's (then all of it counts) or that of an object in one. A
    module that reads files, which its `__file__` shows, comes with all that is no Python in its
    topic's folder.
    """
    files: dict[str, Path] = {}
    todo, seen = set(names), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        for file in _files_of(name):
            if (place := _dotted(file)) not in files:
                files[place] = file
                if file.suffix == ".py":
                    known = _read(file, file.stat().st_mtime_ns)
                    todo |= known.names - seen
                    if known.reads_files:
                        files |= {_dotted(data): data for data in _data_beside(file)}
    return dict(sorted(files.items()))


def direct_files(name: str) -> list[str]:
    """Return the files that one dotted name leads to, without what they import in turn.

    >>> direct_files("lessons.attention.causal_mask")[-1]
    'lessons/attention/multi_head/masks.py'
    """
    return [_dotted(file) for file in _files_of(name)]


def names_used(source: str) -> frozenset[str]:
    r"""Return the dotted names of the book's packages that a source uses.

    A package that is used otherwise than by `package.name` counts whole.

    >>> sorted(names_used("from lessons import attention\nattention.soft_lookup(1)"))
    ['lessons.attention.soft_lookup']
    >>> sorted(names_used("from lessons import attention\nprint(attention)"))
    ['lessons.attention']
    """
    nodes = list(ast.walk(ast.parse(source)))
    bound: dict[str, str] = {}
    used: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    bound[alias.asname] = alias.name
                else:
                    top = alias.name.partition(".")[0]
                    bound[top] = top
                    used |= {alias.name} if _is_ours(alias.name) and "." in alias.name else set()
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if alias.name == "*":
                    used |= {node.module} if _is_ours(node.module) else set()
                else:
                    bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    bound = {name: full for name, full in bound.items() if _is_ours(full)}
    packages = {name: full for name, full in bound.items() if _is_package(full)}
    used |= set(bound.values()) - set(packages.values())
    if not packages:
        return frozenset(used)
    inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and (path := _path_of(node)) and path[0] in packages:
            # The longest chain says it all; `lessons.attention` within it is no use of its own.
            if id(node) not in inner or not _is_package(_joined(packages, path)):
                used.add(_joined(packages, path))
        elif isinstance(node, ast.Name) and node.id in packages and id(node) not in inner:
            used.add(packages[node.id])
    return frozenset(used)


def _joined(packages: dict[str, str], path: list[str]) -> str:
    return ".".join([packages[path[0]], *path[1:]])


def _path_of(node: ast.expr) -> list[str]:
    """Return `a.b.c` as a list of its names, or nothing if it is no such chain."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _path_of(node.value)):
        return [*before, node.attr]
    return []


@dataclass(frozen=True)
class _Source:
    names: frozenset[str]
    reads_files: bool


@cache
def _read(file: Path, changed: int) -> _Source:
    """Return what a file of Python uses; `changed` makes an edited file another one."""
    text = file.read_text("utf8")
    return _Source(names_used(text), "__file__" in text and file.name != "__init__.py")


def _files_of(name: str) -> list[Path]:
    """Return the files that one dotted name stands for, the packages above it included."""
    parts = name.split(".")
    top = _folder_of(parts[0])
    if top is None:
        return []
    files, at = [top / "__init__.py"], top
    for part in parts[1:]:
        if home := _listed(at).get(part):  # an object that the package offers
            *rooms, module = home.split(".")
            for room in rooms:
                at = at / room
                files.append(at / "__init__.py")
            return [*files, at / f"{module}.py"]
        if (at / part / "__init__.py").is_file():
            at = at / part
            files.append(at / "__init__.py")
        elif (at / f"{part}.py").is_file():
            return [*files, at / f"{part}.py"]
        elif _has_name(at / "__init__.py", part):
            return files
        else:
            break
    # A package as such, or something in it that is not found by name: all of it counts.
    return files + sorted(at.rglob("*.py"))


def _listed(package: Path) -> dict[str, str]:
    """Return where the names that a package offers are defined, as its stub lists them."""
    stub = package / "__init__.pyi"
    return _read_stub(stub, stub.stat().st_mtime_ns) if stub.is_file() else {}


@cache
def _read_stub(stub: Path, changed: int) -> dict[str, str]:
    return {
        alias.name: node.module
        for node in ast.parse(stub.read_text("utf8")).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _has_name(init: Path, name: str) -> bool:
    """Say whether a package defines a name in its own file."""
    body = ast.parse(init.read_text("utf8")).body
    names = {getattr(node, "name", "") for node in body}
    for node in body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return name in names


def _data_beside(file: Path) -> list[Path]:
    """Return all that is no Python in a file's topic: weights, vocabularies, recorded answers."""
    top = _top_of(file)
    topic = top / file.relative_to(top).parts[0]
    return sorted(
        data
        for data in topic.rglob("*")
        if data.is_file() and data.suffix not in {".py", ".pyi", ".pyc"}
    )


@cache
def _dotted(file: Path) -> str:
    """Return a file's name from its top package on."""
    return file.relative_to(_top_of(file).parent).as_posix()


def _top_of(file: Path) -> Path:
    """Return the folder of the top package that a file is in."""
    return next(
        folder
        for folder in file.parents
        if (folder / "__init__.py").exists() and not (folder.parent / "__init__.py").exists()
    )


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in PACKAGES


def _is_package(name: str) -> bool:
    top, *rest = name.split(".")
    folder = _folder_of(top)
    return folder is not None and (folder.joinpath(*rest) / "__init__.py").is_file()


@cache
def _folder_of(package: str) -> Path | None:
    """Return the folder of a top package, without importing it."""
    spec = importlib.util.find_spec(package) if package in PACKAGES else None
    return Path(spec.origin).parent if spec and spec.origin else None


def _python_of(cell: str) -> str:
    """Return a cell as Python: its magics and shell commands become calls."""
    if not re.search(r"^\s*[%!]|[?!]\s*$|=\s*[%!]", cell, re.M):
        return cell
    return TransformerManager().transform_cell(re.sub(r"^%%.*\n", "", cell))


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:  # told when the cell is run
        return False
    return True
