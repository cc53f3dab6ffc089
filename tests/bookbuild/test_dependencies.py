"""A chapter's key changes with all that can change its output, and with nothing else."""

import functools
import importlib
import os
from pathlib import Path

import pytest
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookbuild import dependencies

ROOT = Path(__file__).parents[2]
# In the package `miniature`, the chapter uses `near` of the package `topic`, which imports `far`.
# `apart` is used by nobody; `stored` reads a file of its folder, as `aside` does, which is used by
# nobody. `sheets` reads the recorded answers of exercises.
FILES = {
    "__init__.py": "",
    "topic/__init__.py": "",
    "topic/__init__.pyi": "from .room.near import near\nfrom .apart import apart\n",
    "topic/room/__init__.py": "",
    "topic/room/near.py": "from miniature.topic.far import number\n\ndef near(): ...\n",
    "topic/far.py": "number = 1\n",
    "topic/apart.py": "def apart(): ...\n",
    "stored/__init__.py": "",
    "stored/read.py": "from pathlib import Path\nPLACE = Path(__file__).parent\n",
    "stored/deep/weights.bin": "0101",
    "aside/__init__.py": "",
    "aside/read.py": "PLACE = __file__\n",
    "aside/weights.bin": "0101",
    "sheets/__init__.py": "",
    "sheets/check.py": "KNOWN = __file__\n",
    "sheets/known/first.json": "1",
    "sheets/known/second.json": "2",
}
FAR = "miniature.topic.far"
CODE = """\
%matplotlib inline
from miniature import topic
from miniature.sheets.check import KNOWN
from miniature.stored import read
topic.near()
check("first.1", topic.near)
!ls
"""


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
    """Forget where packages are, as a new process would."""
    dependencies._folder_of.cache_clear()
    importlib.invalidate_caches()


def key(miniature: Path, code: str = CODE, prose: str = "# A title") -> str:
    notebook = new_notebook(cells=[new_markdown_cell(prose), new_code_cell(code)])
    return dependencies.chapter_key(notebook, miniature.parent / "constraints.txt")


def change(file: Path) -> None:
    """Change a file's text and its time, as an editor does."""
    file.write_text(file.read_text() + "# changed\n")
    later = file.stat().st_mtime_ns + 1_000_000
    os.utime(file, ns=(later, later))


@pytest.mark.parametrize(
    "changed",
    [
        "topic/room/near.py",  # defines what the chapter uses of the topic
        "topic/far.py",  # imported by what the chapter uses
        "topic/__init__.py",  # runs before any of its modules
        "topic/room/__init__.py",
        "stored/read.py",
        "stored/deep/weights.bin",  # read by a module that the chapter uses
        "sheets/known/first.json",  # the recorded answers of an exercise that the chapter names
        "../constraints.txt",  # the installed versions
    ],
)
def test_key_changes_with_what_output_depends_on(miniature, changed):
    before = key(miniature)
    change(miniature / changed)
    assert key(miniature) != before


@pytest.mark.parametrize(
    "changed",
    ["topic/apart.py", "aside/read.py", "aside/weights.bin", "sheets/known/second.json"],
)
def test_key_stays_when_an_unrelated_lesson_changes(miniature, changed):
    before = key(miniature)
    change(miniature / changed)
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
    near = miniature / "topic" / "room" / "near.py"
    near.write_text("from miniature.topic import apart, far\n")
    change(near)
    with_import = key(miniature)
    assert with_import != with_file
    change(miniature / "topic" / "apart.py")
    assert key(miniature) != with_import


def test_key_changes_where_a_name_leads_elsewhere(miniature):
    before = key(miniature)
    stub = miniature / "topic" / "__init__.pyi"
    stub.write_text(FILES["topic/__init__.pyi"].replace(".room.near", ".apart"))
    change(stub)
    assert key(miniature) != before


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
    cell.metadata["breaks"] = ["one = 1"]
    broken = dependencies.chapter_key(new_notebook(cells=[cell]), pins)
    assert broken != tagged
    cell.metadata["mystnb"] = {"figure": {"caption": "What MyST-NB compares, too."}}
    captioned = dependencies.chapter_key(new_notebook(cells=[cell]), pins)
    assert captioned != broken
    monkeypatch.setenv("LESSONS_MODELS", "elsewhere")
    assert dependencies.chapter_key(new_notebook(cells=[cell]), pins) != captioned


