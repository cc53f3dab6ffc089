"""A question stands on its page with all its replies; one that cannot be answered is a warning."""

import re
import warnings
from io import StringIO
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from bookbuild.questions import computed, number_of, shuffled

FRONT = """\
---
kernelspec: {display_name: Python 3, name: python3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
---

# A chapter

```{code-cell} python
1 + 1
```

(a-section)=
## A *section*

"""
CHOICE = """\
:::{question} rows
:about: a-section
What sums to **one**?

- [ ] Each column.
  > Nothing bounds it. See [](#a-section).
- [x] Each row.
  > The softmax runs over it.
:::
"""
NUMBER = """\
:::{question} parameters
:about: a-section
:kind: number
:computed: 4 * 64**2
How many?

- [ ] 131,072
  > No factor 8.
- [x] 16,384
  > Four matrices.
- [ ] anything else
  > Count again.
:::
"""
ORDER = """\
:::{question} steps
:about: a-section
:kind: order
In which order?

1. Compare.
2. Scale.
   > Scores are scaled.
3. Mix.
   > Weights are needed.
:::
"""
CELL = """\
:::{question} looks
:about: a-section
:kind: cell
How much does *cat* take from **the**?

| query ↓ key → | the | cat |
|---|---|---|
| the | 1.0 | 0.0 |
| cat | 0.3 | 0.7 |

- [ ] the → cat
  > The row is the one that asks.
- [x] cat → the
  > The row of *cat*.
- [ ] anything else
  > Find the row first.
:::
"""
ALL = f"{CHOICE}\n{NUMBER}\n{ORDER}\n{CELL}"


