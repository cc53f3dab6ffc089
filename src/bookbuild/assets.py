"""Bring what pages need with the site itself, so that no page asks another host."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.osutil import copyfile

from bookbuild import stylesheet
from bookbuild.builder import BookBuilder

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "lessons" / "models" / "weights"
MODELS = ("encoder", "decoder", "translator")
MODEL_FILES = ("config.json", "tokenizer.json", "model.safetensors")


def add_folders(app: Sphinx, config: Config) -> None:
    # Not as `_static` beside the sources: Jupyter Book puts all of that on every page.
    config.html_static_path.append(str(HERE / "static"))
    config.html_static_path.append(str(HERE.parent / "lessons" / "plots" / "vendor"))
    config.templates_path.insert(0, str(HERE / "templates"))


def collect_stylesheets(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Note which stylesheets a page asks for, and give it the bundle instead."""
    if isinstance(app.builder, BookBuilder):
        names = (str(sheet.filename) for sheet in context["css_files"])
        app.builder.page.sheets = [name.removeprefix("_static/").split("?")[0] for name in names]
        context["css_files"] = []


def bundle(app: Sphinx, error: Exception | None) -> None:
    if error is None and isinstance(app.builder, BookBuilder):
        pages = [page for _, page in sorted(app.builder.kept.pages.items())]
        stylesheet.write_bundle(
            Path(app.outdir),
            dict.fromkeys(sheet for page in pages for sheet in page.sheets),
            names=set().union(*(page.names for page in pages)),
            characters=set().union(*(page.characters for page in pages)),
            kept=Path(app.outdir).parent / "stylesheet",
        )


def copy_models(app: Sphinx, error: Exception | None) -> None:
    """Put the book's models beside its pages, where live figures read them."""
    if error is None and isinstance(app.builder, BookBuilder):
        for name in MODELS:
            folder = Path(app.outdir) / "_static" / "models" / name
            folder.mkdir(parents=True, exist_ok=True)
            for file in MODEL_FILES:
                copyfile(WEIGHTS / name / file, folder / file)  # only what differs


def setup(app: Sphinx) -> None:
    app.add_css_file("house.css", priority=900)
    app.connect("config-inited", add_folders)
    app.connect("html-page-context", collect_stylesheets, priority=900)
    app.connect("build-finished", copy_models)
    app.connect("build-finished", bundle, priority=900)  # the theme writes its last sheet there
