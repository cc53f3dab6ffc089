"""Run published notebooks as a reader does who has no repository, and say what came of them.

    PYTHONPATH=tests python -m support.elsewhere book/training book/adaptation/lora

Each runs in an empty folder, in an environment that has what its first cell would install and
nothing else: the wheel, the packages that it asks for, and what these ask for. They are links to
those of the environment that runs this, so nothing is downloaded. Of each notebook it tells the
processor's seconds, the cell that fails, and the cells that print something else than the page.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from packaging.requirements import Requirement

from bookbuild import package

REPOSITORY = Path(__file__).parents[2]
KERNEL = "elsewhere"


def asked(one: Distribution, extra: str = "") -> list[Requirement]:
    """Return what a package asks for on this platform."""
    wanted = map(Requirement, one.requires or [])
    return [it for it in wanted if it.marker is None or it.marker.evaluate({"extra": extra})]


def closure(wanted: Iterable[Requirement]) -> dict[str, Distribution]:
    """Return the packages of this environment that pip would bring, by name."""
    found, done, left = {}, set(), list(wanted)
    while left:
        one = left.pop()
        for extra in {"", *one.extras} - {extra for name, extra in done if name == one.name}:
            done.add((one.name, extra))
            try:
                found[one.name] = distribution(one.name)
            except PackageNotFoundError:
                continue  # let the notebook tell whether it is missed
            left += asked(found[one.name], extra)
    return found


def link(one: Distribution, site: Path) -> None:
    """Let an environment have a package of this one."""
    for top in {file.parts[0] for file in one.files or []} - {"..", "__pycache__"}:
        if not (site / top).exists() and not top.endswith(".pth"):
            (site / top).symlink_to(Path(str(one.locate_file(top))).resolve())


def environment(wheel: Path, folder: Path, *, extra: str = "") -> Path:
    """Make the environment of a notebook's first cell, and return its Python."""
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    options = ["--disable-pip-version-check", "--target", str(site), str(wheel)]
    subprocess.run([*pip, *options], check=True, cwd=folder)
    (book,) = distributions(path=[str(site)])
    lines = (REPOSITORY / "wheels.txt").read_text("utf8").splitlines()
    alone = [one.split("==")[0] for one in lines if "==" in one]
    for one in (*map(distribution, alone), *closure([*asked(book), *asked(book, extra)]).values()):
        link(one, site)
    return folder / "bin" / "python"


def extra_of(notebook: nbformat.NotebookNode) -> str:
    """Return what the first cell of a notebook asks of the wheel besides, `practice` or nothing."""
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found = re.search(r"\.whl\[(\w+)\]", first)
    return found[1] if found else ""


@dataclass
class Ran:
    """What came of a notebook: seconds by cell, what failed, what was printed otherwise."""

    seconds: list[float] = field(default_factory=list)
    failed: str = ""
    differ: list[tuple[str, str]] = field(default_factory=list)


def printed(cell: nbformat.NotebookNode) -> str:
    streams = (one for one in cell.get("outputs", []) if one.output_type == "stream")
    return "".join(one.text for one in streams if one.name == "stdout").strip()


def _kernel(python: Path, private: Path) -> AsyncKernelManager:
    """Return a kernel's manager, which speaks to it through files and not through ports."""
    start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": start, "display_name": KERNEL, "language": "python"}
    (folder := private / "kernels" / KERNEL).mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec), "utf8")
    return AsyncKernelManager(
        kernel_name=KERNEL,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder.parent)]),
        transport="ipc",
        connection_file=str(private / "kernel.json"),
    )


def run(
    notebook: nbformat.NotebookNode, python: Path, folder: Path, *, dear: float = math.inf
) -> Ran:
    """Run a notebook in a new folder, with the Python of an environment.

    Args:
        notebook: As it is published.
        python: That of :func:`environment`.
        folder: Where to; it is made.
        dear: Tell of each cell that takes more seconds than this.
    """
    folder.mkdir()
    ran, copy, began = Ran(), nbformat.from_dict(notebook), [0.0]
    with tempfile.TemporaryDirectory() as private:
        manager = _kernel(python, Path(private))

        def used() -> float:
            process = psutil.Process(manager.provisioner.pid)
            return sum(sum(one.cpu_times()[:4]) for one in (process, *process.children(True)))

        def ended(cell: nbformat.NotebookNode, **_: object) -> None:
            ran.seconds.append(used() - began[-1])
            if ran.seconds[-1] > dear:
                print(f"  {ran.seconds[-1]:5.1f} s  {cell.source.splitlines()[0]}", flush=True)

        client = NotebookClient(
            copy,
            km=manager,
            timeout=600,
            on_cell_execute=lambda **_: began.append(used()),
            on_cell_executed=ended,
        )
        client.owns_km = True  # so that it ends the kernel
        environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        try:
            client.execute(cwd=str(folder), env=environ)
        except (CellExecutionError, CellTimeoutError) as error:
            ran.failed = str(error)
    pairs = zip(map(printed, notebook.cells), map(printed, copy.cells), strict=True)
    ran.differ = [(old, new) for old, new in pairs if old != new and not ran.failed]
    return ran


def main() -> int:
    """Run the notebooks of the built site whose names begin with what is asked for."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--site", type=Path, default=REPOSITORY / "_build" / "html")
    parser.add_argument("--dear", type=float, default=math.inf, help="tell of cells above that")
    chosen, bad = parser.parse_args(), 0
    sources = chosen.site / "_sources"
    files = {file.relative_to(sources).with_suffix("").as_posix(): file
             for file in sorted(sources.rglob("*.ipynb"))}  # fmt: skip
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary)
        wheel = package.wheel(REPOSITORY, here)
        pythons: dict[str, Path] = {}
        for name in [one for one in files if one.startswith(tuple(chosen.names))]:
            print(name, flush=True)
            notebook = nbformat.read(files[name], as_version=4)
            extra = extra_of(notebook)
            if extra not in pythons:
                pythons[extra] = environment(wheel, here / f"environment-{extra}", extra=extra)
            python = pythons[extra]
            ran = run(notebook, python, here / name.replace("/", "-"), dear=chosen.dear)
            bad += bool(ran.failed)
            told = ran.failed or f"{len(ran.differ)} cells print something else"
            print(*(f"- {old}\n+ {new}" for old, new in ran.differ), sep="\n")
            print(f"{name}: {sum(ran.seconds):.1f} s; {told}", flush=True)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
