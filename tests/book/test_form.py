"""Each chapter has the form that readers find in all chapters."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOPICS = (
    "foundations",
    "tokens",
    "recurrence",
    "attention",
    "positions",
    "blocks",
    "families",
    "generation",
    "training",
    "adaptation",
    "alignment",
    "practice",
    "interpretation",
    "limits",
)
FOLDERS = (*TOPICS, "lab")
CHAPTERS = sorted(
    str(path.relative_to(ROOT)) for folder in FOLDERS for path in ROOT.glob(f"book/{folder}/*.md")
)
# What instructors write; what students get is made of it.
SHEETS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("solutions/*.md"))
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?:---\n(.*?)^---\n)?(.*?)^```$", re.M | re.S)
SECTIONS = ("Summary", "Exercises", "Sources")
# Modules that speak to other hosts, and calls that would.
NETWORK = {"urllib", "requests", "httpx", "http", "socket", "ftplib", "aiohttp", "huggingface_hub"}
BRITISH = (
    "behaviour|colou?rise\\w*|colour\\w*|neighbour\\w*|centre[ds]?|normalis\\w+|tokenis\\w+|"
    "summaris\\w+|visualis\\w+|optimis\\w+|initialis\\w+|generalis\\w+|recognis\\w+|"
    "labelled|modell\\w+|travell\\w+|favour\\w*|analys(?:e[ds]?|ing)|licence|defence|grey|"
    "whilst|learnt|spoilt|programme"
)


def front_matter(text: str) -> dict:
    found = re.match(r"---\n(.*?)\n---\n", text, re.S)
    return yaml.safe_load(found[1]) if found else {}


def cells(text: str) -> list[tuple[dict, str]]:
    """Return the options and the code of each code cell."""
    return [(yaml.safe_load(options or "{}"), code) for options, code in CELL.findall(text)]


def prose_of(text: str) -> str:
    """Return a chapter without front matter and without fenced code."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def parsed(code: str) -> ast.Module:
    """Return a cell's syntax tree, without IPython's magics."""
    return ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.M))


def front_matter_problems(text: str) -> list[str]:
    matter = front_matter(text)
    problems = []
    form = matter.get("jupytext", {}).get("text_representation", {})
    if (form.get("extension"), form.get("format_name")) != (".md", "myst"):
        problems.append("the front matter names no jupytext format of extension .md and name myst")
    if matter.get("kernelspec", {}).get("name") != "python3":
        problems.append("the front matter names no kernel python3")
    description = matter.get("myst", {}).get("html_meta", {}).get("description", "")
    if not 50 <= len(description) <= 200:
        problems.append(f"the description has {len(description)} characters, not 50 to 200")
    return problems


def length_problems(text: str) -> list[str]:
    """Say what is longer than a reader wants; the style's measures, with some room."""
    problems = []
    # What stands about a cell, its control and its breaks for instance, is no line to be read.
    body = re.sub(r"^---\n.*?^---\n", "", text, flags=re.S | re.M)
    # Nor are the replies of a question, of which a reader is told one.
    body = re.sub(r"^:::\{question\}.*?^:::\n\n?", "", body, flags=re.S | re.M)
    if (lines := len(body.splitlines())) > 430:
        problems.append(f"{lines} lines: split the chapter")
    if (count := len(cells(text))) > 32:
        problems.append(f"{count} cells: split the chapter")
    for _, code in cells(text):
        lines = [line for line in code.splitlines() if line.strip()]
        if len(lines) > 10:
            problems.append(f"a cell of {len(lines)} lines: {lines[0]}")
        problems += [f"a long line: {line}" for line in lines if len(line) > 100]
    return problems


