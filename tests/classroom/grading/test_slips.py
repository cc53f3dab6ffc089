"""What students do in JupyterLab, Colab, VS Code and Classic, and mean no harm by: none loses work.

Each slip befalls one exercise of a notebook that holds them all, and each has full points.
"""

import json

import nbformat
import pytest
from nbconvert import PythonExporter

from classroom.exercises.handout import student_version
from classroom.exercises.source import read
from classroom.grading.prepared import prepare
from classroom.grading.repair import as_released, read_submission
from classroom.grading.submission import grade
from classroom.grading.written import written_answer
from classroom.walls.isolation import Limits
from support.exercises import topic

RIGHT = "def {name}(numbers):\n    return numbers * 2"
LIMITS = Limits(call_seconds=10, cell_seconds=30, patience=20)


def markdown(cells, name, at):
    """JupyterLab's key M turns a cell into Markdown."""
    cells[at] = nbformat.v4.new_markdown_cell(cells[at].source, metadata=cells[at].metadata)


def raw(cells, name, at):
    """JupyterLab's key R turns a cell into plain text."""
    cells[at] = nbformat.v4.new_raw_cell(cells[at].source, metadata=cells[at].metadata)


def split(cells, name, at):
    """A cell was split: the first half has the name, the second has the function."""
    cells[at].source = f"{name}_factor = 2"
    work = f"def {name}(numbers):\n    return numbers * {name}_factor"
    cells.insert(at + 1, nbformat.v4.new_code_cell(work))


def merged(cells, name, at):
    """The answer was merged with its check, and what is left has the check's name."""
    cells[at + 1].source = cells[at].source + "\n\n" + cells[at + 1].source
    del cells[at]


def copied(cells, name, at):
    """The cell was copied, name and all, and the copy filled; the stub stands below its check."""
    stub = f'def {name}(numbers):\n    """Return the numbers, doubled."""\n'
    stub += "    # YOUR CODE HERE\n    raise NotImplementedError()"
    cells.insert(at + 2, nbformat.v4.new_code_cell(stub, metadata=cells[at].metadata))


def written_in_check(cells, name, at):
    """The stub stays, and the function stands in the cell of its check."""
    cells[at + 1].source = cells[at].source + "\n\n" + cells[at + 1].source
    cells[at].source = cells[at].source.split("\n")[0] + "\n    raise NotImplementedError()"


def check_removed(cells, name, at):
    """Who has passed a check may remove it."""
    del cells[at + 1]


def timed(cells, name, at):
    """A magic stands over the cell."""
    cells[at].source = "%%time\n" + cells[at].source


def captured(cells, name, at):
    """Another magic stands over the cell."""
    cells[at].source = "%%capture out\n" + cells[at].source


def colab(cells, name, at):
    """Colab's disk is not here, and was not needed."""
    mount = "#@title My answer\nfrom google.colab import drive\ndrive.mount('/content/drive')\n"
    cells[at].source = mount + cells[at].source


def installs(cells, name, at):
    """What is installed in Colab before each start cannot be installed here."""
    cells[at].source = "!pip install -q einops\n%pip install seaborn\n" + cells[at].source


def unused_import(cells, name, at):
    """A library of the student's own is not here, and was not needed for the answer."""
    cells[at].source = "import not_installed_here as sns\nsns.set()\n" + cells[at].source


def widget(cells, name, at):
    """A figure that can be turned needs a library that is not here."""
    cells[at].source = "%matplotlib widget\n" + cells[at].source


def main_guard(cells, name, at):
    """A notebook is the main program, so this runs."""
    cells[at].source = 'if __name__ == "__main__":\n    ' + cells[at].source.replace("\n", "\n    ")


def awaits(cells, name, at):
    """A notebook can wait at its top level."""
    cells[at].source = "import asyncio\nawait asyncio.sleep(0)\n" + cells[at].source


def asks_for_help(cells, name, at):
    """A question mark shows the manual."""
    cells[at].source += "\nlen?"


def in_a_file(cells, name, at):
    """A cell was saved as a module, and imported."""
    work = cells[at].source
    cells[at].source = f"%%writefile {name}_file.py\n{work}"
    cells.insert(at + 1, nbformat.v4.new_code_cell(f"from {name}_file import {name}"))


def shared_helper(cells, name, at):
    """A helper is written again for a later exercise, under the same name."""
    cells[at].source = f"def helper(x):\n    return x * 2\ndef {name}(n):\n    return helper(n)"


