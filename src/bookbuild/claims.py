"""The register of claims, made from the chapters themselves, so that it cannot drift from them.

A claim of a cause is a span of prose, `[the sentence]{.claim #claim-its-name}`. The cell that
could refute it says so in its metadata: `control`, with `of` (the claim's name), `varies`, `could`
(what would have refuted it) and `model`. The page `book/reference/claims` lists them all, each with
what its cell printed when the book was built.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.util import logging

from bookbuild.execution import Book, BookEnvironment, executed_cells, read_chapter

logger = logging.getLogger(__name__)
PAGE = "book/reference/claims"
MARK = "% the register"
CLAIM = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\{\.claim #(claim-[\w-]+)\}")
# A link, or a term of the glossary; what is shown of it.
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|\{term\}`([^`<]*?)(?:\s*<[^`]*>)?`")
HEADING = re.compile(r"^##+ (.+)$", re.M)
# Between two sentences: behind the stop of one, before what the next one begins with.
STOP = re.compile(r"(?<=[.!?:])(?<!e\.g\.)(?<!i\.e\.)[”\"*_)]*\s+(?=[A-Z*_“`$({])")
FIELDS = ("of", "varies", "could", "model")


@dataclass(frozen=True)
class Claim:
    """A sentence that a run could refute, with the run that tried.

    Attributes:
        name: The anchor of the sentence on its page.
        sentence: As the page says it, in Markdown.
        around: The section's heading, and the sentences that the claim stands in and behind.
        control: What its cell's metadata says: `varies`, `could` and `model`.
        shown: What the cell printed.
    """

    name: str
    sentence: str
    around: tuple[str, str]
    control: dict[str, str]
    shown: str


def claims_of(notebook: nbformat.NotebookNode) -> Iterator[Claim]:
    """Find the claims of an executed chapter, each with its control.

    Raises:
        ValueError: A claim has no control or several, a control has no claim or lacks a field,
            or its cell asserts or prints nothing.
    """
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    claims = {found[2]: found for found in CLAIM.finditer(prose)}
    controls: dict[str, nbformat.NotebookNode] = {}
    for cell in notebook.cells:
        if told := cell.metadata.get("control"):
            if problem := _control_problem(told, cell, set(claims), set(controls)):
                raise ValueError(problem)
            controls[told["of"]] = cell
    for name, claim in claims.items():
        if name not in controls:
            raise ValueError(f"{name} has no control: a cell's metadata says `control: {{of: …}}`")
        cell = controls[name]
        control = dict(cell.metadata["control"])
        sentence = " ".join(claim[1].split())
        yield Claim(name, sentence, _around(prose, claim), control, _printed(cell))


def _around(prose: str, claim: re.Match[str]) -> tuple[str, str]:
    """Return the heading above a claim, and its sentence with the one before it, as far as any."""
    heading = ["", *HEADING.findall(prose, 0, claim.start())][-1]
    # A paragraph begins behind an empty line, a directive's own lines, or the sign of a list.
    before = _plain(re.split(r"\n\n|^:[^\n]*\n|^- ", prose[: claim.start()], flags=re.M)[-1])
    after = _plain(re.split(r"\n\n|\n- |\n:::", prose[claim.end() :])[0])
    row = before.startswith("|")  # of a table
    starts = [0, 0, *(found.end() for found in STOP.finditer(before))]
    before = before[starts[-2] :]
    ended = claim[1].rstrip(' *_”"').endswith((".", "!", "?"))
    after = "" if ended else STOP.split(after, maxsplit=1)[0]
    if row or not (before + after).strip(" .:"):
        return heading, ""
    return heading, f"{before}{_plain(claim[1])}{after}".strip()


def _plain(text: str) -> str:
    """Return Markdown in one line, without its links and the marks of claims."""
    kept = re.sub(r"\s+", " ", LINK.sub(r"\1\2", CLAIM.sub(r"\1", text)))
    return re.sub(r"\[\^[\w-]+\]", "", kept)  # a footnote stays on its page


def _control_problem(told: dict, cell, claims: set[str], seen: set[str]) -> str:
    """Say what is wrong with a control, or nothing."""
    name = told.get("of", "?")
    if lacking := [field for field in FIELDS if not told.get(field)]:
        return f"the control of {name} lacks {', '.join(lacking)}"
    if name not in claims:
        return f"a cell is the control of {name}, and no sentence is marked so"
    if name in seen:
        return f"{name} has two controls: keep the one that decides"
    if "assert " not in cell.source:
        return f"the control of {name} has no assert, so it could refute nothing"
    return ""


def _printed(cell: nbformat.NotebookNode) -> str:
    """Return what a cell printed, as text."""
    printed = [one.text for one in cell.get("outputs", []) if one.get("name") == "stdout"]
    return "".join(printed).rstrip()


def section(app: Book, env: BookEnvironment, docname: str) -> str:
    """Return a chapter's part of the register as MyST: an entry for each claim, if it has any."""
    try:
        claims = list(claims_of(_marked(env, docname, executed_cells(app, docname))))
    except ValueError as error:
        logger.error("%s.md: %s", docname, error)
        return ""
    entries = [_entry(one) for one in claims]
    return "\n".join([f"## {_title(env, docname)}\n", *entries]) if entries else ""


