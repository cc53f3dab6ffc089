"""A topic builds on the topics before it, a chapter has its room, and all is documented."""

import ast
import doctest
import importlib
import inspect
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from myst_nb.core.read import read_myst_markdown_notebook

from bookbuild.dependencies import chapter_files, direct_files, lesson_files, names_used

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
LESSONS = SOURCE / "lessons"
# Each may import those before it; `tensors` and `fit`, the training loop, serve all topics.
ORDER = (
    "tensors",
    "fit",
    "foundations",
    "tokens",
    "recurrence",
    "attention",
    "positions",
    "blocks",
    "families",
    "generation",
    "models",
    "training",
    "adaptation",
    "alignment",
    "practice",
    "interpretation",
    "limits",
)
# What serves chapters, and the topics that it may import.
SERVING = {"plots": {"attention", "positions"}, "show": set()}
# What lessons know nothing of.
FOREIGN = {
    *("bookbuild", "classroom", "lab", "sphinx", "myst_nb", "IPython", "nbformat"),
    "jupyter_cache",
}
OPEN_TO_ALL = {"show": {"IPython"}}
# Rooms of what is no topic of chapters.
ROOMS_OF_MODELS = {"grammar", "judging", "loading", "making", "open_english", "texts"}
ROOMS_OF_CLASSROOM = ("exercises", "walls", "grading", "course")  # each may import those before it
# Run by `python -m`, by make or by an installed command.
COMMANDS = {
    "lessons.models.making.train",
    "lessons.models.judging.card",
    "lessons.models.judging.wheel_card",
    "lessons.models.loading.prepared",
    "lessons.models.loading.eight_bits",
    "lessons.adaptation.question_answering.make_adapter",
    "lessons.alignment.dpo.make_short_answers",
    "lessons.training.gpt_from_scratch.make_gpt",
    "lessons.alignment.preferences.plane_of_seeds",
    "classroom.exercises.handout",
    "classroom.course.cli",
    "classroom.grading.submission",
    "classroom.walls.runner",
}


def module_files() -> list[Path]:
    return sorted(path for path in LESSONS.rglob("*.py"))


def room(path: Path, lessons: Path = LESSONS) -> str:
    """Return the topic that a file belongs to, or the module at the top."""
    return path.relative_to(lessons).with_suffix("").parts[0]


def may_import(topic: str) -> set[str]:
    if topic in SERVING:
        return SERVING[topic] | {topic}
    return {*ORDER[: ORDER.index(topic)], topic}


def imported_names(source: str) -> list[str]:
    """Return the dotted names that a source imports; relative ones begin with a dot."""
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
    return names


def import_problems(source: str, topic: str) -> list[str]:
    """Return the imports that a file of a topic must not have."""
    problems = []
    for name in imported_names(source):
        parts = name.split(".")
        if name.startswith("."):
            problems.append(f"{name} is relative")
        elif parts[0] in FOREIGN - OPEN_TO_ALL.get(topic, set()):
            problems.append(f"{topic} imports {parts[0]}")
        elif parts[0] == "lessons" and (len(parts) == 1 or parts[1] not in may_import(topic)):
            problems.append(f"{topic} imports {name}")
    return problems


def room_problems(module: str, files: list[str], rooms: set[str]) -> list[str]:
    """Return the rooms of its topic that a module reaches into: only its own is open to it.

    Args:
        module: The module's dotted name.
        files: The dotted names of the modules that it imports.
        rooms: The topic's rooms.
    """
    _, topic, *rest = module.split(".")
    own = rest[0] if len(rest) > 1 else None
    reached = {
        name.split(".")[2]
        for name in files
        if name.startswith(f"lessons.{topic}.") and len(name.split(".")) > 3
    }
    return [
        f"{module} imports from the room {other}: move what both need to the root of {topic}"
        for other in sorted(reached & rooms)
        if other != own
    ]


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


def api_page_of(module: str) -> str:
    """Return the page that a module's entry belongs on: its room's, or its topic's."""
    topic, *parts = module.split(".")[1:]
    room = f"/{parts[0].replace('_', '-')}" if len(parts) > 1 else ""
    return f"{topic}{room}.md"


def undocumented(page: str, modules: list[str]) -> list[str]:
    """Return the modules that an API page does not document once, with their members."""
    found = re.findall(r"^\.\. automodule:: (\S+)\n   :members:$", page, re.M)
    return [name for name in modules if found.count(name) != 1]


