"""What runs inside the sandbox: it executes cells, and calls the functions that they define.

    python -m classroom.walls.runner REQUESTS ANSWERS

REQUESTS and ANSWERS are inherited file descriptors. Student code lives in this process, and may do
to it what it likes: nothing here is trusted, and the grader believes no answer but as a value.
"""

import ast
import builtins
import linecache
import math
import os
import re
import sys
import traceback

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from classroom.walls import wire

MAX_SHOWN = 50
MAX_IMAGE = 1_000_000
MAX_IMAGES = 4_000_000
MAX_SAID = 10_000


class _Hook(DisplayHook):
    """Keeps what a cell's last line shows, and prints nothing."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.keep_shown(format_dict)

    def finish_displayhook(self):
        self.flush = None


class _Publisher(DisplayPublisher):
    """Keeps what a cell displays."""

    def publish(self, data, metadata=None, **others):
        self.shell.keep_shown(data)

    def clear_output(self, wait=False):
        pass


class _Shell(InteractiveShell):
    """IPython without a terminal: magics, `!` lines and figures work; results are kept as data."""

    system = InteractiveShell.system_raw  # the other way needs a terminal

    def enable_gui(self, gui=None):
        """Do nothing: `%matplotlib inline` asks for it."""

    def init_displayhook(self):
        self.displayhook_class, self.display_pub_class = _Hook, _Publisher
        super().init_displayhook()

    def init_display_pub(self):
        self.forget()
        self.display_pub = _Publisher(parent=self, shell=self)

    def forget(self):
        self.shown, self.failure, self.room = [], None, MAX_IMAGES

    def keep_shown(self, data):
        kept = {"text/plain": str(data.get("text/plain", ""))[:MAX_SAID]}
        image = data.get("image/png")
        if isinstance(image, str) and len(image) < min(MAX_IMAGE, self.room):
            kept["image/png"] = image
            self.room -= len(image)
        if len(self.shown) < MAX_SHOWN:
            self.shown.append(kept)

    def _showtraceback(self, etype, evalue, stb):
        self.failure = {"trace": "\n".join(map(str, stb))[-MAX_SAID:]}


class Runner:
    """Answers the grader's requests, one after the other."""

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "NoColor"
        self.shell = _Shell.instance(config=config)
        builtins.input = _input
        self.handles, self.stopped = [], {}

    def answer(self, request: dict) -> bytes:
        """Return one request's answer, whatever student code does meanwhile."""
        try:
            reply = getattr(self, request["do"])(request)
            return wire.encode({"id": request["id"], **reply}, self.keep)
        except wire.WireError as error:
            reply = {"kind": "unfit", "said": str(error)}
        except BaseException as error:
            reply = {"kind": "raised", **_told(error)}
        return wire.encode({"id": request["id"], **reply})

    def start(self, request):
        return {"kind": "started"}

    def run(self, request):
        self.shell.forget()
        result = self.shell.run_cell(request["source"], store_history=True)
        error = result.error_before_exec or result.error_in_exec
        sys.stdout.flush()
        sys.stderr.flush()
        failure = None if error is None else {**_told(error), **(self.shell.failure or {})}
        if result.error_in_exec:
            self.stopped[request["source"]] = _line_of(result.error_in_exec)
        return {"kind": "ran", "failure": failure, "shown": self.shell.shown}

    def rest(self, request):
        """Run what stands below the line at which a cell failed, each statement by itself."""
        source = request["source"]
        for node in ast.parse(self.shell.transform_cell(source)).body:
            if node.lineno > self.stopped.get(source, math.inf):
                self.shell.run_cell(ast.unparse(node))
        return {"kind": "ran", "failure": None, "shown": []}

    def call(self, request):
        target = request["target"]
        if isinstance(target, int):
            function = self.handles[target]
        elif target in self.shell.user_ns:
            function = self.shell.user_ns[target]
        else:
            return {"kind": "missing"}
        return {"kind": "value", "value": function(*request["args"], **request["kwargs"])}

    def read(self, request):
        import jupytext  # seldom needed, and slow to import

        cells = jupytext.reads(request["text"], fmt=request["form"]).cells
        marks = [{"nbgrader": dict(cell.metadata.get("nbgrader", {}))} for cell in cells]
        return {
            "kind": "read",
            "cells": [
                {"cell_type": cell.cell_type, "source": cell.source, "metadata": mark}
                for cell, mark in zip(cells, marks, strict=True)
            ],
        }

    def keep(self, function):
        self.handles.append(function)
        return len(self.handles) - 1


def _input(prompt="", /):
    raise EOFError("while this is graded, nobody answers input(): write the value into the cell")


def _told(error):
    """Return an error as texts: its type, what it says, and the line of the cell where it arose."""
    where = ""
    if cells := _in_cells(error):
        line = linecache.getline(cells[-1].filename, cells[-1].lineno).strip()
        where = f"line {cells[-1].lineno}: {line}"[:500]
    try:
        said = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # an error of the student's own making may fail to tell itself
        said = ""
    if isinstance(error, SyntaxError):
        where = f"line {error.lineno}: {(error.text or '').strip()}"[:500]
    return {"type": type(error).__name__[:100], "said": str(said)[:MAX_SAID], "where": where}


def _in_cells(error):
    """Return the frames of an error's traceback that lie in cells, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if re.search("ipython-input|ipykernel", frame.filename)]


def _line_of(error):
    """Return the line of its cell that an error ended."""
    return next((frame.lineno for frame in _in_cells(error)), math.inf)


def _read(file, count):
    """Return so many bytes, or none at the end."""
    data = file.read(count)
    return data if len(data) == count else b""


def main(requests: int, answers: int) -> None:
    """Serve requests until there are no more."""
    for descriptor in (requests, answers):
        os.set_inheritable(descriptor, False)
    incoming, outgoing = open(requests, "rb"), open(answers, "wb", buffering=0)
    runner = Runner()
    while prefix := _read(incoming, wire.PREFIX.size):
        message = prefix + _read(incoming, sum(wire.sizes(prefix)))
        reply = memoryview(runner.answer(wire.decode(message)))
        while reply:
            reply = reply[outgoing.write(reply) :]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
