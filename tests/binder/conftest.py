"""JupyterLab as Binder starts it, on 127.0.0.1 only."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.binder import stand_in_python

ROOT = Path(__file__).parents[2]

BROKEN_CHAPTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, name: python3}
---

# A chapter with a planted error

```{code-cell} python
1 + 1
```

```{code-cell} python
raise ValueError("planted")
```

```{code-cell} python
2 + 2
```
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a copy of the chapters, set up by postBuild, and return its address."""
    folder = tmp_path_factory.mktemp("binder")
    repository, home, prefix = folder / "repository", folder / "home", folder / "prefix"
    home.mkdir()
    for name in ("binder", "book", "exercises"):
        shutil.copytree(ROOT / name, repository / name, ignore=_neither_file_nor_folder)
    (repository / "book" / "attention" / "broken.md").write_text(BROKEN_CHAPTER)

    # The prefix stands in for Binder's: JupyterLab reads both its own and the path given here.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    environment |= {"HOME": str(home), "NB_PYTHON_PREFIX": str(prefix)}
    stand_in_python(prefix)  # the models are there already
    environment["JUPYTER_CONFIG_PATH"] = str(prefix / "etc" / "jupyter")
    subprocess.run(["binder/postBuild"], cwd=repository, env=environment, check=True)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += ["--allow-root", "--LabApp.extension_manager=readonly", "--expose-app-in-browser"]
    log = folder / "jupyterlab.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=repository,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(server, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()  # JupyterLab then ends its kernels itself
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _neither_file_nor_folder(folder: str, names: list[str]) -> list[str]:
    """Return what cannot be copied: the sockets of a build that runs at the same time."""
    paths = [Path(folder, name) for name in names]
    return [path.name for path in paths if not (path.is_file() or path.is_dir())]


def _wait_until_it_answers(server: subprocess.Popen, port: int, log: Path) -> None:
    """Return when the server listens; fail with its log when it ends or takes a minute."""
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")
