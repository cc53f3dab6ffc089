"""Each work stands once in the bibliography, and somebody cites it."""

import re
from collections import Counter
from pathlib import Path

import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).parents[2]
ENTRIES = parse_file(ROOT / "book" / "references.bib").entries
CITED = "\n".join(
    path.read_text(encoding="utf-8")
    for folder, kind in (("book", "md"), ("solutions", "md"), ("src/lessons", "py"))
    for path in (ROOT / folder).rglob(f"*.{kind}")
)


@pytest.mark.parametrize("field", ["title", "url"])
def test_no_work_stands_twice(field):
    values = [entry.fields.get(field, "").lower() for entry in ENTRIES.values()]
    counts = Counter(re.sub(r"[\W_]+", " ", value).strip() for value in values if value)
    assert [value for value, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("key", ENTRIES)
def test_every_work_is_cited(key):
    assert re.search(rf"[`,]\s*{key}\s*[`,]", CITED), f"{key}: cite it, or delete it"
