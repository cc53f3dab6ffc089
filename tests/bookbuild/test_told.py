"""What one page tells another has the same digest exactly if it is the same."""

import dataclasses
import subprocess
import sys
from collections import defaultdict, namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes

from bookbuild.told import fingerprint, told_to_others

Named = namedtuple("Named", "one two")


@dataclasses.dataclass
class Entry:
    name: str
    pages: set


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": 3}),
        ({"a", "b", "c"}, {"c", "b", "a"}, {"a", "b"}),
        (["a", "b"], ["a", "b"], ["b", "a"]),
        ([Path("a")], [Path("a")], [Path("b")]),
        (Named(1, {"x"}), Named(1, {"x"}), Named(1, {"y"})),
        (Entry("a", {1, 2}), Entry("a", {2, 1}), Entry("a", {1})),
        (nodes.title("", "A"), nodes.title("", "A"), nodes.title("", "B")),
        (SimpleNamespace(a={1}), SimpleNamespace(a={1}), SimpleNamespace(a={2})),
        ({"1": "a"}, {"1": "a"}, {1: "a"}),
        (None, None, False),
    ],
)
def test_equal_values_have_one_digest_and_others_another(one, same, other):
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)


def test_the_digest_is_the_same_in_another_process():
    program = (
        "from bookbuild.told import fingerprint; print(fingerprint({'a': {'x', 'y', 'z'}, 'b': 1}))"
    )
    told = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert told == {fingerprint({"b": 1, "a": {"z", "y", "x"}}) + "\n"}


def environment(**changed) -> SimpleNamespace:
    """Return what is read of Sphinx's environment, of a book of one page."""
    return SimpleNamespace(
        **{
            "titles": {"page": nodes.title("", "A title")},
            "longtitles": {},
            "tocs": {},
            "toc_secnumbers": {},
            "toc_fignumbers": {},
            "toctree_includes": {"page": ["other"]},
            "metadata": {"page": {"myst_slugs": {"slug": 1}, "wordcount": 100}},
            "domaindata": {"std": {"labels": {"label": ("page", "id")}}, "math": {}},
        }
        | changed
    )


def test_the_order_in_which_pages_were_read_does_not_count():
    one = environment(domaindata={"cite": {"citation_refs": [("a", 1), ("b", 1)]}})
    other = environment(domaindata={"cite": {"citation_refs": [("b", 1), ("a", 1)]}})
    less = environment(domaindata={"cite": {"citation_refs": [("b", 1)]}})
    assert told_to_others(one) == told_to_others(other) != told_to_others(less)


@pytest.mark.parametrize(
    "changed",
    [
        {"titles": {"page": nodes.title("", "Another title")}},
        {"toctree_includes": {"page": []}},
        {"toc_fignumbers": {"page": {"figure": {"id": (1,)}}}},
        {"metadata": {"page": {"myst_slugs": {"other": 1}}}},
        {"domaindata": {"std": {"labels": {"label": ("other", "id")}}}},
    ],
)
def test_what_other_pages_may_show_counts(changed):
    assert told_to_others(environment(**changed)) != told_to_others(environment())


@pytest.mark.parametrize(
    "changed",
    [
        {"metadata": defaultdict(dict, page={"myst_slugs": {"slug": 1}, "wordcount": 101})},
        {
            "domaindata": {
                "std": {"labels": {"label": ("page", "id")}},
                "math": {"has_equations": {"page": True}},
            }
        },
        {"all_docs": {"page": 1}},
    ],
)
def test_what_no_other_page_shows_does_not(changed):
    assert told_to_others(environment(**changed)) == told_to_others(environment())
