"""A page with live figures alone, in the book's style: a figure can be tried without the book."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import bookbuild
from bookbuild.assets import MODEL_FILES, MODELS, WEIGHTS, write_minilm
from lessons.plots import ThemedFigure

STATIC = Path(bookbuild.__file__).parent / "static"
COLORS = """:root { --pst-color-background: #fff; --pst-color-border: #ccc }
body { color: #222; background: #fff; font-family: sans-serif; margin: 0 1rem }
figure { margin: 0 0 1rem }"""


def write_page(
    folder: Path,
    figures: Mapping[str, ThemedFigure],
    changed: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Write a page `index.html` with the figures, each under its name, and what they need.

    Args:
        folder: Where the page is written.
        figures: By the name that each has on the page.
        changed: What is exchanged, to break it, in which file of the book's `static`.
    """
    for name in ("live", "house.css"):
        source, target = STATIC / name, folder / "_static" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    for name, (right, wrong) in (changed or {}).items():
        source = (STATIC / name).read_text("utf-8")
        assert right in source, f"{name} has no {right}"
        (folder / "_static" / name).write_text(source.replace(right, wrong), "utf-8")
    for model in MODELS:
        there = folder / "_static" / "models" / model
        there.mkdir(parents=True)
        for file in MODEL_FILES:
            shutil.copyfile(WEIGHTS / model / file, there / file)
    shown = "".join(
        f'<figure id="{name}">{figure._repr_html_()}</figure>' for name, figure in figures.items()
    )
    if any(
        (figure.live or ("", {}))[1].get("reads", {}).get("kind") == "minilm"
        for figure in figures.values()
    ):
        write_minilm(folder / "_static" / "models" / "minilm")
    names = sorted({figure.live[0] for figure in figures.values() if figure.live})
    scripts = "".join(
        f'<script type="module" src="_static/live/{name}.js"></script>' for name in names
    )
    # All figures are started at once, wherever they stand.
    near = """<script>window.IntersectionObserver = class {
      constructor(tell) { this.tell = tell; }
      observe(target) { this.tell([{ isIntersecting: true, target }]); }
      unobserve() {}
    };</script>"""
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f'<style>{COLORS}</style><link rel="stylesheet" href="_static/house.css">'
        f"<body><main><h1>Figures</h1>{shown}</main>{near}{scripts}",
        "utf-8",
    )