def logic_problems(text: str) -> list[str]:
    """Return what cells define: logic belongs in lessons, where it is tested."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    return [
        f"a cell defines {getattr(node, 'name', 'a lambda')}"
        for _, code in cells(text)
        for node in ast.walk(parsed(code))
        if isinstance(node, defined)
    ]


def network_problems(text: str) -> list[str]:
    """Return what cells would ask other hosts for, and what they install."""
    problems = []
    for _, code in cells(text):
        if re.search(r"^\s*[%!]", code, re.M):
            problems.append("a cell runs a magic or a shell command")
        for node in ast.walk(parsed(code)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                names = []
            problems += [
                f"a cell imports {name}" for name in names if name.split(".")[0] in NETWORK
            ]
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func).split(".")[-1]
                if called in {"from_pretrained", "hf_hub_download", "snapshot_download", "urlopen"}:
                    problems.append(f"a cell calls {called}")
                if called == "load" and "'hub'" in ast.unparse(node):
                    problems.append("a cell loads from the hub")
    return problems


def source_problems(text: str) -> list[str]:
    """Return the models that a cell loads from a source that it does not name.

    What a chapter says rests on the model that it was written with: the environment variable
    LESSONS_MODELS must not exchange it.
    """
    return [
        f"{ast.unparse(node)} names no source"
        for _, code in cells(text)
        for node in ast.walk(parsed(code))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "load"
        and "source" not in {keyword.arg for keyword in node.keywords}
    ]


def figure_problems(text: str) -> list[str]:
    """Return the cells that draw without a name or a caption, and names used twice."""
    problems, names = [], []
    for options, code in cells(text):
        drawn = [
            ast.unparse(node.func)
            for node in ast.walk(parsed(code))
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("plots.")
        ]
        figure = options.get("mystnb", {}).get("figure", {})
        # What is for a notebook alone is no figure of the page.
        if drawn and "remove-output" not in options.get("tags", []):
            if not re.fullmatch(r"fig-[a-z0-9-]+", figure.get("name", "")):
                problems.append(f"{drawn[0]} has no figure name that begins with fig-")
            if len(figure.get("caption", "")) < 20:
                problems.append(f"{drawn[0]} has no caption")
        if figure:
            names.append(figure.get("name"))
    return problems + [f"{name} names two figures" for name in set(names) if names.count(name) > 1]


def option_problems(text: str) -> list[str]:
    """Return the options that a cell says twice: the first would be lost without a word."""
    problems = []
    todo = [yaml.compose(options) for options, _ in CELL.findall(text) if options.strip()]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            problems += [f"{key} is said twice" for key in set(keys) if keys.count(key) > 1]
            todo += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            todo += node.value
    return problems


def heading_problems(text: str) -> list[str]:
    headings = re.findall(r"^(#+) (.+)$", prose_of(text), re.M)
    problems = []
    if [level for level, _ in headings].count("#") != 1:
        problems.append("not exactly one title")
    titles = [title for level, title in headings if level == "##"]
    if [title for title in titles if title in SECTIONS] != list(SECTIONS):
        problems.append(f"the sections {', '.join(SECTIONS)} are not there once each in this order")
    elif titles[-3:] != list(SECTIONS):
        problems.append("the sections Summary, Exercises, Sources are not the last")
    return problems


def british_words(text: str) -> list[str]:
    return re.findall(rf"\b(?:{BRITISH})\b", text, re.I)


CHECKS = (
    front_matter_problems,
    length_problems,
    logic_problems,
    network_problems,
    source_problems,
    figure_problems,
    option_problems,
    heading_problems,
)
SHEET_CHECKS = (
    front_matter_problems,
    network_problems,
    source_problems,
    figure_problems,
    option_problems,
)
GOOD = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, name: python3}
myst:
  html_meta:
    description: A chapter that has all that a chapter needs, and that no check complains about.
---

# A chapter

```{code-cell} python
from lessons import plots
```

```{code-cell} python
---
mystnb:
  figure:
    name: fig-one
    caption: What is seen here, and what it means.
---
# A comment
plots.lines([1], {"a": [1]}, x_label="x", y_label="y")
```

## Summary
## Exercises
## Sources
"""
SPOILT = [
    (front_matter_problems, "format_name: myst", "format_name: light"),
    (front_matter_problems, "kernelspec", "kernel"),
    (front_matter_problems, "A chapter that has all that a chapter needs, and", "And"),
    (front_matter_problems, "A chapter that has", "A chapter that has" + " very" * 40),
    (length_problems, "# A chapter\n", "# A chapter\n" + "\n" * 450),
    (length_problems, "# A comment", "1\n" * 10),
    (length_problems, "# A comment", "# A " + "long " * 20 + "comment"),
    (length_problems, "## Summary", "```{code-cell} python\n1\n```\n\n" * 31 + "## Summary"),
    (logic_problems, "# A comment", "def softmax(x):\n    return x"),
    (logic_problems, "# A comment", "class Layer:\n    pass"),
    (logic_problems, "# A comment", "f = lambda x: x"),
    (network_problems, "# A comment", "import urllib.request"),
    (network_problems, "# A comment", "from requests import get"),
    (network_problems, "# A comment", "AutoModel.from_pretrained('gpt2')"),
    (network_problems, "# A comment", "load('decoder', source='hub')"),
    (network_problems, "# A comment", "%pip install torch"),
    (network_problems, "# A comment", "!wget https://example.org"),
    (source_problems, "# A comment", "load('decoder')"),
    (source_problems, "# A comment", "models.load(name).model"),
    (figure_problems, "name: fig-one", "name: one"),
    (figure_problems, "What is seen here, and what it means.", "A plot."),
    (figure_problems, "mystnb:\n  figure:", "mystnb:\n  other:"),
    (
        figure_problems,
        "# A comment",
        "1\n```\n\n```{code-cell} python\n---\n"
        "mystnb: {figure: {name: fig-one, caption: Seen here and meant.}}\n---",
    ),
    (option_problems, "    name: fig-one", "    name: fig-two\n    name: fig-one"),
    (option_problems, "mystnb:\n", "mystnb: {}\nmystnb:\n"),
    (heading_problems, "# A chapter\n", "A chapter\n"),
    (heading_problems, "## Summary", "# Summary"),
    (heading_problems, "## Sources\n", ""),
    (heading_problems, "## Sources\n", "## Sources\n## More\n"),
]


