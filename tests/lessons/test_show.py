"""A reader is shown the code that runs, and a link to its documentation that leads there."""

import ast
import importlib
import inspect
import re
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
import torch

from lessons import attention, interpretation, models, plots
from lessons.show import api_address, show

ROOT = Path(__file__).parents[2]


def public(*topics) -> list:
    """Return the functions and classes that topics offer."""
    things = [getattr(topic, name) for topic in topics for name in topic.__all__]
    return [thing for thing in things if inspect.isfunction(thing) or inspect.isclass(thing)]


THINGS = public(attention, interpretation, models, plots)


def code_of(shown: str) -> str:
    """Return the one code block of what `show` returned."""
    [code] = re.findall(r"^```python\n(.*?)\n```$", shown, re.M | re.S)
    return code


def without_docstrings(source: str) -> str:
    """Return a source's syntax tree, in words, with each docstring cut to its first line."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0].value.value = ast.get_docstring(node).split("\n")[0]
    return ast.dump(tree)


def source_in_file(thing) -> str:
    """Return an object's source as it stands in its file, found without `inspect.getsource`."""
    source = Path(sys.modules[thing.__module__].__file__).read_text("utf8")
    for node in ast.parse(source).body:
        if getattr(node, "name", "") == thing.__name__:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
    raise LookupError(thing)


def check_shows_what_runs(shown: str, thing) -> None:
    assert without_docstrings(code_of(shown)) == without_docstrings(source_in_file(thing))


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.__name__)
def test_shown_code_is_the_code_that_runs(thing):
    check_shows_what_runs(show(thing).data, thing)


def test_other_code_would_be_noticed():
    right = show(attention.soft_lookup).data
    check_shows_what_runs(right, attention.soft_lookup)
    for wrong in (right.replace("@ values", "@ keys"), right.replace("Return the", "Take the")):
        assert wrong != right
        with pytest.raises(AssertionError):
            check_shows_what_runs(wrong, attention.soft_lookup)


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.__name__)
def test_each_docstring_has_one_line(thing):
    for node in ast.walk(ast.parse(code_of(show(thing).data))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert "\n" not in (ast.get_docstring(node) or "")
    assert inspect.getdoc(thing).split("\n")[0] in code_of(show(thing).data)


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.__name__)
def test_comments_are_shown(thing):
    comments = [
        line.strip() for line in source_in_file(thing).splitlines() if line.strip().startswith("#")
    ]
    shown = [line.strip() for line in code_of(show(thing).data).splitlines()]
    assert [line for line in shown if line.startswith("#")] == comments


def test_several_objects_stand_in_one_block():
    shown = show(attention.split_heads, attention.merge_heads).data
    parts = [code_of(show(one).data) for one in (attention.split_heads, attention.merge_heads)]
    assert code_of(shown) == "\n\n\n".join(parts)
    assert shown.endswith(
        f"[`split_heads`]({api_address(attention.split_heads)}), "
        f"[`merge_heads`]({api_address(attention.merge_heads)})"
    )


def test_methods_can_be_shown():
    thing = attention.MultiHeadAttention.forward
    shown = show(thing).data
    assert code_of(shown).startswith("def forward(")
    assert without_docstrings(code_of(shown)) == without_docstrings(
        textwrap.dedent(inspect.getsource(thing))
    )
    assert api_address(thing).endswith(
        "#lessons.attention.multi_head.heads.MultiHeadAttention.forward"
    )


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.__name__)
def test_link_leads_to_the_entry_of_the_object(thing):
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    page, anchor = api_address(thing).removeprefix(urls["Documentation"]).split("#")
    assert api_address(thing) == f"{urls['Documentation']}{page}#{anchor}"
    # The page documents the module, and the module has the object.
    source = (ROOT / page).with_suffix(".md").read_text("utf8")
    module, _, name = anchor.rpartition(".")
    assert f".. automodule:: {module}\n   :members:" in source
    assert getattr(importlib.import_module(module), name) is thing


@pytest.mark.parametrize("thing", [torch.nn.Linear, pytest.fixture, textwrap.dedent])
def test_objects_of_others_are_refused(thing):
    for asked in (show, api_address):
        with pytest.raises(ValueError, match="pass a function or class of the book's package"):
            asked(thing)


def test_nothing_to_show_is_refused():
    with pytest.raises(ValueError, match="pass a function or class"):
        show()
