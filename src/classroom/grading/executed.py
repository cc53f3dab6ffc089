"""A graded notebook and its outputs as data: text and pictures, nothing that a page would run."""

import re
from collections.abc import Callable

from nbformat import v4

from classroom.exercises.cells import Cell
from classroom.walls.session import Outcome

PICTURE = re.compile(r"[A-Za-z0-9+/=\n]{1,2000000}")
MAX_SHOWN = 50


def executed_notebook(cells: list[Cell], outcome: Callable[[Cell], Outcome]) -> dict:
    """Return a notebook's JSON, of a student's cells and what became of them."""
    made = []
    for number, cell in enumerate(cells):
        if cell.kind == "code":
            new = v4.new_code_cell(cell.source, outputs=_outputs(outcome(cell)))
        else:
            new = v4.new_markdown_cell(cell.source)
        made.append(new | {"id": f"cell-{number}", "metadata": _marks(cell)})
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}


def _marks(cell):
    return {"nbgrader": {"grade_id": cell.name}} if cell.name else {}


def _outputs(outcome):
    outputs = []
    if outcome.printed:
        outputs.append(v4.new_output("stream", text=outcome.printed))
    for shown in outcome.shown[:MAX_SHOWN]:
        if data := _safe(shown):
            outputs.append(v4.new_output("display_data", data))
    if failure := outcome.failure:
        trace = (failure["trace"] or f"{failure['type']}: {failure['said']}").split("\n")
        texts = {"ename": failure["type"], "evalue": failure["said"], "traceback": trace}
        outputs.append(v4.new_output("error", **texts))
    return outputs


def _safe(shown):
    """Return the text and picture that a cell showed; the sandbox could have sent anything."""
    data = {}
    if type(shown) is dict:
        text, picture = shown.get("text/plain"), shown.get("image/png")
        if type(text) is str:
            data["text/plain"] = text[:10_000].encode("utf8", "replace").decode()
        if type(picture) is str and PICTURE.fullmatch(picture):
            data["image/png"] = picture
    return data