@pytest.mark.parametrize("code", ["number = 1 +", "files = !ls", "%%time\nnumber = 1", "str?"])
def test_a_cell_that_is_no_python_has_a_key(miniature, code):
    # Whether it fails is for its execution to tell, which names the file.
    pins = miniature.parent / "constraints.txt"
    notebook = new_notebook(
        cells=[new_code_cell(code), new_code_cell("import miniature.topic.far")]
    )
    before = dependencies.chapter_key(notebook, pins)
    change(miniature / "topic" / "far.py")
    assert dependencies.chapter_key(notebook, pins) != before


def test_key_is_the_same_for_the_same_files(miniature):
    assert key(miniature) == key(miniature)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from miniature import topic\ntopic.near", {"miniature.topic.near"}),
        (
            "from miniature import topic as t\nt.far.x",
            {"miniature.topic.far", "miniature.topic.far.x"},
        ),
        ("from miniature import topic\nprint(topic)", {"miniature.topic"}),
        ("from miniature import topic\ngetattr(topic, 'near')", {"miniature.topic"}),
        ("from miniature.topic import near", {"miniature.topic.near"}),
        ("from miniature.topic import *", {"miniature.topic"}),
        ("import miniature.topic\nminiature.topic.near()", {"miniature.topic.near"}),
        ("def late():\n    from miniature.topic import far", {"miniature.topic.far"}),
        ("import torch, miniatures\nfrom os import path", set()),
    ],
)
def test_names_used(miniature, code, names):
    used = set(dependencies.names_used(code))
    assert used - {"miniature.topic"} == names - {"miniature.topic"}
    assert names <= used


@pytest.mark.parametrize("used", ["miniature.topic", "miniature.topic.unheard_of"])
def test_a_package_used_otherwise_than_by_its_names_counts_whole(miniature, used):
    files = dependencies.lesson_files([used])
    assert {"miniature/topic/apart.py", "miniature/topic/room/near.py"} <= set(files)


# Ten edits in ten places of the real book, and the pages that are executed after each: those whose
# code reaches the module, and no others.
EDITS = {
    "lessons/limits/efficient_attention/online.py": {
        "book/limits/efficient-attention",
        "book/reference/misconceptions",
        "solutions/limits",
    },
    "lessons/limits/troubleshooting/faults.py": {"book/limits/troubleshooting"},
    "lessons/limits/limitations/growth.py": {"book/limits/limitations"},
    "lessons/positions/longer_contexts/rotary_scaling.py": {
        "book/positions/longer-contexts",
        "solutions/positions",
    },
    "lessons/families/images/pictures.py": {"book/families/images"},
    "lessons/families/decoders/latent.py": {"book/alignment/deepseek", "book/families/decoders"},
    "lessons/recurrence/encoder_decoder/bleu.py": {"book/recurrence/encoder-decoder"},
    "lessons/tokens/embeddings/overlap.py": {"book/tokens/embeddings"},
    "lessons/plots/spans.py": {"book/tokens/tokenization"},
    "classroom/exercises/known/tokens.json": {"exercises/tokens", "solutions/tokens"},
}


@functools.cache
def pages_and_files() -> dict[str, set[str]]:
    """Return for each notebook of the book the files that its key counts."""
    found = {}
    for name in ("book", "exercises", "solutions"):
        for path in sorted((ROOT / name).rglob("*.md")):
            text = path.read_text("utf8")
            if "{code-cell}" in text:
                notebook = read_myst_markdown_notebook(text, path=path)
                cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
                page = path.relative_to(ROOT).with_suffix("").as_posix()
                found[page] = set(dependencies.chapter_files(cells))
    return found


@pytest.mark.parametrize(("edited", "executed"), EDITS.items())
def test_an_edit_executes_the_pages_that_reach_it_and_no_others(edited, executed):
    assert (ROOT / "src" / edited).is_file()
    assert {page for page, files in pages_and_files().items() if edited in files} == executed


def test_the_lab_depends_on_the_lessons_that_decide_its_claims():
    names = dependencies.lesson_files({"lab"})
    assert {"lab/journal.py", "lessons/interpretation/silence.py"} <= set(names)
    assert "lessons/plots/maps.py" not in names


def test_weights_count_where_a_model_is_opened_and_not_where_links_are_counted():
    weights = "lessons/models/weights/encoder/model.safetensors"
    assert weights in dependencies.lesson_files({"lessons.models.load"})
    assert weights not in dependencies.lesson_files({"lessons.models.link_hits"})