class Site:
    """A book of one or two chapters and a page of progress, built in this process."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.warnings = ""

    def build(self, *chapters: str, progress: bool = True) -> "Site":
        names = [f"chapter-{i}" for i in range(len(chapters))]
        (self.folder / "book" / "reference").mkdir(parents=True, exist_ok=True)
        (self.folder / "index.md").write_text("# Front\n")
        for i, (name, text) in enumerate(zip(names, chapters, strict=True)):
            own = (FRONT + text).replace("a-section", f"section-{i}")
            (self.folder / f"{name}.md").write_text(own)
        if progress:
            page = "# Progress\n\n```{progress}\n```\n"
            (self.folder / "book" / "reference" / "progress.md").write_text(page)
            names.append("book/reference/progress")
        toc = {"format": "jb-book", "root": "index", "chapters": [{"file": n} for n in names]}
        (self.folder / "_toc.yml").write_text(yaml.safe_dump(toc))
        told = StringIO()
        settings = {
            "extensions": ["myst_nb", "sphinx_external_toc", "bookbuild.questions"],
            "external_toc_path": "_toc.yml",
            "myst_enable_extensions": ["colon_fence", "dollarmath"],
            "nb_execution_mode": "off",
            "suppress_warnings": ["myst-nb.lexer"],
        }
        with docutils_namespace(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of other packages
            source, out = str(self.folder), str(self.folder / "_out")
            doctrees = str(self.folder / "_doctrees")
            app = Sphinx(source, None, out, doctrees, "html", settings, None, told)
            app.build()
        self.warnings = re.sub(r"\x1b\[[\d;]*m", "", told.getvalue())
        return self

    def page(self, name: str = "chapter-0") -> BeautifulSoup:
        return BeautifulSoup((self.folder / "_out" / f"{name}.html").read_text(), "html.parser")


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Site:
    site = Site(tmp_path_factory.mktemp("good")).build(ALL, CHOICE.replace("rows", "other-rows"))
    assert site.warnings == ""
    return site


def words(element) -> str:
    return " ".join(element.get_text().split())


def test_a_choice_stands_with_its_answers_and_a_reply_to_each(good):
    asked = good.page().select_one("#question-rows")
    assert (asked["data-kind"], asked["data-right"]) == ("choice", "1")
    assert words(asked.select_one(".question-asked")) == "What sums to one?"
    listed = asked.select("ol.question-answers > li")
    assert [words(item) for item in listed] == ["Each column.", "Each row."]
    assert [words(item) for item in asked.select("details > ul > li")] == [
        "A is wrong. Nothing bounds it. See A section.",
        "B is right. The softmax runs over it.",
    ]
    assert asked.select_one("details a")["href"] == "#section-0"


def test_a_number_stands_with_what_may_be_given(good):
    asked = good.page().select_one("#question-parameters")
    assert asked["data-values"] == "131072.0 16384.0"
    assert (asked["data-right"], asked["data-within"]) == ("1", "0.0")
    assert not asked.select(".question-answers"), "nothing gives the number away"
    assert [words(item) for item in asked.select("details > ul > li")] == [
        "131,072 is wrong. No factor 8.",
        "16,384 is right. Four matrices.",
        "Anything else is wrong. Count again.",
    ]


def test_an_order_stands_in_another_order_and_is_told_in_its_own(good):
    asked = good.page().select_one("#question-steps")
    right = ["Compare.", "Scale.", "Mix."]
    listed = [words(item) for item in asked.select("ul.question-answers > li")]
    assert sorted(listed) == sorted(right) and listed != right
    assert listed == [right[int(place)] for place in asked["data-order"].split()]
    assert [words(item) for item in asked.select("details > ol > li")] == [
        "Compare.",
        "Scale. Scores are scaled.",
        "Mix. Weights are needed.",
    ]


def test_a_cell_stands_in_its_table_with_what_may_be_chosen(good):
    asked = good.page().select_one("#question-looks")
    assert words(asked.select_one(".question-asked")) == "How much does cat take from the?"
    table = asked.select_one(".question-cells table")
    assert [words(one) for one in table.select("thead th")] == ["query ↓ key →", "the", "cat"]
    assert [words(one) for one in table.select("tbody th")] == ["the", "cat"]
    assert [words(one) for one in table.select("td")] == ["1.0", "0.0", "0.3", "0.7"]
    assert (asked["data-cells"], asked["data-right"]) == ("0.1 1.0", "1")
    assert [words(item) for item in asked.select("details > ul > li")] == [
        "the → cat is wrong. The row is the one that asks.",
        "cat → the is right. The row of cat.",
        "Anything else is wrong. Find the row first.",
    ]


def test_a_question_leads_to_its_section_and_to_the_progress(good):
    for asked in good.page().select(".question"):
        section, progress = asked.select(".question-foot a")
        assert (section["href"], words(section)) == ("#section-0", "A section")
        assert progress["href"] == "book/reference/progress.html"


def test_the_progress_lists_chapters_with_their_questions(good):
    rows = good.page("book/reference/progress").select(".progress-table tbody tr")
    assert [row["data-questions"] for row in rows] == ["rows parameters steps looks", "other-rows"]
    assert [row.a["href"] for row in rows] == ["../../chapter-0.html", "../../chapter-1.html"]
    assert [words(row.select("td")[1]) for row in rows] == ["4", "1"]
    assert words(good.page("book/reference/progress").select_one(".progress-sum")) == (
        "Of 5 questions you have tried 0, and answered 0 right."
    )


def test_ids_are_unique(good):
    ids = [one["id"] for one in good.page().select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_book_without_a_page_of_progress_has_no_link_to_it(tmp_path):
    site = Site(tmp_path).build(CHOICE, progress=False)
    assert site.warnings == ""
    assert len(site.page().select(".question-foot a")) == 1


BAD = [
    (CHOICE, "- [x]", "- [ ]", "mark one answer with [x], not 0"),
    (CHOICE, "- [ ]", "- [x]", "mark one answer with [x], not 2"),
    (CHOICE, "- [x] Each", "- Each", "begin each answer with [x] or [ ]: 'Each row."),
    (CHOICE, "  > The softmax runs over it.\n", "", "'[x] Each row.' has no reply"),
    (CHOICE, "- [ ] Each column.\n  > Nothing bounds it. See [](#a-section).\n", "", "two answers"),
    (CHOICE, "What sums to **one**?", "", "nothing is asked before the answers"),
    (CHOICE, "  > The softmax runs over it.\n", "  > It does.\n\nSo.\n", "end it with its answers"),
    (CHOICE, ":about: a-section\n", "", "`:about:` is missing"),
    (CHOICE, ":about: a-section", ":about: no-section", "no-section is the label of no section"),
    (CHOICE, "} rows", "} Rows_1", "name it in lower case with hyphens"),
    (CHOICE, ":about:", ":within: 3\n:about:", "add `:kind: number`"),
    (NUMBER, ":computed: 4 * 64**2\n", "", "`:computed:` is missing"),
    (NUMBER, "4 * 64**2", "4 * 64", "the right answer is 16,384, and 256.0 was computed"),
    (NUMBER, "4 * 64**2", "open('x')", "is no arithmetic"),
    (NUMBER, "4 * 64**2", "4 / 0", "cannot be computed"),
    (NUMBER, "131,072", "16,384", "too near each other"),
    (NUMBER, "131,072", "many", "'many' is no number"),
    (NUMBER, "- [ ] anything else\n  > Count again.\n", "", "must be `[ ] anything else`"),
    (CELL, "- [ ] anything else\n  > Find the row first.\n", "", "must be `[ ] anything else`"),
    (CELL, "- [ ] the → cat", "- [ ] the → dog", "'the → dog' names no cell"),
    (CELL, "- [ ] the → cat", "- [ ] the, cat", "'the, cat' names no cell"),
    (CELL, "- [ ] the → cat", "- [ ] cat → the", "the cell 'cat → the' has two replies"),
    (CELL, "| the | 1.0", "| cat | 1.0", "'cat' names no row or column, or two"),
    (CELL, CELL[CELL.index("| q") : CELL.index("- [")], "", "then give the table"),
    (CELL, "How much does *cat* take from **the**?", "", "ask something"),
    (ORDER, "   > Weights are needed.\n", "", "item 3 has no reply"),
    (ORDER, "1. Compare.\n2. Scale.\n   > Scores are scaled.\n3. Mix", "- Mix", "a numbered list"),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory) -> list[str]:
    """Return what is told of all bad questions, each in a chapter of its own."""
    texts = []
    for i, (text, good, bad, _) in enumerate(BAD):
        assert good in text
        spoilt = text.replace(good, bad)
        texts.append(re.sub(r"\} ([a-z]+)\n", rf"}} \1-{i}\n", spoilt).replace("Rows_1", f"R_{i}"))
    site = Site(tmp_path_factory.mktemp("bad")).build(*texts)
    lines = [line for line in site.warnings.splitlines() if "WARNING" in line]
    assert len(lines) == len(BAD), site.warnings
    return sorted(lines, key=lambda line: int(re.findall(r"chapter-(\d+)\.md", line)[0]))


@pytest.mark.parametrize("case", range(len(BAD)))
def test_a_bad_question_is_told_with_its_file_and_line(complaints, case):
    line = FRONT.count("\n") + 1
    told = complaints[case]
    assert f"chapter-{case}.md:{line}: WARNING: question " in told
    assert BAD[case][3] in told


def test_two_questions_of_one_name_are_told(tmp_path):
    site = Site(tmp_path).build(CHOICE, f"A line.\n\n{CHOICE}")
    line = FRONT.count("\n") + 3
    told = f"chapter-1.md:{line}: WARNING: question rows: chapter-0.md has a question of this name"
    assert told in site.warnings


@pytest.mark.parametrize("text", ["x", "1 +", "__import__('os')", "'a' * 3", "f(1)", "sqrt(-1)"])
def test_what_is_no_arithmetic_is_refused(text):
    with pytest.raises(ValueError, match=r"is no arithmetic|cannot be computed|math domain|nonneg"):
        computed(text)


def test_numbers_are_read():
    assert [number_of(text) for text in ("0.5", "-3", "−3", "1,000.25")] == [0.5, -3, -3, 1000.25]
    for text in ("", "1,00", "one", "1e3"):
        with pytest.raises(ValueError, match="is no number"):
            number_of(text)


def test_an_order_is_always_shuffled():
    for count in range(2, 7):
        for label in ("a", "b", "steps", "order-of-blocks"):
            order = shuffled(label, count)
            assert sorted(order) == list(range(count)) != order
            assert order == shuffled(label, count)