def helper_again(cells, name, at):
    """The later exercise: here the helper means something else."""
    cells[at].source = f"def helper(x):\n    return x\ndef {name}(n):\n    return 2 * helper(n)"


def name_reused(cells, name, at):
    """After its check, the function's name is given to a result."""
    cells.insert(at + 2, nbformat.v4.new_code_cell(f"{name} = {name}(np.ones(3))"))


def deleted(cells, name, at):
    """After its check, the function is deleted."""
    cells.insert(at + 2, nbformat.v4.new_code_cell(f"del {name}"))


def builtin_reused(cells, name, at):
    """After its check, a result is given the name of what the function uses."""
    cells[at].source = f"def {name}(numbers):\n    return numbers * len('ab')"
    cells.insert(at + 2, nbformat.v4.new_code_cell("len = len('abc')"))


def helper_below(cells, name, at):
    """The helper was written later and lower than its first use; the check was then repeated."""
    cells[at].source = f"def {name}(numbers):\n    return lower_helper(numbers)"
    cells.insert(at + 2, nbformat.v4.new_code_cell("def lower_helper(x):\n    return 2 * x"))


def a_callable(cells, name, at):
    """An object that can be called is a function too."""
    cells[at].source = (
        f"class Doubler:\n    def __call__(self, numbers):\n        return numbers * 2\n"
        f"{name} = Doubler()"
    )


def decorated(cells, name, at):
    """A decorator stands over the function."""
    cells[at].source = f"import torch\n@torch.no_grad()\n{cells[at].source}"


def spread_out(cells, name, at):
    """A draft that was wrong stands above its check, and the right one below, with a check."""
    right = cells[at].source
    cells[at].source = right.replace("* 2", "* 3")
    again = cells[at + 1].source
    cells[at + 2 : at + 2] = [nbformat.v4.new_code_cell(one) for one in (right, again)]


def check_called_elsewhere(cells, name, at):
    """The check's cell was removed, and called together with others at the end of the notebook."""
    line = cells.pop(at + 1).source
    cells.append(nbformat.v4.new_code_cell(line))


def ends_in_a_semicolon(cells, name, at):
    """A cell shows nothing if it ends so."""
    cells[at].source += f"\n{name}(np.ones(2));"


SLIPS = [
    markdown, raw, split, merged, copied, written_in_check, check_removed, timed, captured, colab,
    installs, unused_import, widget, main_guard, awaits, asks_for_help, in_a_file, shared_helper,
    helper_again, name_reused, deleted, builtin_reused, helper_below, a_callable, decorated,
    spread_out, check_called_elsewhere, ends_in_a_semicolon,
]  # fmt: skip


def handed_in(names, slips=()):
    """Return the released notebook with right answers, after its slips."""
    notebook = read(student_version(topic(names, task="so")))
    for cell in notebook.cells:
        for name in names:
            if cell.source.startswith(f"def {name}("):
                cell.source = RIGHT.format(name=name)
    for slip in slips:
        at = next(
            number
            for number, cell in enumerate(notebook.cells)
            if cell.source.startswith(f"def {slip.__name__}(")
        )
        slip(notebook.cells, slip.__name__, at)
    return notebook


def packed(notebook):
    return json.dumps(notebook).encode()


@pytest.fixture(scope="module")
def slipped():
    names = [slip.__name__ for slip in SLIPS]
    data = packed(handed_in(names, SLIPS))
    report = grade(topic(names, task="so"), data, student="ada", secret="s", limits=LIMITS)
    return dict(zip(names, report["exercises"].values(), strict=True))


@pytest.mark.parametrize("slip", [slip.__name__ for slip in SLIPS])
def test_no_slip_costs_a_point(slipped, slip):
    assert (slipped[slip]["points"], slipped[slip]["reason"]) == (2, None)


# What a student writes where the answer of exercise 2 belongs; the prompt stands in the cell above.
PLACEHOLDER = "YOUR ANSWER HERE"


def answered(kind="markdown", text=PLACEHOLDER, **others):
    """Return the notebook with its answer's cell changed, and where that is."""
    notebook = handed_in(["one"])
    at = next(i for i, cell in enumerate(notebook.cells) if cell.source == PLACEHOLDER)
    changed = {"cell_type": kind, "source": text} | others
    if kind == "code":
        changed |= {"outputs": [], "execution_count": None}
    notebook.cells[at].update(changed)
    return notebook.cells, at