def checks_of(chapter: str) -> list:
    """Return the checks that a chapter must pass.

    The lab is for any model, so there the environment may choose; what it asserts of the book's
    models it guards itself.
    """
    lab = chapter.startswith("book/lab/")
    return [check for check in CHECKS if not (lab and check is source_problems)]


@pytest.mark.parametrize(
    ("chapter", "check"), [(one, check) for one in CHAPTERS for check in checks_of(one)]
)
def test_chapter(chapter, check):
    assert check((ROOT / chapter).read_text("utf8")) == []


def sheet_problems(text: str) -> list[str]:
    """Return what is wrong in a sheet of exercises, in which cells define what is to be written."""
    problems = [one for check in SHEET_CHECKS for one in check(text)]
    if not re.search(r"^# Exercises: \S", text, re.M):
        problems.append('the title does not begin with "Exercises: "')
    lines = [line for _, code in cells(text) for line in code.splitlines()]
    telling = re.compile(r'^    """.*"""$')  # what a learner is told stands in one line
    long = [line for line in lines if len(line) > 100 and not telling.match(line)]
    return problems + [f"a long line: {line}" for line in long]


@pytest.mark.parametrize("sheet", SHEETS)
def test_sheet_of_exercises(sheet):
    assert sheet_problems((ROOT / sheet).read_text("utf8")) == []


@pytest.mark.parametrize(("check", "good", "bad"), SPOILT)
def test_a_spoilt_sheet_is_noticed(check, good, bad):
    good_sheet = GOOD.replace("# A chapter\n", "# Exercises: a chapter\n")
    assert sheet_problems(good_sheet) == []
    if check in SHEET_CHECKS and good in good_sheet:
        assert sheet_problems(good_sheet.replace(good, bad))


def test_a_sheet_without_its_title_or_with_long_code_is_noticed():
    assert len(sheet_problems(GOOD)) == 1
    good_sheet = GOOD.replace("# A chapter\n", "# Exercises: a chapter\n")
    assert sheet_problems(good_sheet.replace("# A comment", "# " + "long " * 20))


def test_the_lab_alone_may_leave_the_source_to_the_environment():
    assert source_problems not in checks_of("book/lab/x.md")
    assert len(checks_of("book/lab/x.md")) == len(CHECKS) - 1
    assert checks_of("book/families/x.md") == list(CHECKS)


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_chapter_has_no_problem(check):
    assert check(GOOD) == []


@pytest.mark.parametrize(("check", "good", "bad"), SPOILT)
def test_a_spoilt_chapter_is_noticed(check, good, bad):
    assert GOOD.count(good) == 1
    assert check(GOOD.replace(good, bad))


def test_a_question_counts_no_line():
    question = ":::{question} a\n:about: b\n" + "What?\n" * 450 + ":::\n"
    assert length_problems(GOOD.replace("## Summary", f"{question}\n## Summary")) == []


def test_there_are_chapters_and_all_their_cells_are_found():
    assert len(CHAPTERS) >= 2
    for chapter in CHAPTERS:
        text = (ROOT / chapter).read_text("utf8")
        assert len(cells(text)) == text.count("{code-cell}") > 0


def contents(root: Path) -> list[str]:
    """Return the files that a _toc.yml names, without their suffix."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf8"))
    names, todo = [toc["root"]], [toc]
    while todo:
        entry = todo.pop()
        for child in (
            *entry.get("parts", ()),
            *entry.get("chapters", ()),
            *entry.get("sections", ()),
        ):
            todo.append(child)
            names += [child["file"]] if "file" in child else []
    return names


def contents_problems(root: Path) -> list[str]:
    """Return the pages that are in the contents or in the book's folders, but not once in both."""
    named = contents(root)
    pages = {
        str(path.relative_to(root).with_suffix(""))
        for path in root.glob("book/**/*.md")
        if "detective-journal" not in path.parts  # what somebody who did the lab here exported
    }
    for folder in ("exercises", "solutions"):
        pages |= {f"{folder}/{path.stem}" for path in root.glob(f"{folder}/*.md")}
    return (
        [f"{name} does not exist" for name in set(named) if not (root / f"{name}.md").is_file()]
        + [f"{name} is not in _toc.yml" for name in sorted(pages - set(named))]
        + [f"{name} is there twice" for name in set(named) if named.count(name) > 1]
    )


