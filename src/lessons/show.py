"""Show a reader the tested code: an object's own source, as a Markdown code block.

A chapter defines no logic. It shows a lesson with `show(...)` and calls it in the next cell,
so what is read is what the tests run.
"""

import ast
import inspect
import textwrap
from importlib.metadata import metadata
from types import FunctionType

from IPython.display import Markdown


def show(*objects: FunctionType | type) -> Markdown:
    """Return the source of functions or classes of `lessons` as a Markdown code block.

    A docstring is cut to its first line; the link under the code leads to the whole one.

    Args:
        objects: Functions or classes that are defined in a module of `lessons`.

    Raises:
        ValueError: There is no object, or one is not defined in `lessons`.

    >>> from lessons.attention import merge_heads
    >>> print(show(merge_heads).data.splitlines()[1])
    def merge_heads(
    """
    if not objects:
        raise ValueError("there is nothing to show: pass a function or class of `lessons`")
    sources = [_shortened_source(thing) for thing in objects]
    links = [f"[`{thing.__qualname__}`]({api_address(thing)})" for thing in objects]
    code = "\n\n\n".join(sources)
    return Markdown(f"```python\n{code}\n```\n\nIn full, with its arguments: {', '.join(links)}")


def api_address(thing: FunctionType | type) -> str:
    """Return the address of an object's entry on the book's API pages.

    >>> from lessons.attention import soft_lookup
    >>> page, anchor = api_address(soft_lookup).split("#")
    >>> page.removeprefix(book_address())
    'book/reference/api/attention/scaled-dot-product.html'
    >>> anchor
    'lessons.attention.scaled_dot_product.lookup.soft_lookup'
    """
    topic, *parts = _module(thing).split(".")[1:]
    room = f"/{parts[0].replace('_', '-')}" if len(parts) > 1 else ""
    anchor = f"{_module(thing)}.{thing.__qualname__}"
    return f"{book_address()}book/reference/api/{topic}{room}.html#{anchor}"


def book_address() -> str:
    """Return the address that the book is published at, from the package's own metadata."""
    for entry in metadata("attention-under-the-hood").get_all("Project-URL") or []:
        label, _, address = entry.partition(", ")
        if label == "Documentation":
            return address
    raise ValueError("the package's metadata names no Documentation address: reinstall it")


def _module(thing: FunctionType | type) -> str:
    """Return the module of `lessons` that defines an object."""
    module = getattr(thing, "__module__", "") or ""
    if not module.startswith("lessons."):
        raise ValueError(
            f"{thing!r} is not defined in `lessons`: pass a function or class of the book's package"
        )
    return module


def _shortened_source(thing: FunctionType | type) -> str:
    """Return the source of `thing`, each docstring in it cut to its first line."""
    _module(thing)
    lines = textwrap.dedent(inspect.getsource(thing)).splitlines()
    for node in reversed(list(ast.walk(ast.parse("\n".join(lines))))):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        docstring = node.body[0]
        last = docstring.end_lineno or docstring.lineno
        if ast.get_docstring(node) and last > docstring.lineno:
            summary = lines[docstring.lineno - 1] + '"""'
            lines[docstring.lineno - 1 : last] = [summary]
    return "\n".join(lines)
