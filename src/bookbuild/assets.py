"""Bring what pages need with the site itself, so that no page asks another host."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.osutil import copyfile

from bookbuild import pages, stylesheet
from bookbuild.builder import BookBuilder
from lessons.models.loading import wheels

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "lessons" / "models" / "weights"
MODELS = ("encoder", "decoder", "translator")
MODEL_FILES = ("config.json", "tokenizer.json", "model.safetensors")
SCRIPTS = "book.js"
# In each page these run after what Sphinx and its extensions add. All but the last are the book's
# own: what pages use of Bootstrap, and of sphinx-copybutton, is an eighth of their scripts.
THEME = "scripts/pydata-sphinx-theme.js"
THEME_SCRIPTS = ("bootstrap.js", "copy.js", "stops.js", "contents.js", THEME)
# There the theme begins to measure all boxes of code when a page is loaded and after each change,
# for which all of the page is laid out. `stops.js` measures those that are laid out anyway.
MEASURES = ',"complete"===document.readyState?T():window.addEventListener("load",T)'
EIGHT_BITS = HERE.parent / "lessons" / "models" / "loading" / "eight_bits.py"


def add_folders(app: Sphinx, config: Config) -> None:
    # Not as `_static` beside the sources: Jupyter Book puts all of that on every page.
    config.html_static_path.append(str(HERE / "static"))
    config.templates_path.insert(0, str(HERE / "templates"))


def collect(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Note which stylesheets and waiting scripts a page asks for; it gets them joined instead."""
    if isinstance(app.builder, BookBuilder):
        waiting = [script for script in context["script_files"] if "defer" in script.attributes]
        app.builder.page.sheets = _names(context["css_files"])
        app.builder.page.scripts = _names(waiting)
        context["css_files"] = []
        context["script_files"] = [one for one in context["script_files"] if one not in waiting]


def _names(files: Iterable) -> list[str]:
    """Return what a page asks for, relative to `_static`."""
    return [str(file.filename).removeprefix("_static/").split("?")[0] for file in files]


def bundle(app: Sphinx, error: Exception | None) -> None:
    """Write the one script and the one stylesheet of the site."""
    if error is None and isinstance(app.builder, BookBuilder):
        pages = [page for _, page in sorted(app.builder.kept.pages.items())]
        join_scripts(
            Path(app.outdir) / "_static",
            [*dict.fromkeys(name for page in pages for name in page.scripts), *THEME_SCRIPTS],
        )
        stylesheet.write_bundle(
            Path(app.outdir),
            dict.fromkeys(sheet for page in pages for sheet in page.sheets),
            names=set().union(*(page.names for page in pages)),
            characters=set().union(*(page.characters for page in pages)),
            kept=Path(app.outdir).parent / "stylesheet",
        )


def join_scripts(static: Path, names: Iterable[str]) -> None:
    """Join scripts in their order, without the addresses of maps, which would map another file.

    The semicolon before each ends the one before, and keeps the first one's "use strict" from
    all others, some of which are not written for it. The theme's run one by one when the browser
    has nothing else to do, so that a slow phone answers between.
    """
    texts = {name: _script(static, name) for name in names}
    parts = (f";/* {name} */\n{text}\n" for name, text in texts.items())
    (static / SCRIPTS).write_text("".join(parts), "utf8")


def _script(static: Path, name: str) -> str:
    text = re.sub("//# sourceMappingURL=.*", "", (static / name).read_text("utf8")).strip()
    if name == THEME:
        if text.count(MEASURES) != 1:
            raise ValueError(
                f"{name} no longer says {MEASURES}: "
                "see how it measures boxes of code now, and mend MEASURES"
            )
        text = text.replace(MEASURES, "")
    return f"setTimeout(() => {{\n{text}\n}});" if name in THEME_SCRIPTS else text


def copy_models(app: Sphinx, error: Exception | None) -> None:
    """Put the book's models beside its pages, where live figures read them."""
    if error is None and isinstance(app.builder, BookBuilder):
        for name in MODELS:
            folder = Path(app.outdir) / "_static" / "models" / name
            folder.mkdir(parents=True, exist_ok=True)
            for file in MODEL_FILES:
                copyfile(WEIGHTS / name / file, folder / file)  # only what differs
        if any(pages.ASKS_MINILM in page.names for page in app.builder.kept.pages.values()):
            write_minilm(Path(app.outdir) / "_static" / "models" / "minilm")


def write_minilm(folder: Path) -> None:
    """Write MiniLM in 8 bits, and beside it the name and the size of its file.

    The name is made of what the file was made of: a browser may keep it, and so may a folder.
    """
    made_of = hashlib.sha256(EIGHT_BITS.read_bytes())
    for file in distribution(wheels.WHEELS["encoder"].package).files or ():
        if file.hash and file.name in ("config.json", "model.safetensors", "tokenizer.json"):
            made_of.update(f"{file} {file.hash.value}\n".encode())
    model, told = folder / f"minilm-{made_of.hexdigest()[:12]}.safetensors", folder / "file.json"
    with suppress(OSError, ValueError):
        if json.loads(told.read_text("utf8")) == _name_and_size(model):
            return
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    make_eight_bits(model)
    told.write_text(json.dumps(_name_and_size(model)), "utf8")


def make_eight_bits(file: Path) -> None:
    """Write MiniLM in 8 bits, by a process of its own, for PyTorch takes much memory."""
    subprocess.run([sys.executable, "-m", "lessons.models.loading.eight_bits", file], check=True)


def _name_and_size(file: Path) -> dict:
    return {"name": file.name, "bytes": file.stat().st_size}


def setup(app: Sphinx) -> None:
    app.add_css_file("face.css", priority=899)
    app.add_css_file("house.css", priority=900)
    app.connect("config-inited", add_folders)
    app.connect("html-page-context", collect, priority=950)  # after the repairs of the page
    app.connect("build-finished", copy_models)
    app.connect("build-finished", bundle, priority=900)  # the theme writes its last sheet there