def test_the_front_page_leads_to_each_chapter():
    """A reader who looks for a chapter begins there: write a line in index.md for a new one."""
    front = (ROOT / "index.md").read_text("utf8")
    chapters = [name for name in contents(ROOT) if name.startswith("book/")]
    chapters = [name for name in chapters if not name.startswith("book/reference/")]
    assert len(chapters) > 20
    assert [name for name in chapters if f"({name}.md)" not in front] == []


def test_each_page_stands_in_the_contents():
    assert contents_problems(ROOT) == []


def repeated_names(texts: list[str]) -> list[str]:
    """Return the labels, figures and claims that a link could not tell apart: reading pages in
    several processes, Sphinx does not always see them.
    """
    named = re.compile(r"^\(([\w-]+)\)=$|^    name: ([\w-]+)$|\{\.claim #([\w-]+)", re.MULTILINE)
    names = Counter("".join(found) for text in texts for found in named.findall(text))
    return [name for name, times in names.items() if times > 1]


def test_each_name_of_a_place_is_there_once():
    files = [ROOT / "index.md", *ROOT.glob("book/**/*.md"), *ROOT.glob("solutions/*.md")]
    assert repeated_names([file.read_text("utf8") for file in files]) == []
    kept = "(a)=\n    name: b\n[c]{.claim #d}\n"
    assert repeated_names([kept]) == []
    for again in ("(a)=", "(b)=", "    name: a", "(d)="):
        assert len(repeated_names([kept, again])) == 1


@pytest.mark.parametrize(
    ("entries", "problems"),
    [
        (["book/attention/a", "book/reference/b"], []),
        (["book/attention/a"], ["book/reference/b is not in _toc.yml"]),
        (["book/attention/a", "book/reference/b", "book/c"], ["book/c does not exist"]),
        (["book/attention/a", "book/reference/b", "exercises/a"], ["exercises/a does not exist"]),
        (["book/attention/a", "book/reference/b", "book/attention/a"], ["book/attention/a is th"]),
    ],
)
def test_wrong_contents_are_noticed(tmp_path, entries, problems):
    for name in ("index", "book/attention/a", "book/reference/b"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.md").touch()
    chapters = [{"file": entries[0], "sections": [{"file": name} for name in entries[1:]]}]
    toc = {"root": "index", "parts": [{"caption": "A", "chapters": chapters}]}
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc))
    found = contents_problems(tmp_path)
    assert len(found) == len(problems)
    assert all(one.startswith(start) for one, start in zip(found, problems, strict=True))


def foreign_folders(root: Path) -> list[str]:
    """Return the folders of a book that are named like no topic."""
    known = {*FOLDERS, "reference"}
    return [
        path.name for path in (root / "book").iterdir() if path.is_dir() if path.name not in known
    ]


def test_folders_are_named_like_topics(tmp_path):
    assert foreign_folders(ROOT) == []
    for name in ("attention", "lab", "reference", "attentions"):
        (tmp_path / "book" / name).mkdir(parents=True)
    assert foreign_folders(tmp_path) == ["attentions"]


def texts() -> list[str]:
    """Return the texts of the repository that readers see: pages, code, and what stands above."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md", "src", "binder"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    suffixes = {".md", ".py", ".js", ".css", ".html"}
    return [
        name
        for name in sorted(filter(None, listed))
        if Path(name).suffix in suffixes
        and not re.search("katex|vendor", name)
        and (ROOT / name).is_file()
    ]


@pytest.mark.parametrize("name", texts())
def test_spelling_is_american(name):
    assert british_words((ROOT / name).read_text("utf8")) == []


def test_british_spelling_is_noticed():
    text = "The colour of a neighbour at the centre is normalised, and its behaviour analysed."
    assert british_words(text) == [
        "colour",
        "neighbour",
        "centre",
        "normalised",
        "behaviour",
        "analysed",
    ]
    american = "The color of a neighbor at the center is normalized; analysis of a modeled program."
    assert british_words(american) == []
    assert {"book/attention/multi-head.md", "README.md", "src/lessons/show.py"} <= set(texts())
