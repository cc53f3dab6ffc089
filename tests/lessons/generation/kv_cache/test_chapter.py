"""The chapter shows how attention calls a cache as a difference; its new lines are the code's."""

import inspect
import re
from pathlib import Path

from lessons.blocks import Attention

CHAPTER = Path(__file__).parents[4] / "book" / "generation" / "kv-cache.md"


def lines_not_in(source: str, diff: str) -> list[str]:
    """Return the added lines of a difference that a source does not have."""
    added = re.findall(r"^\+(.*)$", diff, re.M)
    return [line for line in added if line not in map(str.strip, source.splitlines())]


def test_the_added_lines_are_those_of_the_layer():
    (diff,) = re.findall(r"^```diff\n(.*?)^```$", CHAPTER.read_text("utf-8"), re.M | re.S)
    source = inspect.getsource(Attention.forward)
    assert diff.count("\n+") == 3
    assert lines_not_in(source, diff) == []
    assert lines_not_in(source.replace("cache.extend", "extend"), diff) != []
