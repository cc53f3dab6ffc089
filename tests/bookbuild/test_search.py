"""The result of a search leads to the section that is about a word, where there is one."""

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from bookbuild.search import place

PAGE = """
Positions
=========

Rotary is named here, and rotary, and rotary, and rotary.

What attention does not know
----------------------------

ALiBi and rotary positions come later. Order, order and order.

Rotary positions: a turn
------------------------

Rotary position embedding (RoPE) turns.

ALiBi: a penalty
~~~~~~~~~~~~~~~~

Penalty, penalty, penalty and RoPE.

Break it: bias
--------------

Bias, penalty.

llama.cpp
---------

In a row.

Summary
-------

Turns, turns, turns, turns.
"""


@pytest.fixture(scope="module")
def page() -> nodes.document:
    return publish_doctree(PAGE, settings_overrides={"doctitle_xform": False})


@pytest.mark.parametrize(
    ("word", "id_"),
    [
        ("rotary", "rotary-positions-a-turn"),  # the title has it
        ("RoPE", "rotary-positions-a-turn"),  # as another name
        ("alibi", "alibi-a-penalty"),
        ("penalty", "alibi-a-penalty"),  # also where it is not in capitals
        ("order", "what-attention-does-not-know"),  # three times, and nowhere else
        ("position", ""),  # the page is about it
        ("embedding", ""),  # only once
        ("bias", ""),  # of where something is broken nothing is learned
        ("turns", ""),
        ("llama.cpp", "llama-cpp"),
        ("a-row", ""),
        ("(", ""),
    ],
)
def test_a_word_has_the_section_that_is_about_it(page, word, id_):
    assert place(page, word) == id_


def test_a_part_does_not_count_for_its_section(page):
    assert place(page, "penaltie") == ""
    for section in page.findall(nodes.section):
        if section["ids"] == ["alibi-a-penalty"]:
            section.parent.remove(section)
            break
    assert place(page, "penalty") == ""
