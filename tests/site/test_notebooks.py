"""Each chapter is a notebook that any Jupyter shows, and that runs with the wheel alone."""

import re
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from bookbuild import notebooks, package
from bookbuild.cite import citation
from support import elsewhere

BASE = "https://book.example/"
# What only MyST understands.
MYST = re.compile(r"^[:`]{3,}\{|\{[a-z:]+\}`|^\([\w-]+\)=$|^\+\+\+|\]\{[.#]", re.M)
SHOWN = re.compile(r'class="output stream [^>]*>.*?<pre[^>]*>(.*?)</pre>', re.S)
PAGE = """<section><h1>One<a class="headerlink" href="#one">#</a></h1>
<p>See <a href="../b.html#two">b</a>, <code><span class="pre">a*b</span></code>, 2*3 and <span
class="katex"><math><annotation encoding="application/x-tex">x_1</annotation></math></span>.</p>
<div class="math"><span class="eqno">(3)<a class="headerlink" href="#e">#</a></span><span
class="katex-display"><math><annotation encoding="application/x-tex">y = x</annotation></math>
</span></div>
<div class="tip admonition"><p class="admonition-title">Note</p><p>Text.</p></div>
<div class="cell"><div class="cell_input"><pre>1 + 1</pre></div>
<div class="cell_output"><figure><figcaption><p>Fig. 1 A sum.</p></figcaption></figure></div></div>
<div class="table-box"><table><tr><th><p>a</p></th><th>b</th></tr><tr><td>1</td></tr></table></div>
<ol class="question-answers upperalpha"><li><p>One.</p></li><li><p>Two.</p></li></ol>
<details class="question-told"><summary>The answer, and why</summary><p>A is right.</p></details>
<section><h2>Two</h2><ul><li><p>x</p><ul><li><p>y</p></li></ul></li></ul>
<div class="highlight-python"><div class="highlight"><pre>pass
</pre></div></div><div class="cell"><pre>2</pre></div></section></section>
<details class="cite"><summary>Cite this page</summary></details><script>1</script>"""


@pytest.fixture
def made() -> nbformat.NotebookNode:
    """Return the notebook that was executed for the page above."""
    output = nbformat.v4.new_output("stream", text="2\n")
    first = nbformat.v4.new_code_cell("1 + 1", outputs=[output], metadata={"breaks": ["x"]})
    text = nbformat.v4.new_markdown_cell("# One {term}`b`")
    return nbformat.v4.new_notebook(cells=[text, first, nbformat.v4.new_code_cell("2")])


def turned(made: nbformat.NotebookNode, page: str = PAGE) -> nbformat.NotebookNode:
    body = BeautifulSoup(page, "html.parser")
    return notebooks.notebook(body, made, base=BASE, page="a/one", version="1.0")


def test_text_is_plain_markdown_and_cells_keep_their_outputs(made):
    before, install, one, between, two = turned(made).cells
    assert before.source.splitlines() == [
        "# One",
        "",
        f"See [b]({BASE}b.html#two), `a*b`, 2\\*3 and $x_1$.",
        "",
        "$$",
        "y = x \\tag{3}",
        "$$",
        "",
        "> **Note**",
        "> ",
        "> Text.",
        "",
        f"*The next cell installs what is missing. [This page]({BASE}a/one.html) stands on the "
        "website, where its figures answer.*",
    ]
    assert f"{BASE}install/attention_under_the_hood-1.0-py3-none-any.whl" in install.source
    assert (one.source, one.outputs[0].text, one.metadata) == ("1 + 1", "2\n", {})
    assert between.source.splitlines() == [
        "*Fig. 1 A sum.*",
        "",
        "| a | b |",
        "| --- | --- |",
        "| 1 |  |",
        "",
        "- A. One.",
        "- B. Two.",
        "",
        "<details><summary>The answer, and why</summary>",
        "",
        "A is right.",
        "",
        "</details>",
        "",
        "## Two",
        "",
        "- x",
        "  ",
        "  - y",
        "",
        "```python",
        "pass",
        "```",
    ]
    assert two.source == "2"


def test_a_page_that_shows_other_cells_is_refused(made):
    with pytest.raises(ValueError, match="a/one shows 1 cells of 2"):
        turned(made, PAGE.replace('<div class="cell"><pre>2', "<div><pre>2"))


def chapters(site: Path) -> dict[str, nbformat.NotebookNode]:
    folder = site / "_sources"
    return {
        file.relative_to(folder).with_suffix("").as_posix(): nbformat.read(file, as_version=4)
        for file in sorted(folder.rglob("*.ipynb"))
    }


@pytest.fixture(scope="module")
def all_chapters(site):
    return chapters(site)


def test_every_chapter_is_a_valid_notebook_that_installs_first(all_chapters, repository):
    version = citation(repository)["version"]
    base = yaml.safe_load((repository / "_config.yml").read_text("utf8"))["html"]["baseurl"]
    assert len(all_chapters) > 60
    for name, made in all_chapters.items():
        nbformat.validate(made)
        code = [cell.source for cell in made.cells if cell.cell_type == "code"]
        assert code[0] == notebooks.install(base, version, name), name
        assert made.cells[0].source.startswith("# "), name


def remains(made: nbformat.NotebookNode) -> list[str]:
    """Return what of a notebook's text only MyST understands."""
    texts = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    return [found[0] for text in texts for found in MYST.finditer(re.sub(r"`[^`\n]+`", "``", text))]


def test_no_text_needs_myst(all_chapters, site):
    assert {name: remains(made) for name, made in all_chapters.items() if remains(made)} == {}
    executed = site.parent / "jupyter_execute" / "book" / "attention" / "multi-head.ipynb"
    assert remains(nbformat.read(executed, as_version=4))


