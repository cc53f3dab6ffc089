"""Lay out a new chapter: its page, room, test, API entry and place in the contents.

    make chapter limits/new-idea

What is written passes every test of form, and is there to be replaced: a module with one function,
a test that a broken variant of it fails, and a page in the order that all chapters have.
"""

import re
import sys
from pathlib import Path

PAGE = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
myst:
  html_meta:
    keywords: >-
      {title}
    description: >-
      One sentence of 50 to 200 characters that says what this chapter teaches, for search engines.
---

# {title}

The question that this chapter answers, in two or three sentences.

:::{{admonition}} What you need, and what you get
:class: tip
You need … It takes about 30 minutes.

Afterwards you can …
:::

```{{code-cell}} python
from lessons import {topic}
from lessons.show import show
```

({label}-by-hand)=
## Three tokens, by hand

The idea with numbers that a reader can follow without a computer.

## The equation, and its code

```{{code-cell}} python
show({topic}.{function})
```

```{{code-cell}} python
---
breaks:
  - halved = 3.0  # the broken variant
---
halved = {topic}.{function}(3.0)
print(halved)
assert halved == 1.5
```

## Summary

- What to remember.

## Exercises

1. *(easy, 5 minutes)* Something that this chapter does not print.

## Sources

The papers, as {{cite:t}}`vaswani2017`.
"""
MODULE = '''\
r"""One idea, in one sentence."""


def {function}(number: float) -> float:
    r"""Return half of a number.

    .. math:: y = x / 2

    Source: :cite:t:`vaswani2017`, section 3.

    >>> {function}(3.0)
    1.5
    """
    return number / 2
'''
TEST = '''\
"""{function}: a property, and a broken variant that it catches."""

import pytest

from lessons.{topic} import {function}


def check_twice_the_half_is_the_whole(half):
    assert 2 * half(3.0) == 3.0


def test_real():
    check_twice_the_half_is_the_whole({function})


def test_broken_variant_is_caught():
    with pytest.raises(AssertionError):
        check_twice_the_half_is_the_whole(lambda number: number)
'''
ENTRY = """\
# `lessons.{topic}.{room}`

The code of the chapter [{title}](../../../{topic}/{label}.md).

## `{module}`

```{{eval-rst}}
.. automodule:: {module}
   :members:
   :show-inheritance:
```
"""


def lay_out(root: Path, topic: str, name: str) -> list[Path]:
    """Write a chapter's files, and enter it where chapters are listed; return what was written.

    Args:
        root: The repository.
        topic: A folder of chapters that is there.
        name: The chapter's, in lower case with hyphens.

    Raises:
        ValueError: The name is no chapter's, the topic is not there, or the chapter is.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"{name!r}: name a chapter in lower case with hyphens, like kv-cache")
    chapters = root / "book" / topic
    if not chapters.is_dir() or topic in ("lab", "reference"):
        known = sorted(path.parent.name for path in root.glob("src/lessons/*/__init__.pyi"))
        raise ValueError(f"there is no topic {topic!r}: pass one of {', '.join(known)}")
    if (chapters / f"{name}.md").exists():
        raise ValueError(f"book/{topic}/{name}.md is there already")
    room = name.replace("-", "_")
    lessons, module, function = root / "src" / "lessons" / topic, f"{room}_idea", f"half_of_{room}"
    words = {
        "topic": topic,
        "room": room,
        "title": name.replace("-", " ").capitalize(),
        "label": name,
        "function": function,
        "module": f"lessons.{topic}.{room}.{module}",
    }
    files = {
        chapters / f"{name}.md": PAGE,
        lessons / room / f"{module}.py": MODULE,
        root / "tests" / "lessons" / topic / room / f"test_{module}.py": TEST,
        root / "book" / "reference" / "api" / topic / f"{name}.md": ENTRY,
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(**words), "utf8")
    written = list(files)
    # Where a topic had one chapter, that one gets its room now, too.
    for page in chapters.glob("*.md"):
        place = lessons / page.stem.replace("-", "_") / "__init__.py"
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_text(f'"""The code of `book/{topic}/{page.name}`."""\n', "utf8")
            written.append(place)
    stub = lessons / "__init__.pyi"
    line = f"from .{room}.{module} import {function} as {function}\n"
    stub.write_text(stub.read_text("utf8") + line, "utf8")
    entries = root / "book" / "reference" / "api" / f"{topic}.md"
    line = f"- {{doc}}`{topic}/{name}`, of the chapter [{words['title']}](../../{topic}/{name}.md)"
    entries.write_text(_after_the_last(f"- {{doc}}`{topic}/", line, entries), "utf8")
    contents = root / "_toc.yml"
    for folder in ("book", "book/reference/api"):
        line = f"- file: {folder}/{topic}/"
        contents.write_text(_after_the_last(line, line + name, contents), "utf8")
    front = root / "index.md"
    text = front.read_text("utf8")
    end = text.index("\n\n", text.rindex(f"(book/{topic}/"))
    line = f"\n[{words['title']}](book/{topic}/{name}.md)."
    front.write_text(text[:end] + line + text[end:], "utf8")
    return [*written, stub, entries, contents, front]


def _after_the_last(like: str, line: str, file: Path) -> str:
    """Return a file's text with a line more, after the last that begins like it."""
    lines = file.read_text("utf8").split("\n")
    last = max(place for place, one in enumerate(lines) if one.lstrip().startswith(like))
    indent = lines[last].removesuffix(lines[last].lstrip())
    return "\n".join([*lines[: last + 1], indent + line, *lines[last + 1 :]])


def main(arguments: list[str]) -> int:
    """Lay out the chapter that the command line names."""
    if len(arguments) != 1 or arguments[0].count("/") != 1:
        print("say which: make chapter TOPIC/NAME, like limits/new-idea", file=sys.stderr)
        return 2
    try:
        written = lay_out(Path.cwd(), *arguments[0].split("/"))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(
        "written or changed:", *(f"  {file.relative_to(Path.cwd())}" for file in written), sep="\n"
    )
    print("next: write the chapter, then `make book`; coverage and glossary are yours to follow")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