ROOMS = [name for name in (*ORDER, *SERVING) if list(LESSONS.glob(f"{name}*"))]


@pytest.mark.parametrize("topic", ROOMS)
def test_each_module_has_its_entry_on_the_api_pages(topic):
    assert modules_of(topic)
    by_page: dict[str, list[str]] = {}
    for module in modules_of(topic):
        by_page.setdefault(api_page_of(module), []).append(module)
    for name, modules in by_page.items():
        page = (ROOT / "book" / "reference" / "api" / name).read_text("utf8")
        assert undocumented(page, modules) == [], f"book/reference/api/{name}"


def test_undocumented_modules_are_noticed():
    page = ".. automodule:: lessons.a.b\n   :members:\n\n.. automodule:: lessons.a.c\n"
    assert undocumented(page, ["lessons.a.b"]) == []
    assert undocumented(page, ["lessons.a.b", "lessons.a.c", "lessons.a.d"]) == [
        "lessons.a.c",
        "lessons.a.d",
    ]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def modules_in(package: str) -> list[str]:
    files = sorted((SOURCE / package).rglob("*.py"))
    return [dotted(path) for path in files if path.name not in {"__init__.py", "__main__.py"}]


@pytest.mark.parametrize(
    ("package", "one"), [("classroom", "classroom.walls.sandbox"), ("lab", "lab.journal")]
)
def test_each_module_has_its_entry_on_its_packages_page(package, one):
    page = (ROOT / "book" / "reference" / "api" / f"{package}.md").read_text("utf8")
    assert one in modules_in(package)
    assert undocumented(page, modules_in(package)) == []


# ------------------------------------------------------------------------------- a chapter's room


def chapters_of(topic: str) -> list[str]:
    """Return a topic's chapters, named as a module could be."""
    return [path.stem.replace("-", "_") for path in sorted((ROOT / "book" / topic).glob("*.md"))]


TOPICS = [topic for topic in ORDER if chapters_of(topic)]


def rooms_of(topic: str) -> set[str]:
    return {path.parent.name for path in (LESSONS / topic).glob("*/__init__.py")}