def test_cells_are_those_that_were_executed(all_chapters, site):
    for name, made in all_chapters.items():
        executed = nbformat.read(site.parent / "jupyter_execute" / f"{name}.ipynb", as_version=4)
        before, after = (
            [cell.source for cell in one.cells if cell.cell_type == "code"]
            for one in (executed, made)
        )
        assert after[1:] == before, name


def test_outputs_are_those_that_the_page_shows(all_chapters, pages):
    for name, made in all_chapters.items():
        said = [elsewhere.printed(cell) for cell in made.cells if cell.cell_type == "code"]
        shown = [
            unescape(re.sub("<[^>]+>", "", one)).strip()
            for one in SHOWN.findall(pages[f"{name}.html"].text)
        ]
        assert [one for one in said if one] == [one for one in shown if one], name
    assert any(said)


def test_outputs_come_from_the_cells_that_were_executed(made):
    for cell in (copy := nbformat.from_dict(made)).cells:
        cell.pop("outputs", None)
    code = made.cells[1:]
    assert [one.outputs for one in notebooks.with_outputs(copy, code).cells[1:]] == [
        one.outputs for one in code
    ]
    with pytest.raises(ValueError, match="shorter"):
        notebooks.with_outputs(copy, code[:1])
    copy.cells[1].outputs = []
    assert notebooks.with_outputs(copy, []).cells[1].outputs == []  # of a chapter that failed


@pytest.mark.parametrize(
    "opens",
    [
        "https://colab.research.google.com/github/",
        "https://www.kaggle.com/kernels/welcome?src=https://github.com/",
    ],
)
def test_buttons_open_it_elsewhere_from_the_branch_of_the_workflow(
    opens, pages, all_chapters, repository
):
    settings = yaml.safe_load((repository / "_config.yml").read_text("utf8"))
    where = settings["repository"]["url"].removeprefix("https://github.com/")
    for path, page in pages.items():
        links = re.findall(rf'href="({re.escape(opens)}[^"]*)"', page.text)
        name = path.removesuffix(".html")
        wanted = name in all_chapters and 'href="https://mybinder.org' in page.text
        assert links == [f"{opens}{where}/blob/{notebooks.BRANCH}/{name}.ipynb"] * wanted, path
    workflow = (repository / ".github" / "workflows" / "publish.yml").read_text("utf8")
    assert f"git init --quiet --initial-branch {notebooks.BRANCH}" in workflow
    assert "make package && cp -r _build/install _build/html/" in workflow


# -------------------------------------------------------------------------------- the package


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory) -> Path:
    return package.wheel(repository, tmp_path_factory.mktemp("wheel"))


def missing(wheel: Path, repository: Path) -> set[str]:
    """Return the files of the package that its wheel lacks."""
    folders = [f"src/{name}" for name in ("bookbuild", "classroom", "lab", "lessons")]
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders]
    listed = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    wanted = {name.removeprefix("src/") for name in listed.stdout.splitlines()}
    with zipfile.ZipFile(wheel) as archive:
        return wanted - {*archive.namelist()}


def test_the_wheel_holds_every_file_of_the_package(wheel, repository, tmp_path):
    assert missing(wheel, repository) == set()
    poorer = tmp_path / "poorer.whl"
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(poorer, "w") as less:
        for entry in whole.infolist():
            if not entry.filename.endswith("lessons/models/__init__.pyi"):
                less.writestr(entry, whole.read(entry))
    assert missing(poorer, repository) == {"lessons/models/__init__.pyi"}


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    return elsewhere.environment(wheel, tmp_path_factory.mktemp("elsewhere") / "environment")


@pytest.mark.parametrize("page", ["attention/scaled-dot-product", "adaptation/summarization"])
def test_a_chapter_runs_with_the_wheel_and_without_the_repository(
    python, all_chapters, tmp_path, page
):
    """One by hand, and a project from its texts to its scores, with a pretrained model.

    Of all chapters of a topic, `python -m support.elsewhere book/TOPIC` tells.
    """
    ran = elsewhere.run(all_chapters[f"book/{page}"], python, tmp_path / "chapter")
    assert (ran.failed, ran.differ) == ("", [])  # the first cell installs nothing and says nothing


def test_elsewhere_is_the_wheel_and_what_it_asks_for(python, tmp_path):
    here = f"import lessons; assert lessons.__file__.startswith({str(python.parents[1])!r})"
    cells = [nbformat.v4.new_code_cell(one) for one in (here, "import peft", "import rouge_score")]
    ran = elsewhere.run(nbformat.v4.new_notebook(cells=cells), python, tmp_path / "made")
    assert "No module named 'rouge_score'" in ran.failed  # only tests ask for it
    cells = [nbformat.v4.new_code_cell("print(1)")]
    ran = elsewhere.run(nbformat.v4.new_notebook(cells=cells), python, tmp_path / "said")
    assert (ran.failed, ran.differ) == ("", [("", "1")])


def test_what_the_first_cell_asks_for_besides_is_found(all_chapters):
    asked = {name: elsewhere.extra_of(made) for name, made in all_chapters.items()}
    assert asked["book/practice/services"] == "practice"
    assert asked["book/attention/scaled-dot-product"] == ""


def test_pins_are_exact_and_leave_alone_what_notebooks_bring(repository):
    project = {"dependencies": ["lazy-loader", "torch", "jsonargparse[signatures]<=4.41"]}
    constraints = "lazy_loader==0.6\ntorch==2.0\njsonargparse==4.41.0 # why\nother==1\n"
    assert package.pins(project, constraints) == "lazy_loader==0.6\njsonargparse==4.41.0"
