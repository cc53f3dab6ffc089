"""Show the book while it is written: build at each change, and reload the page in the browser.

A process that has imported what a build needs waits for changes, and forks a child for each
build. So a build starts at once, and always with the code as it is now: the book's own packages
are imported by children alone. Pages are shown from a copy that only a build without any
complaint replaces; after another one the book's folders become again what they were.
"""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bookbuild import state
from bookbuild.policy import digest

FOLDERS = ("html", ".doctrees", "jupyter_execute")
EVENTS = "/bookbuild-events"
RELOAD = f'<script>new EventSource("{EVENTS}").onmessage = () => location.reload()</script>'
WAITS = digest(RELOAD.removeprefix("<script>").removesuffix("</script>"))
# What a build imports, but for the book's own packages.
IMPORTS: tuple[str, ...] = (
    "IPython",
    "bs4",
    "fontTools.subset",
    "jupyter_book.sphinx",
    "jupyter_cache",
)
IMPORTS += ("matplotlib.pyplot", "myst_nb.sphinx_ext", "nbclient", "sphinx.ext.autodoc")
IMPORTS += ("sphinx_book_theme", "sphinx_comments", "sphinx_copybutton", "sphinx_design")
IMPORTS += ("sphinx_external_toc", "sphinx_jupyterbook_latex", "sphinx_thebe")
IMPORTS += ("sphinx_togglebutton", "sphinxcontrib.bibtex", "sphinxcontrib.katex")
IMPORTS += ("sphinxext.opengraph", "sqlalchemy.orm", "torch", "transformers.modeling_utils")


class Pages(SimpleHTTPRequestHandler):
    """Serves the last good pages, with a script that waits for better ones."""

    server: "Server"
    protocol_version = "HTTP/1.0"  # a connection for each answer: a waiting one blocks no other

    def do_GET(self) -> None:
        if self.path == EVENTS:
            self._send_events()
        elif Path(self.translate_path(self.path)).is_dir() and self.path.endswith("/"):
            self.path += "index.html"
            self.do_GET()
        elif self.path.split("?")[0].endswith(".html"):
            self._send_page()
        else:
            super().do_GET()

    def _send_page(self) -> None:
        try:
            page = Path(self.translate_path(self.path)).read_text("utf8")
        except OSError:
            self.send_error(404)
            return
        page = page.replace("script-src 'self'", f"script-src 'self' 'unsafe-hashes' {WAITS}", 1)
        data = page.replace("</body>", f"{RELOAD}</body>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _send_events(self) -> None:
        """Tell the page when there are new ones, until it goes away."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        seen = self.server.news()
        with contextlib.suppress(OSError):
            while True:
                time.sleep(0.1)
                now = self.server.news()
                self.wfile.write(b": nothing new\n\n" if now == seen else b"data: new\n\n")
                seen = now

    def end_headers(self) -> None:
        # What was loaded before a build must be asked for again after it.
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_) -> None:
        """Say nothing of what is asked for: the terminal is for the build."""


class Server(ThreadingHTTPServer):
    """Serves until the process that started it ends."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int):
        self.mark = folder / "html.state"
        self.starter = os.getpid()
        super().__init__(("127.0.0.1", port), partial(Pages, directory=str(folder / "html")))

    def news(self) -> int:
        """Return a number that changes when there are new pages."""
        try:
            return self.mark.stat().st_ino
        except FileNotFoundError:
            return 0

    def service_actions(self) -> None:
        if os.getppid() != self.starter:
            os._exit(0)


def serve(root: Path, port: int) -> int:
    """Build the book and show it, until Ctrl-C; return the exit status."""
    build, good = root / "_build", root / "_build" / "served"
    good.mkdir(parents=True, exist_ok=True)
    try:
        server = Server(good, port)
    except OSError as error:
        print(f"bookbuild: port {port}: {error.strerror}; choose another: make serve PORT=8001")
        return 2
    serving = _in_child(server.serve_forever)
    server.server_close()  # it is the child's now
    try:
        print("the first build takes a while", flush=True)
        own = _own_files()
        for name in IMPORTS:
            importlib.import_module(name)
        gc.freeze()  # or a build looks for garbage in all of them, again and again
        for _ in _changes(root):
            if own != _own_files():
                print("bookbuild has changed: it starts anew", flush=True)
                os.kill(serving, signal.SIGTERM)
                os.waitpid(serving, 0)
                os.execv(sys.executable, [sys.executable, "-m", "bookbuild", *sys.argv[1:]])
            begun = time.monotonic()
            if _build(root):
                _mirror(build, good)
                seconds = time.monotonic() - begun
                print(
                    f"{datetime.now():%X} built in {seconds:.1f} s: http://127.0.0.1:{port}",
                    flush=True,
                )
            else:
                if (good / "html.state").exists():
                    _mirror(good, build)
                print("the last good pages are still shown: mend what is told above", flush=True)
            state.remember(root, build / "html")
    except KeyboardInterrupt:
        print("\nbookbuild: the book is no longer shown")
    return 0


def _changes(root: Path) -> Iterator[None]:
    """Yield once at the start, and then whenever a file that the book is made of has changed."""
    seen: dict[str, int] = {}
    while True:
        now = state.times(root)
        if now != seen:
            time.sleep(0.1)  # an editor may write several files, or one in two steps
            if now == state.times(root):
                seen = now
                yield
        time.sleep(0.2)


def _build(root: Path) -> bool:
    """Build in a process that is a copy of this one; say whether all went well."""

    def build() -> int:
        from bookbuild.__main__ import build

        return build(root, quiet=True)

    child = _in_child(build)
    try:
        return os.waitpid(child, 0)[1] == 0
    except KeyboardInterrupt:
        os.waitpid(child, 0)  # it was interrupted too
        raise


def _in_child(task: Callable[[], int | None]) -> int:
    """Start a task in a copy of this process; return the copy's id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        code = task() or 0
    except KeyboardInterrupt:
        code = 130
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _mirror(source: Path, target: Path) -> None:
    """Make the folders of a build the same as another's; copy only what differs."""
    for name in FOLDERS:
        wanted = {file.relative_to(source) for file in (source / name).rglob("*")}
        there = {file.relative_to(target) for file in (target / name).rglob("*")}
        for path in sorted(there - wanted, reverse=True):
            if (target / path).is_dir():
                (target / path).rmdir()
            else:
                (target / path).unlink()
        for path in sorted(wanted):
            if (source / path).is_dir():
                (target / path).mkdir(parents=True, exist_ok=True)
            elif _differ(source / path, target / path):
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / path, target / path)
    new = target / "html.new"
    shutil.copy2(source / "html.state", new)
    new.replace(target / "html.state")


def _differ(one: Path, other: Path) -> bool:
    if not other.exists():
        return True
    a, b = one.stat(), other.stat()
    return (a.st_size, a.st_mtime_ns) != (b.st_size, b.st_mtime_ns)


def _own_files() -> dict[str, int]:
    folder = Path(__file__).parent
    return {file.name: file.stat().st_mtime_ns for file in folder.glob("*.py")}
