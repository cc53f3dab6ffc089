"""Give each chapter as a notebook that any Jupyter shows well, Colab and Kaggle among them.

The theme publishes a copy of the notebook beside its page, with outputs, but its text is MyST, of
which most Jupyters know nothing. Here the text is made of what the page shows: terms, citations,
references and questions are plain Markdown, and links lead to the website. The first cell installs
what the notebook needs, where that is missing.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import urljoin

import nbformat
from bs4 import NavigableString, PageElement, Tag
from bs4.element import PreformattedString
from sphinx.application import Sphinx

from bookbuild.cite import citation
from bookbuild.execution import Book, executed_cells
from bookbuild.whole import NAME

KAGGLE = "https://www.kaggle.com/kernels/welcome?src="  # before a notebook's address on GitHub
BRANCH = "notebooks"  # where the publishing workflow puts them, for both open what is on GitHub
INSTALL = """\
# Installs what this notebook needs where it is missing, as in Colab (Python 3.11 or newer).
from importlib.util import find_spec

if not find_spec("lessons"):
    %pip install --quiet --requirement {base}install/pins.txt {base}install/{wheel}{extra}
    %pip install --quiet --no-deps --require-hashes --requirement {base}install/wheels.txt
"""
FOR_THE_BUILD = ("breaks", "control", "mystnb")
SPECIAL = re.compile(r"([\\`*_$\[\]<>#|~])")


def install(base: str, version: str, page: str) -> str:
    """Return the first cell of a notebook.

    >>> print(install("https://b.example/", "1.0", "book/a/one").splitlines()[4].strip()[:41])
    %pip install --quiet --requirement https:
    """
    wheel = f"{NAME.replace('-', '_')}-{version}-py3-none-any.whl"
    extra = "[practice]" if page.startswith(("book/practice/", "exercises/practice")) else ""
    return INSTALL.format(base=base, wheel=wheel, extra=extra).rstrip("\n")


def markdown(node: PageElement, address: str) -> str:
    r"""Return what stands in a line of a page as Markdown.

    >>> from bs4 import BeautifulSoup
    >>> line = "<p>2*3 is <em>six</em>, <a href='b.html'>see</a></p>"
    >>> print(markdown(BeautifulSoup(line, "html.parser"), "https://b.example/a/"))
    2\*3 is *six*, [see](https://b.example/a/b.html)
    """
    if isinstance(node, PreformattedString):
        return ""
    if isinstance(node, NavigableString):
        return SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", str(node)))
    assert isinstance(node, Tag)
    if node.name in ("script", "button", "svg") or _has(node, "headerlink"):
        return ""
    if _has(node, "katex"):
        latex = node.find("annotation")
        return f"${latex.get_text().strip()}$" if latex else ""
    if node.name in ("code", "kbd"):
        return _code(node.get_text())
    if node.name == "br":
        return "<br>"
    if node.name == "img":
        return f"![{node.get('alt', '')}]({urljoin(address, str(node['src']))})"
    inner = "".join(markdown(child, address) for child in node.children)
    if node.name in ("em", "i", "cite") and inner.strip():
        return f"*{inner.strip()}*"
    if node.name in ("strong", "b") and inner.strip():
        return f"**{inner.strip()}**"
    if node.name == "a" and node.get("href"):
        return f"[{inner}]({urljoin(address, str(node['href']))})"
    if node.name in ("sup", "sub"):
        return f"<{node.name}>{inner}</{node.name}>"
    return inner


def _code(text: str) -> str:
    ticks = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _has(node: Tag, name: str) -> bool:
    return name in (node.get("class") or [])


def blocks(node: Tag, address: str) -> Iterator[str | Tag]:
    """Yield the blocks of a part of a page as Markdown, and its cells as they are."""
    for child in node.children:
        if isinstance(child, NavigableString):
            if not isinstance(child, PreformattedString) and child.strip():
                yield markdown(child, address).strip()
            continue
        assert isinstance(child, Tag)
        if _has(child, "cell"):
            yield child
        elif child.name in ("script", "button") or any(
            _has(child, name) for name in ("cite", "live-predict", "toctree-wrapper")
        ):
            continue
        else:
            yield from _block(child, address)


def _block(node: Tag, address: str) -> Iterator[str | Tag]:
    name = str(node.name)
    inside = partial(_joined, address=address)
    if re.fullmatch("h[1-6]", name):
        yield f"{'#' * int(name[1])} {markdown(node, address).strip()}"
    elif name == "p":
        if said := markdown(node, address).strip():
            yield f"**{said}**" if _has(node, "admonition-title") else said
    elif name in ("ul", "ol"):
        yield _list(node, address)
    elif name == "dl":
        for one in node.find_all(["dt", "dd"], recursive=False):
            said = markdown(one, address).strip()
            yield f"**{said}**" if one.name == "dt" else inside(one)
    elif name == "table":
        yield _table(node, address)
    elif name == "pre":
        yield _fenced(node)
    elif _has(node, "math"):
        yield _equation(node)
    elif name == "details":
        summary = node.find("summary")
        title = markdown(summary, address).strip() if isinstance(summary, Tag) else "More"
        said = "\n\n".join(one for one in blocks(node, address) if isinstance(one, str))
        yield f"<details><summary>{title}</summary>\n\n{said}\n\n</details>"
    elif name == "summary":
        return
    elif _has(node, "admonition"):
        yield re.sub(r"^", "> ", inside(node), flags=re.M)
    elif name == "blockquote":
        yield re.sub(r"^", "> ", inside(node), flags=re.M)
    elif name == "figcaption":
        yield f"*{markdown(node, address).strip()}*" if node.get_text(strip=True) else ""
    elif name in ("span", "a", "em", "strong", "code", "img"):
        if said := markdown(node, address).strip():
            yield said
    else:
        yield from blocks(node, address)


def _joined(node: Tag, address: str) -> str:
    return "\n\n".join(one for one in blocks(node, address) if isinstance(one, str) and one)


def _list(node: Tag, address: str) -> str:
    start, lines = int(str(node.get("start") or 1)), []
    letters = _has(node, "upperalpha")
    for number, item in enumerate(node.find_all("li", recursive=False), start=start):
        mark = "- " if node.name == "ul" else f"{number}. "
        said = _joined(item, address)
        if letters:
            mark, said = "- ", f"{chr(64 + number)}. {said}"
        lines.append(mark + said.replace("\n", "\n" + " " * len(mark)))
    return "\n".join(lines)


def _table(node: Tag, address: str) -> str:
    rows = [
        [re.sub(r"\s+", " ", _joined(cell, address)) for cell in row.find_all(["th", "td"])]
        for row in node.find_all("tr")
    ]
    width = max(len(row) for row in rows)
    head, *rest = [row + [""] * (width - len(row)) for row in rows]
    lines = [head, ["---"] * width, *rest]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _fenced(node: Tag) -> str:
    parents = " ".join(name for one in node.find_parents("div") for name in one.get("class") or [])
    found = re.search(r"highlight-(\w+)", parents)
    kind = found[1] if found and found[1] in ("python", "bash", "json", "console") else ""
    fence = "````" if "```" in node.get_text() else "```"
    return f"{fence}{kind}\n{node.get_text().rstrip()}\n{fence}"


def _equation(node: Tag) -> str:
    latex, number = node.find("annotation"), node.select_one(".eqno")
    said = latex.get_text().strip() if latex else ""
    tag = ""
    if number is not None and (found := re.search(r"\d+", number.get_text())):
        tag = f" \\tag{{{found[0]}}}"
    return f"$$\n{said}{tag}\n$$"


def told_below(cell: Tag, address: str) -> str:
    """Return what a page tells below a cell that its notebook does not: a figure's caption."""
    captions = [markdown(one, address).strip() for one in cell.select("figcaption")]
    return "\n\n".join(f"*{one}*" for one in captions if one)


def notebook(
    body: Tag, made: nbformat.NotebookNode, *, base: str, page: str, version: str
) -> nbformat.NotebookNode:
    """Return a chapter's notebook: the page's text, the cells with their outputs, the first cell.

    Args:
        body: What the page says.
        made: The notebook that was executed.
        base: The website's address.
        page: The page's name.
        version: The package's.

    Raises:
        ValueError: The page shows another number of cells than were executed.
    """
    address = f"{base}{page}.html"
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    shown = body.select("div.cell")
    if len(code) != len(shown):
        raise ValueError(f"{page} shows {len(shown)} cells of {len(code)}")
    cells: list[nbformat.NotebookNode] = []
    text: list[str] = []

    def flush() -> None:
        if any(text):
            cells.append(nbformat.v4.new_markdown_cell("\n\n".join(one for one in text if one)))
        text.clear()

    first = nbformat.v4.new_code_cell(install(base, version, page))
    remaining = iter(code)
    for block in blocks(body, address):
        if isinstance(block, str):
            text.append(block)
            continue
        if not any(cell.cell_type == "code" for cell in cells):
            text.append(
                f"*The next cell installs what is missing. [This page]({address}) stands on the "
                "website, where its figures answer.*"
            )
            flush()
            cells.append(first)
        flush()
        cell = next(remaining)
        metadata = {k: v for k, v in cell.metadata.items() if k not in FOR_THE_BUILD}
        cells.append(
            nbformat.v4.new_code_cell(cell.source, outputs=cell.outputs, metadata=metadata)
        )
        text.append(told_below(block, address))
    flush()
    for number, cell in enumerate(cells, start=1):
        cell.id = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )


def with_outputs(
    made: nbformat.NotebookNode, cells: Sequence[nbformat.NotebookNode]
) -> nbformat.NotebookNode:
    """Give the code cells of a notebook the outputs of others, if there are any.

    MyST-NB writes a notebook without outputs where it takes these from its cache.
    """
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    for cell, executed in zip(code, cells, strict=True) if cells else ():
        cell.outputs = executed.outputs
    return made


def write(app: Sphinx, page: str, context: dict, body: Tag) -> None:
    """Put a chapter's notebook in the place of the copy that the theme has made."""
    if not context.get("ipynb_source") or (book := citation(Path(app.srcdir))) is None:
        return
    made = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
    written = notebook(
        body,
        with_outputs(nbformat.read(made, as_version=4), executed_cells(cast(Book, app), page)),
        base=app.config.html_baseurl,
        page=page,
        version=book["version"],
    )
    nbformat.write(written, Path(app.outdir) / "_sources" / context["ipynb_source"])


def offer_others(app: Sphinx, pagename: str, _template, context: dict, _doctree) -> None:
    """Add Colab and Kaggle to the buttons that start a notebook, beside Binder."""
    if not context.get("ipynb_source") or "github_user" not in context:
        return
    place = f"{context['github_user']}/{context['github_repo']}/blob/{BRANCH}/{pagename}.ipynb"
    others = (
        ("Colab", "_static/images/logo_colab.png", "https://colab.research.google.com/github/"),
        ("Kaggle", "fa-brands fa-kaggle", f"{KAGGLE}https://github.com/"),
    )
    for group in context["header_buttons"]:
        if group["label"] == "launch-buttons":
            group["buttons"] += [
                {
                    "type": "link",
                    "text": name,
                    "tooltip": f"Launch on {name}",
                    "icon": icon,
                    "url": f"{address}{place}",
                }
                for name, icon, address in others
            ]


def setup(app: Sphinx) -> None:
    # After the theme has offered Binder (priority 501); pages.repair calls `write`.
    app.connect("html-page-context", offer_others, priority=550)