def _marked(env: BookEnvironment, docname: str, done: list[nbformat.NotebookNode]):
    """Return a chapter as it is written now, with the outputs of its execution."""
    notebook = read_chapter(env, docname)
    written = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if len(written) != len(done):
        raise ValueError("it was changed while it was executed: build again")
    for cell, other in zip(written, done, strict=True):
        cell.outputs = other.outputs
    return notebook


def _entry(claim: Claim) -> str:
    shown = "\n  ".join(claim.shown.splitlines())
    sentence = _plain(claim.sentence)  # the whole of it leads to its page
    heading, context = claim.around
    lines = [
        f"[{sentence}]{{.claim-entry #entry-{claim.name}}}",
        f": **Said in:** {' · '.join(filter(None, (_plain(heading), context)))}",
        f": **Varied:** {claim.control['varies'].rstrip('.')}.",
        f": **Would have refuted it:** {claim.control['could']}",
        f": **Model:** {claim.control['model'].rstrip('.')}.",
    ]
    if shown:
        lines.append(f": ```text\n  {shown}\n  ```")
    return "\n".join(lines) + "\n"


def _title(env: BookEnvironment, docname: str) -> str:
    text = Path(env.doc2path(docname)).read_text("utf8")
    return re.findall(r"^# (.+)$", text, re.M)[0]


def read_register_anew(app: Book, env: BookEnvironment, docnames: list[str]) -> None:
    """Make the register after the chapters ran; have its page read if it is another now."""
    if PAGE not in env.found_docs:
        return
    known = getattr(env, "bookbuild_claims", {})
    env.bookbuild_claims = {
        page: section(app, env, page) if page in docnames or page not in known else known[page]
        for page in map(str, app.config.external_site_map)
        if page in env.bookbuild_keys and page not in app.bookbuild_failed
    }
    if env.bookbuild_claims != known and PAGE not in docnames:
        docnames.append(PAGE)


def put_register(app: Book, docname: str, source: list[str]) -> None:
    """Put the register where its page wants it."""
    if docname == PAGE:
        parts = filter(None, app.env.bookbuild_claims.values())
        source[0] = source[0].replace(MARK, "\n".join(parts))


def link_claims(app: Book, doctree: nodes.document, docname: str) -> None:
    """Let each claim lead to its entry, by a small sign behind the sentence, and back."""
    if PAGE not in app.env.found_docs:
        return
    for span in doctree.findall(nodes.inline):
        if docname == PAGE and "claim-entry" in span["classes"]:
            name = span["ids"][0].removeprefix("entry-")
            mark = f"#entry-{name}}}"
            page = next(page for page, part in app.env.bookbuild_claims.items() if mark in part)
            address = f"{app.builder.get_relative_uri(docname, page)}#{name}"
            words = span.children
            span.clear()
            span += nodes.reference("", "", *words, refuri=address, internal=True)
        elif "claim" in span["classes"]:
            address = f"{app.builder.get_relative_uri(docname, PAGE)}#entry-{span['ids'][0]}"
            title = "How this claim was tested"
            sign = nodes.reference("", "‡", refuri=address, reftitle=title, internal=True)
            sign["classes"].append("claim-sign")
            span.append(sign)


def setup(app: Book) -> None:
    # After the chapters were executed (priority 500).
    app.connect("env-before-read-docs", read_register_anew, priority=600)
    app.connect("source-read", put_register, priority=300)
    app.connect("doctree-resolved", link_claims)
