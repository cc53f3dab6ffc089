"""A topic builds on the topics before it, and all that it offers is documented."""

import ast
import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "src" / "lessons"
# Each may import those before it; `fit`, the training loop, serves all topics.
ORDER = (
    "fit",
    "tokens",
    "recurrence",
    "attention",
    "positions",
    "blocks",
    "families",
    "generation",
    "models",
    "interpretation",
    "limits",
)
# What serves chapters, and the topics that it may import.
SERVING = {"plots": {"attention", "positions"}, "show": set()}
# What lessons know nothing of.
FOREIGN = {"bookbuild", "classroom", "sphinx", "myst_nb", "IPython", "nbformat", "jupyter_cache"}
OPEN_TO_ALL = {"show": {"IPython"}}


def module_files() -> list[Path]:
    return sorted(path for path in LESSONS.rglob("*.py"))


def room(path: Path, lessons: Path = LESSONS) -> str:
    """Return the topic that a file belongs to, or the module at the top."""
    return path.relative_to(lessons).with_suffix("").parts[0]


def may_import(topic: str) -> set[str]:
    if topic in SERVING:
        return SERVING[topic] | {topic}
    return {*ORDER[: ORDER.index(topic)], topic}


def import_problems(source: str, topic: str) -> list[str]:
    """Return the imports that a file of a topic must not have."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            # The key of a chapter's outputs follows absolute imports.
            names.append("." * node.level + (node.module or ""))
        elif isinstance(node, ast.ImportFrom):
            both = [f"{node.module}.{alias.name}" for alias in node.names]
            names += both if node.module == "lessons" else [node.module]
    problems = []
    for name in names:
        parts = name.split(".")
        if name.startswith("."):
            problems.append(f"{name} is relative")
        elif parts[0] in FOREIGN - OPEN_TO_ALL.get(topic, set()):
            problems.append(f"{topic} imports {parts[0]}")
        elif parts[0] == "lessons" and (len(parts) == 1 or parts[1] not in may_import(topic)):
            problems.append(f"{topic} imports {name}")
    return problems


def known(path: Path) -> bool:
    return room(path) in {*ORDER, *SERVING, "__init__"}


@pytest.mark.parametrize("path", module_files(), ids=lambda path: str(path.relative_to(LESSONS)))
def test_a_topic_imports_topics_before_it(path):
    assert known(path), f"{room(path)} is no topic: give it a place in ORDER"
    if path != LESSONS / "__init__.py":
        assert import_problems(path.read_text("utf8"), room(path)) == []
    else:
        assert not re.search(r"^\s*(import|from)\b", path.read_text("utf8"), re.M)


@pytest.mark.parametrize(
    ("topic", "source", "problems"),
    [
        ("positions", "from lessons.attention import causal_mask\nimport torch", []),
        ("positions", "from lessons.positions.rotary import rotate", []),
        ("plots", "from lessons.attention import soft_lookup", []),
        ("show", "from IPython.display import Markdown", []),
        ("attention", "from lessons.positions import rotate", ["attention imports lessons.positi"]),
        ("attention", "import lessons.positions", ["attention imports lessons.positions"]),
        ("attention", "from lessons import positions", ["attention imports lessons.positions"]),
        ("attention", "import lessons", ["attention imports lessons"]),
        ("attention", "def f():\n    import lessons.limits", ["attention imports lessons.limits"]),
        ("interpretation", "from lessons.plots import lines", ["interpretation imports lessons"]),
        ("interpretation", "from lessons.show import show", ["interpretation imports lessons.s"]),
        ("attention", "import bookbuild", ["attention imports bookbuild"]),
        ("attention", "from sphinx.util import logging", ["attention imports sphinx"]),
        ("attention", "from IPython.display import SVG", ["attention imports IPython"]),
        ("plots", "from lessons.models import load", ["plots imports lessons.models"]),
        ("attention", "from .masks import causal_mask", [".masks is relative"]),
    ],
)
def test_wrong_imports_are_noticed(topic, source, problems):
    found = import_problems(source, topic)
    assert len(found) == len(problems)
    assert all(one.startswith(start) for one, start in zip(found, problems, strict=True))


def modules_of(topic: str) -> list[str]:
    """Return the modules of a topic that can be documented: all but the package's own."""
    if (LESSONS / f"{topic}.py").is_file():
        return [f"lessons.{topic}"]
    files = (LESSONS / topic).rglob("*.py")
    return [
        ".".join(("lessons", *path.relative_to(LESSONS).with_suffix("").parts))
        for path in sorted(files)
        if path.name not in {"__init__.py", "__main__.py"}
    ]


