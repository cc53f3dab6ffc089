"""A chapter's key changes with all that can change its output, and with nothing else."""

import importlib
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookbuild import dependencies

# In the package `miniature`, the chapter imports `near`, which imports `far`. `apart` is imported
# by nobody; `stored` is a package with a data file, and so is `aside`, which nobody imports.
FILES = {
    "__init__.py": "",
    "near.py": "from miniature.far import number\n",
    "far.py": "number = 1\n",
    "apart.py": "number = 1\n",
    "stored/__init__.py": "",
    "stored/deep/weights.bin": "0101",
    "aside/__init__.py": "",
    "aside/weights.bin": "0101",
}
CODE = "%matplotlib inline\nimport miniature.near\nfrom miniature import stored\n!ls\n"


@pytest.fixture
def miniature(tmp_path, monkeypatch) -> Path:
    """Return the folder of a small package that stands in for `lessons`."""
    for name, text in FILES.items():
        file = tmp_path / "miniature" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "constraints.txt").write_text("torch==2.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(dependencies, "PACKAGES", {"miniature", "elsewhere"})
    forget()
    yield tmp_path / "miniature"
    forget()


def forget() -> None:
    """Forget what was found of the package, as a new process would."""
    dependencies._module_files.cache_clear()
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.split(".")[0] == "miniature"]:
        del sys.modules[name]


def key(miniature: Path, code: str = CODE, prose: str = "# A title") -> str:
    notebook = new_notebook(cells=[new_markdown_cell(prose), new_code_cell(code)])
    forget()
    return dependencies.chapter_key(notebook, miniature.parent / "constraints.txt")


@pytest.mark.parametrize(
    "changed",
    [
        "near.py",  # imported by the chapter
        "far.py",  # imported by what the chapter imports
        "__init__.py",  # runs before any of its modules
        "stored/__init__.py",
        "stored/deep/weights.bin",  # read by code of an imported package
        "../constraints.txt",  # the installed versions
    ],
)
def test_key_changes_with_what_output_depends_on(miniature, changed):
    before = key(miniature)
    with (miniature / changed).open("a") as file:
        file.write("# changed\n")
    assert key(miniature) != before


@pytest.mark.parametrize("changed", ["apart.py", "aside/__init__.py", "aside/weights.bin"])
def test_key_stays_when_an_unrelated_lesson_changes(miniature, changed):
    before = key(miniature)
    with (miniature / changed).open("a") as file:
        file.write("# changed\n")
    assert key(miniature) == before


def test_key_changes_with_a_cell_and_not_with_prose(miniature):
    before = key(miniature)
    assert key(miniature, prose="# Another title") == before
    assert key(miniature, code=CODE + "1 + 1") != before


def test_key_changes_with_a_new_import_and_a_new_file(miniature):
    before = key(miniature)
    (miniature / "stored" / "more.bin").write_text("1")
    with_file = key(miniature)
    assert with_file != before
    (miniature / "near.py").write_text("from miniature import apart, far\n")
    with_import = key(miniature)
    assert with_import != with_file
    (miniature / "apart.py").write_text("number = 2\n")
    assert key(miniature) != with_import


def test_key_changes_when_code_moves_to_another_cell(miniature):
    pins = miniature.parent / "constraints.txt"
    one = new_notebook(cells=[new_code_cell("a = 1\nb = 2")])
    two = new_notebook(cells=[new_code_cell("a = 1"), new_code_cell("b = 2")])
    assert dependencies.chapter_key(one, pins) != dependencies.chapter_key(two, pins)


def test_key_changes_with_what_else_decides_an_output(miniature, monkeypatch):
    pins = miniature.parent / "constraints.txt"
    cell = new_code_cell("1 / 0")
    before = dependencies.chapter_key(new_notebook(cells=[cell]), pins)
    cell.metadata["tags"] = ["raises-exception"]
    tagged = dependencies.chapter_key(new_notebook(cells=[cell]), pins)
    assert tagged != before
    monkeypatch.setenv("LESSONS_MODELS", "elsewhere")
    assert dependencies.chapter_key(new_notebook(cells=[cell]), pins) != tagged


@pytest.mark.parametrize("code", ["number = 1 +", "files = !ls", "%%time\nnumber = 1", "str?"])
def test_a_cell_that_is_no_python_has_a_key(miniature, code):
    # Whether it fails is for its execution to tell, which names the file.
    pins = miniature.parent / "constraints.txt"
    notebook = new_notebook(cells=[new_code_cell(code), new_code_cell("import miniature.near")])
    before = dependencies.chapter_key(notebook, pins)
    (miniature / "far.py").write_text("number = 3\n")
    forget()
    assert dependencies.chapter_key(notebook, pins) != before


def test_key_is_the_same_for_the_same_files(miniature):
    assert key(miniature) == key(miniature)


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import miniature", {"miniature"}),
        ("import miniature.near as n", {"miniature", "miniature.near"}),
        ("from miniature import far", {"miniature", "miniature.far"}),
        ("def late():\n    import miniature.far", {"miniature", "miniature.far"}),
        ("import torch, miniatures\nfrom os import path", set()),
    ],
)
def test_imported_modules(miniature, code, modules):
    assert dependencies.imported_modules(code) == modules


def test_lesson_files_are_those_of_all_imports(miniature):
    files = dependencies.lesson_files(["miniature.near"])
    assert {file.name for file in files} == {"__init__.py", "near.py", "far.py"}
    assert miniature / "__init__.py" in files


def test_a_chapter_of_the_lab_depends_on_its_classroom_and_through_it_on_lessons():
    files = dependencies.lesson_files({"classroom", "lab"})
    names = {"/".join(file.parts[-3:]) for file in files}
    assert {"lab/journal.py", "lessons/interpretation/ablation.py"} <= names
    assert "lessons/plots/maps.py" not in names


def test_real_chapter_depends_on_what_its_lessons_import():
    files = dependencies.lesson_files({"lessons", "lessons.attention"})
    names = {file.name for file in files}
    assert {"scaled_dot.py", "masks.py", "heads.py"} <= names
    assert "maps.py" not in names
