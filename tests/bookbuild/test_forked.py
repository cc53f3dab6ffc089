"""Forked kernels do what kernels do that are started one by one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from bookbuild import outputs
from bookbuild.forked import forked_kernels

LONG = 300
CELLS = {
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
    "seeded": "import torch\ntorch.manual_seed(0)\ntorch.rand(2), torch.get_num_threads()",
    "place": "import os\nprint(os.getcwd(), os.environ['TOLD'], os.getpgid(0) == os.getpid())",
    "trained": "w = torch.ones(2, requires_grad=True)\n(w ** 2).sum().backward()\n"
    "torch.optim.AdamW([w]).step()\nw",
}


def notebook(*cells: str) -> nbformat.NotebookNode:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    new = [nbformat.v4.new_code_cell(cell, id=f"c{n}") for n, cell in enumerate(cells)]
    return nbformat.v4.new_notebook(cells=new, metadata=kernel)


def run(folder: Path, *cells: str) -> tuple[nbformat.NotebookNode, str]:
    book = notebook(*cells)
    error, _ = outputs.execute(book, folder, LONG)
    return book, error


def printed(book: nbformat.NotebookNode) -> str:
    return "".join(one.text for cell in book.cells for one in cell.outputs if "text" in one)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def usual(folder) -> nbformat.NotebookNode:
    """Return what a kernel gives that is started by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("TOLD", "in the environment")
        book, error = run(folder, *CELLS.values())
    assert error == ""
    return book


@pytest.fixture(scope="module")
def forking(usual):
    """Fork kernels from here on; what is loaded first is loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        with forked_kernels():
            yield


def test_outputs_are_those_of_a_kernel_started_by_itself(usual, forking, folder, monkeypatch):
    monkeypatch.setenv("TOLD", "in the environment")
    forked, error = run(folder, *CELLS.values())
    assert error == ""
    assert [cell.outputs for cell in forked.cells] == [cell.outputs for cell in usual.cells]
    assert "image/png" in forked.cells[0].outputs[0].data
    assert f"{folder} in the environment True" in printed(forked)


def test_a_kernel_has_none_of_the_books_code_and_its_parent_no_threads(forking, tmp_path):
    book, error = run(
        tmp_path,
        "import os, sys\n"
        "own = {'lessons', 'classroom', 'lab'}\n"
        "print(sorted(own & {name.split('.')[0] for name in sys.modules}))\n"
        "print('torch' in sys.modules, len(os.listdir(f'/proc/{os.getppid()}/task')))",
    )
    assert error == ""
    assert printed(book) == "[]\nTrue 1\n"


def test_what_one_kernel_does_no_other_sees_and_each_has_a_chance_of_its_own(forking, tmp_path):
    draw = (
        "import os, random, numpy, torch\n"
        "print(hasattr(torch, 'seen'), 'SEEN' in os.environ)\n"
        "print(random.random(), numpy.random.rand(), torch.rand(1).item())\n"
        "torch.seen = os.environ['SEEN'] = 'x'"
    )
    (first, no_error), (second, none_either) = run(tmp_path, draw), run(tmp_path, draw)
    assert (no_error, none_either) == ("", "")
    one, other = printed(first).split(), printed(second).split()
    assert one[:2] == other[:2] == ["False", "False"]
    assert not {*one[2:]} & {*other[2:]} and len(one) == 5


def test_a_kernel_tidies_up_when_it_ends(forking, tmp_path):
    book, error = run(
        tmp_path,
        "import atexit, pathlib, tempfile\n"
        "kept = tempfile.TemporaryDirectory()\n"
        "atexit.register(pathlib.Path('ended').touch)\n"
        "print(kept.name)",
    )
    assert error == ""
    assert (tmp_path / "ended").exists() and not Path(printed(book).strip()).exists()


def test_failures_are_told(forking, tmp_path):
    assert "ZeroDivisionError" in run(tmp_path, "1 / 0")[1]
    with pytest.raises(RuntimeError, match="Kernel died"):
        run(tmp_path, "import os\nos._exit(3)")
    assert run(tmp_path, "1")[1] == "", "the next one is forked all the same"


def test_kernels_end_with_a_build_that_is_killed(tmp_path):
    started = tmp_path / "started"
    cell = (
        f"import os, pathlib, time\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
    )
    program = tmp_path / "program.py"
    program.write_text(
        "from pathlib import Path\n"
        "from bookbuild.forked import forked_kernels\n"
        "from test_forked import run\n"
        "if __name__ == '__main__':\n"
        "    with forked_kernels():\n"
        f"        run(Path({str(tmp_path)!r}), {cell + 'time.sleep(600)'!r})\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    build = subprocess.Popen([sys.executable, program], env={**os.environ, "PYTHONPATH": path})
    try:
        until = time.monotonic() + LONG
        while not (started.exists() and started.read_text()) and time.monotonic() < until:
            assert build.poll() is None
            time.sleep(0.05)
        kernel = int(started.read_text())
        os.kill(kernel, 0)
    finally:
        build.send_signal(signal.SIGKILL)
        build.wait()
    while Path(f"/proc/{kernel}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{kernel}").exists()