def undocumented(page: str, modules: list[str]) -> list[str]:
    """Return the modules that an API page does not document once, with their members."""
    found = re.findall(r"^\.\. automodule:: (\S+)\n   :members:$", page, re.M)
    return [name for name in modules if found.count(name) != 1]


ROOMS = [name for name in (*ORDER, *SERVING) if list(LESSONS.glob(f"{name}*"))]


@pytest.mark.parametrize("topic", ROOMS)
def test_each_module_has_its_entry_on_the_api_pages(topic):
    page = (ROOT / "book" / "reference" / "api" / f"{topic}.md").read_text("utf8")
    assert modules_of(topic)
    assert undocumented(page, modules_of(topic)) == []


def test_undocumented_modules_are_noticed():
    page = ".. automodule:: lessons.a.b\n   :members:\n\n.. automodule:: lessons.a.c\n"
    assert undocumented(page, ["lessons.a.b"]) == []
    assert undocumented(page, ["lessons.a.b", "lessons.a.c", "lessons.a.d"]) == [
        "lessons.a.c",
        "lessons.a.d",
    ]


def classroom_modules() -> list[str]:
    source = ROOT / "src"
    return [
        ".".join(path.relative_to(source).with_suffix("").parts)
        for path in sorted((source / "classroom").rglob("*.py"))
        if path.name not in {"__init__.py", "__main__.py"}
    ]


def test_each_module_of_the_classroom_has_its_entry_on_its_api_page():
    page = (ROOT / "book" / "reference" / "api" / "classroom.md").read_text("utf8")
    assert "lab.journal" in classroom_modules()
    assert undocumented(page, classroom_modules()) == []


PACKAGES = [name for name in ROOMS if (LESSONS / name).is_dir()]
OFFERED = [
    (topic, name)
    for topic in PACKAGES
    for name in getattr(importlib.import_module(f"lessons.{topic}"), "__all__", [])
]


@pytest.mark.parametrize("topic", PACKAGES)
def test_what_a_topic_offers_is_what_it_imports(topic):
    package = importlib.import_module(f"lessons.{topic}")
    tree = ast.parse((LESSONS / topic / "__init__.py").read_text("utf8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(package.__all__) == imported
    assert package.__all__ == sorted(package.__all__)


def docstring_problems(thing) -> list[str]:
    """Say what a public object's docstring lacks: a sentence, or an example that runs."""
    text = inspect.getdoc(thing) or ""
    problems = []
    if not re.match(r"[^\n]+\.(\n|$)", text):
        problems.append("its docstring does not begin with a sentence on one line")
    # A class shows its use in its methods; a context manager in the chapters.
    shown = inspect.isclass(thing) or inspect.isgeneratorfunction(inspect.unwrap(thing))
    if not shown and not doctest.DocTestParser().get_examples(text):
        problems.append("it has no doctest")
    return problems


# These need a pretrained encoder, which takes a second to open; chapters and tests show them.
WITHOUT_DOCTEST = {
    "heads_by_importance",
    "sense_vector",
    "sentence_vectors",
    "similarity_without",
    "word_vectors",
}


@pytest.mark.parametrize(("topic", "name"), OFFERED)
def test_what_a_topic_offers_is_documented(topic, name):
    thing = getattr(importlib.import_module(f"lessons.{topic}"), name)
    allowed = ["it has no doctest"] if name in WITHOUT_DOCTEST else []
    assert docstring_problems(thing) == allowed


def test_bad_docstrings_are_noticed():
    def good():
        """Say one.

        >>> 1
        1
        """

    def untold():
        pass

    def told_without_example():
        """Say one."""

    def no_sentence():
        """One
        >>> 1
        1
        """

    assert docstring_problems(good) == []
    assert len(docstring_problems(untold)) == 2
    assert docstring_problems(told_without_example) == ["it has no doctest"]
    assert docstring_problems(no_sentence) == [
        "its docstring does not begin with a sentence on one line"
    ]
