"""Who reads the book in order meets no term of its glossary before a link to what it means."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
# Words of every day: they stand in sentences that do not mean the term.
ORDINARY = {"claim", "head", "key", "link", "mask", "query", "sampling", "score", "state", "value"}
ASIDE = (
    r"\A---\n.*?^---\n",  # front matter
    r"^```.*?^```$",  # cells
    r"^:::\{admonition\} What you need.*?^:::$",  # tells what will be explained
    r"^## (?:Summary|Exercises|Sources)$.*",
    r"^:about: .*?$",  # the label of a section
    r"\$\$.*?\$\$|\$[^$\n]*\$",
    r"^\([\w-]+\)=$|\(eq-[\w-]+\)|^#.*?$",  # labels and headings
    r"\{\.[^}]*\}|\[[^]]*\]\([^)]*\)",  # marks of claims, and links, which lead to it, too
    r"^\|.*?$",  # tables, where symbols are named
)
ROLE = re.compile(r"\{term\}`(?:[^`<]*<)?([^`<>]+)>?`|(?:\{[\w:]+\})?`[^`]*`")


def reading_order() -> list[str]:
    """Return the chapters as the contents list them."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    files = [one["file"] for part in contents["parts"] for one in part["chapters"]]
    return [file for file in files if file.startswith("book/") and "/reference/" not in file]


def glossary() -> list[str]:
    text = (ROOT / "book/reference/glossary.md").read_text("utf8")
    return re.findall(r"^(?! |:::)(\S.*)$", text.partition(":::{glossary}")[2], re.M)


def before_its_link(term: str, text: str) -> str:
    """Return the words around a term that stands in a chapter before a link to it, or nothing."""
    for pattern in ASIDE:
        text = re.sub(pattern, " ", text, flags=re.S | re.M)
    links = [found.start() for found in ROLE.finditer(text) if found[1] == term]
    text = ROLE.sub(lambda found: "~" * len(found[0]), text)
    word = re.escape(term).replace(r"\ ", r"[\s-]+")
    how = re.I if term.islower() else 0
    first = re.search(rf"\b{word}(?:s|es)?\b", text, how)
    if first is None or (links and links[0] < first.start()):
        return ""
    return " ".join(text[max(0, first.start() - 40) : first.end() + 20].split())


def speaks_of(term: str, text: str) -> bool:
    return bool(before_its_link(term, text)) or bool(
        [found for found in ROLE.finditer(text) if found[1] == term]
    )


@pytest.mark.parametrize("term", sorted(set(glossary()) - ORDINARY))
def test_the_first_use_leads_to_the_meaning(term):
    texts = {name: (ROOT / f"{name}.md").read_text("utf8") for name in reading_order()}
    first = next((name for name, text in texts.items() if speaks_of(term, text)), None)
    found = first and before_its_link(term, texts[first])
    assert not found, f"{first}.md: write {{term}}`{term}` at its first use: … {found} …"


@pytest.mark.parametrize(
    ("text", "early"),
    [
        ("A batch is read.\n\nA {term}`batch` is some texts.", True),
        ("Two {term}`batches <batch>` are read, and a batch is not.", False),
        ("(batch)=\n# A batch\n\n`batch` counts, $batch$ too.", False),
        ("```{code-cell}\nbatch = 1\n```\n\nNo batches.", True),
        ("Nothing of the kind.\n\n## Sources\n\nThe batch is from …", False),
    ],
)
def test_a_use_before_the_link_is_found(text, early):
    assert bool(before_its_link("batch", text)) == early
