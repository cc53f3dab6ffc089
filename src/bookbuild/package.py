"""Pack what notebooks elsewhere install: the book's package as a wheel, and two lists of others.

`make package` writes `_build/install`; the publishing workflow puts it beside the pages, where the
first cell of each notebook (`bookbuild.notebooks`) finds it. `pins.txt` has the versions with which
the book was built, but of what Colab and Kaggle bring and could not change without a restart.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from bookbuild.whole import NAME

# Large or in use by the notebook itself: any version that is there will do.
BROUGHT = {"ipykernel", "ipywidgets", "matplotlib", "numpy", "torch", "tqdm"}
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT")
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def wheel(root: Path, folder: Path) -> Path:
    """Build the package as a wheel, from a copy, so that nothing old gets into it.

    Raises:
        subprocess.CalledProcessError: It cannot be built; the error has what was said.
    """
    with TemporaryDirectory() as temporary:
        copy = Path(temporary)
        for name in NEEDED:
            shutil.copy(root / name, copy)
        leave = shutil.ignore_patterns("*.egg-info", "__pycache__")
        shutil.copytree(root / "src", copy / "src", ignore=leave)
        subprocess.run(
            [sys.executable, "-c", BUILD, str(folder.resolve())],
            cwd=copy,
            check=True,
            capture_output=True,
            text=True,
        )
    (built,) = folder.glob(f"{NAME.replace('-', '_')}-*.whl")
    return built


def pins(project: dict, constraints: str) -> str:
    r"""Return the exact versions of what the package asks for directly.

    >>> print(pins({"dependencies": ["regex", "torch"]}, "regex==1.0\ntorch==2.0"))
    regex==1.0
    """
    asked = {re.split(r"[\[<>=; ]", one)[0].lower() for one in project["dependencies"]} - BROUGHT
    lines = (line.split("#")[0].strip() for line in constraints.splitlines())
    return "\n".join(
        line for line in lines if line.split("==")[0].lower().replace("_", "-") in asked
    )


def main() -> int:
    """Pack what stands in the folder where this is called."""
    root = Path.cwd()
    folder = root / "_build" / "install"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]
    listed = pins(project, (root / "constraints.txt").read_text("utf8"))
    (folder / "pins.txt").write_text(f"{listed}\n", "utf8")
    shutil.copy(root / "wheels.txt", folder)
    try:
        built = wheel(root, folder)
    except subprocess.CalledProcessError as error:
        print(f"the package could not be built:\n{error.stderr}", file=sys.stderr)
        return 2
    print(f"{built.relative_to(root)}: {built.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
