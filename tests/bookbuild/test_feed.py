"""The page of changes becomes a feed; a release that does not fit is told by its title."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from docutils import nodes
from markdown_it import MarkdownIt

from bookbuild.feed import PAGE, Release, atom, releases
from support.small_book import ROOT

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://book.example/"


def page(*titles: str) -> nodes.document:
    """Return a page with a section for each title."""
    document = nodes.document(None, None)  # type: ignore[arg-type]  # neither is asked for
    whole = nodes.section("", nodes.title("", "What has changed"), ids=["top"])
    for number, title in enumerate(titles):
        said = nodes.paragraph("", f"What <b>{number}</b> & more is.")
        whole += nodes.section("", nodes.title("", title), said, ids=[f"release-{number}"])
    document += whole
    return document


def test_each_release_is_an_entry_newest_first():
    found = list(releases(page("Version 1.10.0, 2026-11-29", "Version 1.9.2, 2026-11-29")))
    assert found[0] == Release(
        "Version 1.10.0, 2026-11-29", "2026-11-29", "release-0", "What <b>0</b> & more is."
    )
    feed = ElementTree.fromstring(atom("Book", BASE, found).encode())
    # What RFC 4287 demands of a feed and of its entries.
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert (element.findtext(f"{ATOM}{name}") or "").strip()
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    links = [one.get("href") for one in feed.iter(f"{ATOM}link")]
    assert links == [
        f"{BASE}changes.atom",
        BASE,
        *(f"{BASE}{PAGE}.html#release-{number}" for number in (0, 1)),
    ]
    assert feed.findtext(f"{ATOM}entry/{ATOM}content") == "What <b>0</b> & more is."


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        (["Version 2"], "'Version 2' is no title"),
        (["Version 1.0.0, 2026-11-20", "Version 1.0.0, 2026-11-19"], "not older"),
        (["Version 1.9.0, 2026-11-20", "Version 1.10.0, 2026-11-19"], "not older"),
        (["Version 2.0.0, 2026-11-20", "Version 1.0.0, 2026-11-21"], "not older"),
    ],
)
def test_a_release_that_does_not_fit_is_told(titles, told):
    with pytest.raises(ValueError, match=told):
        list(releases(page(*titles)))


def test_the_newest_release_is_the_one_that_is_cited():
    source = MarkdownIt().parse((Path(ROOT) / f"{PAGE}.md").read_text("utf8").split("---", 2)[2])
    headings = [one.children for one in source if one.type == "inline" and one.children]
    newest = next(one[0].content for one in headings if one[0].content.startswith("Version"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    assert newest == f"Version {cited['version']}, {cited['date-released']}"
