"""Execute one notebook, and keep of its outputs what belongs on a page.

With the key of `bookbuild.dependencies` this file and `breaks` decide what a chapter's outputs
are: when they change, all chapters are executed anew.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_cache.executors.utils import single_nb_execution
from traitlets.config import Config

from bookbuild import breaks
from bookbuild.breaks import with_proofs, without_proofs

_FILES = (Path(__file__), Path(breaks.__file__))
VERSION = hashlib.sha256(b"".join(file.read_bytes() for file in _FILES)).hexdigest()[:8]
WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(notebook: nbformat.NotebookNode, folder: Path, timeout: int) -> tuple[str, float]:
    """Execute a notebook in place; return what went wrong, or nothing, and the seconds."""
    proven = with_proofs(notebook)
    with TemporaryDirectory() as private:
        # The kernel is spoken to through files of our own, not through ports open to others.
        file = f"{private}/kernel.json"
        channel = Config({"KernelManager": {"transport": "ipc", "connection_file": file}})
        result = single_nb_execution(
            proven, str(folder), timeout, allow_errors=False, config=channel
        )
    notebook.cells = without_proofs(proven)
    notebook.metadata = proven.metadata
    _tidy(notebook)
    return str(result.err or ""), result.time


@contextlib.contextmanager
def journals_elsewhere() -> Iterator[None]:
    """Let chapters that keep a journal keep it in a folder that goes away, not in the book."""
    before = os.environ.get("CLASSROOM_FOLDER")
    with TemporaryDirectory() as folder:
        os.environ["CLASSROOM_FOLDER"] = folder
        try:
            yield
        finally:
            del os.environ["CLASSROOM_FOLDER"]
            if before is not None:
                os.environ["CLASSROOM_FOLDER"] = before


def _tidy(notebook: nbformat.NotebookNode) -> None:
    """Remove progress bars, for a page has no kernel to show them, and join what was printed.

    A kernel may send one line in two parts, which would stand on the page as two lines.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if "outputs" in cell:
            tidy: list[nbformat.NotebookNode] = []
            for one in cell.outputs:
                if WIDGET in one.get("data", {}):
                    continue
                if tidy and "name" in one and one.name == tidy[-1].get("name"):
                    tidy[-1].text += one.text
                else:
                    tidy.append(one)
            cell.outputs = tidy