def unlike(topic: str, chapters: list[str], rooms: set[str]) -> list[str]:
    """Say which chapter of a topic has no room, and which room no chapter."""
    wanted = set(chapters) if len(chapters) > 1 else set()
    return [
        *(
            f"book/{topic}/{name.replace('_', '-')}.md has no src/lessons/{topic}/{name}/"
            for name in sorted(wanted - rooms)
        ),
        *(
            f"src/lessons/{topic}/{name}/ has no book/{topic}/{name.replace('_', '-')}.md"
            for name in sorted(rooms - wanted)
        ),
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_each_chapter_has_its_room_and_each_room_its_chapter(topic):
    assert unlike(topic, chapters_of(topic), rooms_of(topic)) == []
    tests = ROOT / "tests" / "lessons" / topic
    folders = {path.name for path in tests.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders <= rooms_of(topic), f"a folder in {tests} is named like no room"


def test_a_missing_room_and_a_missing_chapter_are_named():
    assert unlike("limits", ["a_b", "c"], {"c", "d"}) == [
        "book/limits/a-b.md has no src/lessons/limits/a_b/",
        "src/lessons/limits/d/ has no book/limits/d.md",
    ]
    assert unlike("limits", ["a"], set()) == []


def test_models_and_the_classroom_have_their_rooms():
    assert rooms_of("models") == ROOMS_OF_MODELS
    rooms = {path.parent.name for path in (SOURCE / "classroom").glob("*/__init__.py")}
    assert rooms == set(ROOMS_OF_CLASSROOM)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_room_imports_its_own_topics_root_and_earlier_topics(topic):
    for module in modules_of(topic):
        source = (SOURCE / module.replace(".", "/")).with_suffix(".py").read_text("utf8")
        files = [
            name.removesuffix(".py").replace("/", ".")
            for used in names_used(source)
            for name in direct_files(used)
        ]
        assert room_problems(module, files, rooms_of(topic)) == []


def test_a_room_that_reaches_into_another_is_noticed():
    reach = [
        "lessons.limits.a.online",
        "lessons.limits.parts",
        "lessons.attention.multi_head.masks",
    ]
    assert room_problems("lessons.limits.a.tiled", reach, {"a", "b"}) == []
    for other in ("lessons.limits.b.faults", "lessons.limits.root"):
        assert len(room_problems(other, reach, {"a", "b"})) == 1


@pytest.mark.parametrize("module", modules_in("classroom"))
def test_the_classrooms_rooms_import_those_before_them(module):
    own = module.split(".")[1]
    open_to_it = ROOMS_OF_CLASSROOM[: ROOMS_OF_CLASSROOM.index(own) + 1]
    source = (SOURCE / module.replace(".", "/")).with_suffix(".py").read_text("utf8")
    for name in imported_names(source):
        assert name.split(".")[0] != "lab", f"{module} imports {name}: the lab stands alone"
        if name.startswith("classroom."):
            assert name.split(".")[1] in open_to_it, f"{module} imports {name}"


@pytest.mark.parametrize("module", modules_in("lab"))
def test_the_lab_shares_nothing_with_the_classroom(module):
    source = (SOURCE / module.replace(".", "/")).with_suffix(".py").read_text("utf8")
    assert not [name for name in imported_names(source) if name.startswith(("classroom", "."))]


def test_no_two_modules_are_told_apart_by_their_folder_only():
    names = Counter(path.stem for path in module_files() if path.name != "__init__.py")
    names.update({name for topic in TOPICS for name in {topic, *rooms_of(topic)}})
    names -= Counter({"fit": 1})  # a module at the top, which is counted as a topic too
    assert [name for name, count in names.items() if count > 1] == []


@cache
def readers() -> dict[str, set[str]]:
    """Return for each module the chapters, sheets and commands whose code reaches it."""
    found: dict[str, set[str]] = {}
    pages = [*ROOT.glob("book/*/*.md"), *ROOT.glob("solutions/*.md"), ROOT / "index.md"]
    for page in sorted(pages):
        text = page.read_text("utf8")
        if "{code-cell}" in text:
            notebook = read_myst_markdown_notebook(text, path=page)
            cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
            for file in chapter_files(cells):
                name = file.removesuffix(".py").replace("/", ".")
                found.setdefault(name, set()).add(page.relative_to(ROOT).as_posix())
    for command in COMMANDS:
        for file in lesson_files([command]):
            found.setdefault(file.removesuffix(".py").replace("/", "."), set()).add(command)
    return found


@pytest.mark.parametrize("module", modules_in("lessons"))
def test_each_module_is_used_and_stands_where_its_readers_are(module):
    reached = readers().get(module, set())
    assert reached, f"{module} is reached by no chapter, exercise or command: use it or delete it"
    _, topic, *rest = module.split(".")
    if topic not in TOPICS or len(chapters_of(topic)) == 1:
        return
    own = [page for page in reached if page.startswith(f"book/{topic}/")]
    others = [page for page in reached - set(own) if page.startswith("book/")]
    if len(own) == 1 and not others:
        place = Path(own[0]).stem.replace("-", "_")
        assert rest[0] == place, f"{module} serves {own[0]} alone: move it to the room {place}"
    if len(own) > 1:
        assert len(rest) == 1, f"{module} serves {', '.join(own)}: move it to the topic's root"


PACKAGES = [name for name in ROOMS if (LESSONS / name).is_dir()]
OFFERED = [
    (topic, name)
    for topic in PACKAGES
    for name in importlib.import_module(f"lessons.{topic}").__all__
]


@pytest.mark.parametrize("topic", PACKAGES)
def test_a_topic_offers_names_that_no_module_of_it_has(topic):
    """Once it is loaded, a module would stand where the name is looked for."""
    folder = LESSONS / topic
    inside = {path.stem for path in folder.glob("*.py")} | {path.name for path in folder.iterdir()}
    assert not inside & set(importlib.import_module(f"lessons.{topic}").__all__)


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


# These need a trained model, which takes a second to open; chapters and tests show them.
WITHOUT_DOCTEST = {
    "adapter_of",
    "count_claims",
    "heads_by_importance",
    "how_surely",
    "leaning_in_frames",
    "lit_llama",
    "load_adapter",
    "losses",
    "lower_states",
    "mark_of_base",
    "mean_writing",
    "moved_by_fillers",
    "next_logits",
    "run_blocks",
    "said",
    "save_adapter",
    "sense_vector",
    "silenced",
    "similarity_without",
    "teach",
    "upper_logits",
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