def beside(offset, kind, text, **others):
    """Return the notebook with its answer left blank, and another cell near it."""
    cells, at = answered()
    new = {"cell_type": kind, "source": text, "metadata": {}} | others
    if kind == "code":
        new |= {"outputs": [], "execution_count": None}
    cells.insert(at + offset, nbformat.from_dict(new))
    return cells, at


def in_prompt():
    cells, at = answered()
    cells[at - 1].source += "\n\nBecause of the two."
    return cells, at


def under_a_merged_prompt():
    cells, at = answered()
    cells[at - 1].source += f"\n\n{PLACEHOLDER}\n\nBecause of the two."
    del cells[at]
    return cells, at


def retitled_without_a_name():
    cells, at = answered(text="Because of the two.", metadata={})
    cells[at - 1].source = cells[at - 1].source.replace("Why so?", "Why so? (done)")
    return cells, at


def twice():
    cells, at = answered(text="Because of the three.")
    more = cells[at].copy()
    more["source"] = "Because of the two."
    cells.insert(at + 1, more)
    return cells, at


def test_a_notebook_saved_as_a_script_is_graded():
    cells, _ = answered(text="Because of the two.")
    notebook = nbformat.v4.new_notebook(cells=cells)
    script, _ = PythonExporter().from_notebook_node(notebook)
    source = topic(["one"], task="so")
    report = grade(source, script.encode(), student="ada", secret="s", limits=LIMITS)
    assert report["exercises"]["double.1"]["points"] == 2
    assert "the two" in report["tasks"]["double.2"]["answer"]


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
ATTACHED = {"attachments": {"image.png": {"image/png": PIXEL}}}
WRITTEN = {
    "placeholder kept above": (answered(text=f"{PLACEHOLDER}\n\nBecause of the two."), "the two"),
    "placeholder kept before": (answered(text=f"{PLACEHOLDER}: Because of the two."), "the two"),
    "placeholder quoted": (answered(text=f"> {PLACEHOLDER}\n\nBecause of the two."), "the two"),
    "only a name for it": (answered(text=f"Two ({PLACEHOLDER})"), "Two"),
    "turned into code": (answered("code", "Because of the two."), "the two"),
    "turned into code, as comments": (answered("code", "# Because of the two."), "the two"),
    "turned into raw": (answered("raw", "Because of the two."), "the two"),
    "a pasted picture": (answered(text="![image.png](attachment:image.png)", **ATTACHED), PIXEL),
    "a picture beside it": (beside(1, "markdown", "![](attachment:image.png)", **ATTACHED), PIXEL),
    "Colab's picture": (answered(text=f"![x](data:image/png;base64,{PIXEL})"), PIXEL),
    "an HTML picture": (answered(text=f'<img src="data:image/png;base64,{PIXEL}">'), PIXEL),
    "in a cell below": (beside(1, "markdown", "Because of the two."), "the two"),
    "in a cell above": (beside(0, "markdown", "Because of the two."), "the two"),
    "in code below": (beside(1, "code", "print('Because of the two.')"), "the two"),
    "in raw below": (beside(1, "raw", "Because of the two."), "the two"),
    "under the prompt": (in_prompt(), "the two"),
    "merged with the prompt": (under_a_merged_prompt(), "the two"),
    "another title, no name": (retitled_without_a_name(), "the two"),
    "two versions": (twice(), "the two"),
    "the first of two versions": (twice(), "the three"),
    "mathematics alone": (answered(text="$$2x$$"), "$$2x$$"),
    "a comment in HTML": (answered(text="<!-- the two -->"), "the two"),
}


def answer_of(cells):
    prepared = prepare(topic(["one"], task="so"), "")
    found = read_submission(json.dumps({"cells": cells}).encode()).cells
    found = as_released(found, prepared.released, prepared.stubs)
    return written_answer(found, prepared.released, "double-2")


@pytest.mark.parametrize("slip", WRITTEN)
def test_no_written_answer_becomes_zero_by_itself(slip):
    (cells, _), words = WRITTEN[slip]
    assert words in json.dumps(answer_of(cells))


@pytest.mark.parametrize("text", [PLACEHOLDER, "", " \n", f"\n{PLACEHOLDER}\n\n", "&nbsp;<br>"])
def test_what_is_blank_once_the_placeholder_is_taken_out_is_blank(text):
    cells, _ = answered(text=text)
    assert answer_of(cells) == {"answer": "", "pictures": []}
