"""Questions at the end of a section, with a reply to each answer; and the page of progress.

An author writes a question in the chapter (CONTRIBUTING tells how):

    :::{question} softmax-rows
    :about: the-equation
    What sums to one?

    - [ ] Each column of the weights.
      > A column is what one key gets from all queries; nothing bounds it.
    - [x] Each row of the weights.
      > The softmax runs over the keys of one query.
    :::

Without scripts and on paper its answers stand below it, and the replies in a `<details>`. With
them `static/live/questions.js` lets the reader answer. A question that cannot be answered, or of
which an answer has no reply, is a warning. `{progress}` lists the chapters with questions.
"""

import ast
import hashlib
import math
import operator
import re
from collections.abc import Callable
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookbuild.execution import Book

logger = logging.getLogger(__name__)
PAGE = "book/reference/progress"
KINDS = ("choice", "number", "order", "cell")
MARK = re.compile(r"\[([x ])\]\s+")
ELSE = "anything else"  # the answer that stands for all numbers, or cells, that are not listed
# The last two are shown where scripts fill them; the page has them, so that nothing moves then.
PROGRESS_COLUMNS = ("Chapter", "Questions", "Right", "Tried")
NUMBER = re.compile(r"[-−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
OPERATORS: dict[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
}


class question(nodes.General, nodes.Element):  # noqa: N801  # docutils names nodes so
    """A question; its attributes are what a script needs to judge an answer."""


class replies(nodes.General, nodes.Element):  # noqa: N801
    """What is told of each answer, behind a summary."""


class progress(nodes.General, nodes.Element):  # noqa: N801
    """The table of chapters with questions."""


def computed(expression: str) -> float:
    """Return the value of simple arithmetic.

    Raises:
        ValueError: It is none.

    >>> computed("4 * 64**2 + sqrt(4)")
    16386.0
    """

    def value(node: ast.AST) -> float:
        match node:
            case ast.Expression(body=body):
                return value(body)
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
            case ast.Call(func=ast.Name(id=name), args=[argument]) if name in FUNCTIONS:
                return FUNCTIONS[name](value(argument))
        raise ValueError(f"{ast.unparse(node)} is no arithmetic")

    try:
        return float(value(ast.parse(expression, mode="eval")))
    except (SyntaxError, ArithmeticError) as error:
        raise ValueError(f"{expression!r} cannot be computed: {error}") from None


def number_of(text: str) -> float:
    """Return the number that a text is.

    Raises:
        ValueError: It is none.

    >>> number_of("16,384")
    16384.0
    """
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number, nor {ELSE!r}")
    return float(text.replace(",", "").replace("−", "-"))


def shuffled(label: str, count: int) -> list[int]:
    """Return an order of so many things that is always the same for a label, and not theirs.

    >>> sorted(shuffled("steps", 4))
    [0, 1, 2, 3]
    """
    keys = {i: hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(count)}
    order = sorted(keys, key=keys.__getitem__)
    return order if order != sorted(order) else [*order[1:], order[0]]


class Question(SphinxDirective):
    """`{question}`: see the module."""

    has_content = True
    required_arguments = 1
    option_spec = {  # noqa: RUF012  # as docutils declares it
        "about": directives.unchanged_required,
        "kind": lambda text: directives.choice(text, KINDS),
        "computed": directives.unchanged_required,
        "within": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        self.label = self.arguments[0]
        try:
            return [self.laid_out()]
        except ValueError as error:
            # `self.lineno` is the fence's line in the file, in a notebook as in a plain page.
            place = (self.env.docname, self.lineno)
            logger.warning("question %s: %s", self.label, error, location=place)
            return []

    def laid_out(self) -> nodes.Element:
        """Return the question as it stands on the page.

        Raises:
            ValueError: It cannot be asked so; the message says what to write instead.
        """
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.label):
            raise ValueError("name it in lower case with hyphens")
        kind = self.options.get("kind", "choice")
        for name in ("computed", "within"):
            if name in self.options and kind != "number":
                raise ValueError(f":{name}: is for numbers; add `:kind: number`")
        if "about" not in self.options:
            raise ValueError("`:about:` is missing: the label of a section of this chapter")
        asked, items = self.parts(kind)
        made = question(label=self.label, kind=kind, about=self.options["about"])
        made["ids"] = [f"question-{self.label}"]
        made["names"] = []
        made.line = self.lineno
        self.set_source_info(made)
        made += nodes.paragraph("", "Check yourself", classes=["admonition-title"])
        made += nodes.container("", *asked, classes=["question-asked"], ids=[f"asked-{self.label}"])
        for child in getattr(self, kind)(made, items):
            made += child
        made += nodes.paragraph("", "", classes=["question-foot"])
        questions = self.env.__dict__.setdefault("bookbuild_questions", {})
        questions.setdefault(self.env.docname, []).append(self.label)
        return made

    def parts(self, kind: str) -> tuple[list[nodes.Node], list[nodes.list_item]]:
        """Return what is asked, and the items of the list that ends the question."""
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        wanted = nodes.enumerated_list if kind == "order" else nodes.bullet_list
        if not parsed.children or not isinstance(parsed[-1], wanted):
            numbered = "a numbered list, in the right order" if kind == "order" else "a list"
            raise ValueError(f"end it with its answers, {numbered}")
        if len(parsed) < 2:
            raise ValueError("nothing is asked before the answers")
        items = list(parsed[-1].children)
        if len(items) < 2:
            raise ValueError("give at least two answers")
        return list(parsed.children[:-1]), items

    def choice(self, made: nodes.Element, items: list[nodes.list_item]) -> list[nodes.Node]:
        answers = [self.marked(item) for item in items]
        made["right"] = self.the_right(answers)
        listed = nodes.enumerated_list(enumtype="upperalpha", prefix="", suffix=".")
        listed["classes"].append("question-answers")
        told = []
        for letter, (right, answer, reply) in zip("ABCDEFGHIJ", answers, strict=False):
            listed += nodes.list_item("", *answer)
            told.append(_reply(f"{letter} is {'right' if right else 'wrong'}.", reply))
        return [listed, replies("", nodes.bullet_list("", *told))]

    def number(self, made: nodes.Element, items: list[nodes.list_item]) -> list[nodes.Node]:
        answers, texts, right = self.listed(made, items)
        values = [number_of(text) for text in texts[:-1]]
        within = number_of(self.options.get("within", "0"))
        if "computed" not in self.options:
            raise ValueError("`:computed:` is missing: the arithmetic that gives the right number")
        found = computed(self.options["computed"])
        room = within or 1e-9 * max(1, abs(found))
        if abs(found - values[right]) > room:
            raise ValueError(f"the right answer is {texts[right]}, and {found} was computed")
        for one in range(len(values)):
            for other in range(one):
                if abs(values[one] - values[other]) <= 2 * room:
                    raise ValueError(f"{texts[other]} and {texts[one]} are too near each other")
        made["values"] = " ".join(map(repr, values))
        made["within"] = repr(within)
        return [self.told_of(answers, texts, right)]

    def cell(self, made: nodes.Element, items: list[nodes.list_item]) -> list[nodes.Node]:
        asked = made[1]
        if len(asked) < 2 or not isinstance(asked[-1], nodes.table):
            raise ValueError("ask something, then give the table whose cells are the answers")
        table = asked.pop(-1)
        rows, columns = _names_of(table)
        answers, texts, right = self.listed(made, items)
        places = [_place(text, rows, columns) for text in texts[:-1]]
        for text, place in zip(texts[:-1], places, strict=True):
            if places.count(place) > 1:
                raise ValueError(f"the cell {text!r} has two replies")
        made["cells"] = " ".join(f"{row}.{column}" for row, column in places)
        held = nodes.container("", table, classes=["question-cells"])
        return [held, self.told_of(answers, texts, right)]

    def order(self, made: nodes.Element, items: list[nodes.list_item]) -> list[nodes.Node]:
        shown = shuffled(self.label, len(items))
        made["order"] = " ".join(map(str, shown))
        steps, told = [], []
        for place, item in enumerate(items):
            step, reply = _with_reply(item)
            if not reply and place:
                raise ValueError(f"item {place + 1} has no reply: why does it come no earlier?")
            steps.append(step)
            told.append(nodes.list_item("", *[node.deepcopy() for node in step], *reply))
        listed = nodes.bullet_list("", classes=["question-answers"])
        for place in shown:
            listed += nodes.list_item("", *steps[place])
        numbered = nodes.enumerated_list("", *told, enumtype="arabic", prefix="", suffix=".")
        return [listed, replies("", numbered)]

    def marked(self, item: nodes.list_item) -> tuple[bool, list[nodes.Node], list[nodes.Node]]:
        """Return whether an answer is the right one, the answer itself, and what is told of it."""
        answer, reply = _with_reply(item)
        text = answer[0][0] if answer and len(answer[0]) else nodes.Text("")
        mark = MARK.match(str(text)) if isinstance(text, nodes.Text) else None
        if not mark:
            raise ValueError(f"begin each answer with [x] or [ ]: {item.astext()[:40]!r}")
        said = " ".join(node.astext() for node in answer)
        if not reply:
            raise ValueError(f"the answer {said!r} has no reply: write it behind > below it")
        answer[0].replace(text, nodes.Text(MARK.sub("", str(text), count=1)))
        return mark[1] == "x", answer, reply

    def listed(
        self, made: nodes.Element, items: list[nodes.list_item]
    ) -> tuple[list[tuple[bool, list[nodes.Node], list[nodes.Node]]], list[str], int]:
        """Return the answers, what they say, and which is right; the last is for all others."""
        answers = [self.marked(item) for item in items]
        right = made["right"] = self.the_right(answers)
        texts = [" ".join(node.astext() for node in answer) for _, answer, _ in answers]
        if texts[-1] != ELSE or right == len(texts) - 1:
            raise ValueError(f"the last answer must be `[ ] {ELSE}`, with its reply")
        return answers, texts, right

    def told_of(
        self,
        answers: list[tuple[bool, list[nodes.Node], list[nodes.Node]]],
        texts: list[str],
        right: int,
    ) -> nodes.Element:
        told = [
            _reply(f"{name} is {'right' if i == right else 'wrong'}.", answers[i][2])
            for i, name in enumerate([*texts[:-1], ELSE.capitalize()])
        ]
        return replies("", nodes.bullet_list("", *told))

    def the_right(self, answers: list[tuple[bool, list[nodes.Node], list[nodes.Node]]]) -> int:
        found = [place for place, (right, _, _) in enumerate(answers) if right]
        if len(found) != 1:
            raise ValueError(f"mark one answer with [x], not {len(found)}")
        return found[0]


class Progress(SphinxDirective):
    """`{progress}`: the chapters with their questions."""

    def run(self) -> list[nodes.Node]:
        return [progress()]


def _with_reply(item: nodes.list_item) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """Return an item's own nodes, and those of the quotation that ends it."""
    children = list(item.children)
    if children and isinstance(children[-1], nodes.block_quote):
        return children[:-1], list(children[-1].children)
    return children, []


def _names_of(table: nodes.table) -> tuple[list[str], list[str]]:
    """Return the names of a table's rows and columns; those of the rows become headings."""
    next(table.findall(nodes.colspec))["stub"] = 1
    (head,) = table.findall(nodes.thead)
    (body,) = table.findall(nodes.tbody)
    columns = [entry.astext() for entry in head[0].children[1:]]
    rows = [row[0].astext() for row in body.children]
    for names in (rows, columns):
        for name in names:
            if not name or names.count(name) > 1:
                raise ValueError(f"{name!r} names no row or column, or two: give each one name")
    return rows, columns


def _place(text: str, rows: list[str], columns: list[str]) -> tuple[int, int]:
    """Return the place of the cell that an answer names."""
    row, arrow, column = text.partition(" → ")
    if not arrow or row not in rows or column not in columns:
        raise ValueError(f"{text!r} names no cell: write `ROW → COLUMN`, as the table has them")
    return rows.index(row), columns.index(column)


def _reply(verdict: str, reply: list[nodes.Node]) -> nodes.list_item:
    """Return a reply behind its verdict."""
    strong = nodes.strong("", verdict, classes=["question-verdict"])
    if isinstance(reply[0], nodes.paragraph):
        reply[0].insert(0, [strong, nodes.Text(" ")])
    else:
        reply = [nodes.paragraph("", "", strong), *reply]
    return nodes.list_item("", *reply)


def lead_to_sections(app: Book, doctree: nodes.document) -> None:
    """Let each question lead to the section that it is about; say where there is none."""
    for one in doctree.findall(question):
        target = doctree.nameids.get(nodes.fully_normalize_name(one["about"]))
        section = doctree.ids.get(target)
        if not isinstance(section, nodes.section):
            place = (app.env.docname, one.line)
            told = "question %s: :about: %s is the label of no section of this chapter"
            logger.warning(told, one["label"], one["about"], location=place)
            continue
        title = [child.deepcopy() for child in section[0].children]
        foot = one[-1]
        foot += [nodes.Text("About: "), nodes.reference("", "", *title, refid=target)]


def lead_to_progress(app: Book, doctree: nodes.document, docname: str) -> None:
    """Lead from each question to the page of progress; fill that page."""
    if PAGE in app.env.found_docs:
        for one in doctree.findall(question):
            address = app.builder.get_relative_uri(docname, PAGE)
            link = nodes.reference("", "Your progress", refuri=address, internal=True)
            link["classes"].append("question-progress")
            one[-1] += link
    for table in doctree.findall(progress):
        known = getattr(app.env, "bookbuild_questions", {})
        table["chapters"] = [
            (
                app.builder.get_relative_uri(docname, page),
                app.env.titles[page].astext(),
                known[page],
            )
            for page in map(str, app.config.external_site_map)
            if known.get(page)
        ]


def forget(app: Book, env: BuildEnvironment, docname: str) -> None:
    getattr(env, "bookbuild_questions", {}).pop(docname, None)


def merge(app: Book, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over what another process read."""
    known = env.__dict__.setdefault("bookbuild_questions", {})
    read = getattr(other, "bookbuild_questions", {})
    known.update({name: read[name] for name in docnames if name in read})


def labels_are_unique(app: Book, env: BuildEnvironment) -> None:
    """Say where a name is given to a second question: an answer is kept under it."""
    first: dict[str, str] = {}
    for docname, labels in sorted(getattr(env, "bookbuild_questions", {}).items()):
        for place, label in enumerate(labels):
            if label in first:
                line = [one.line for one in env.get_doctree(docname).findall(question)][place]
                told = "question %s: %s.md has a question of this name"
                logger.warning(told, label, first[label], location=(docname, line))
            first.setdefault(label, docname)


def visit_question(self, node: question) -> None:
    told = ("kind", "right", "values", "within", "order", "cells")
    data = {f"data-{name}": node[name] for name in told if name in node}
    data["data-question"] = node["label"]
    self.body.append(self.starttag(node, "div", CLASS="admonition question", **data))


def depart_question(self, node: question) -> None:
    self.body.append("</div>\n")


def visit_replies(self, node: replies) -> None:
    summary = "<summary>The answer, and why</summary>"
    self.body.append(f"{self.starttag(node, 'details', CLASS='question-told')}{summary}")


def depart_replies(self, node: replies) -> None:
    self.body.append("</details>\n")


def visit_progress(self, node: progress) -> None:
    rows = "".join(
        f'<tr data-questions="{" ".join(labels)}"><td><a class="reference internal" '
        f'href="{escape(address)}">{escape(title)}</a></td><td>{len(labels)}</td>'
        "<td>0</td><td>0</td></tr>"
        for address, title, labels in node["chapters"]
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in PROGRESS_COLUMNS)
    count = sum(len(labels) for *_, labels in node["chapters"])
    self.body.append(
        f'<p class="progress-sum">Of {count} questions you have tried 0, and answered 0 right.</p>'
        f'<table class="table progress-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    raise nodes.SkipNode


def setup(app: Book) -> None:
    app.add_node(question, html=(visit_question, depart_question))
    app.add_node(replies, html=(visit_replies, depart_replies))
    app.add_node(progress, html=(visit_progress, None))
    app.add_directive("question", Question)
    app.add_directive("progress", Progress)
    app.connect("doctree-read", lead_to_sections)
    app.connect("doctree-resolved", lead_to_progress)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", labels_are_unique)
