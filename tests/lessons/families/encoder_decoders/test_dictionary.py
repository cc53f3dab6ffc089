"""The dictionary finds what was rendered most often, and knows no sentence."""

import random

import pytest

from lessons.families import Example, look_up, renderings
from lessons.models import grammar

CATS = Example(("the", "cats", "see", "the", "dogs"), ("les", "chats", "voient", "les", "chiens"),
               ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4)))  # fmt: skip


def test_by_hand():
    counted = renderings([CATS, Example(("her", "cats"), ("ses", "chats"), ((0, 0), (1, 1)))])
    assert counted["les"] == {"the": 2} and counted["chats"] == {"cats": 2}
    assert look_up(counted, ("dogs", "see", "the", "cats"), ("les", "chats")) == [2, 3]


def test_the_commoner_and_then_the_nearer_wins():
    counted = {"le": {"the": 3, "it": 1}}
    assert look_up(counted, ("it", "x", "the"), ("le",)) == [2]
    assert look_up(counted, ("the", "x", "x", "the"), ("x", "x", "le")) == [None, None, 3]


def test_a_word_that_was_never_seen_has_no_place():
    assert look_up(renderings([CATS]), ("cats",), ("zebre", "chiens")) == [None, None]


def test_in_the_grammar_it_finds_every_content_word():
    rng = random.Random(1)
    kinds = ("plain", "winograd") * 300
    train = [grammar.translation(kind, "train", rng) for kind in kinds]
    counted = renderings(Example(o.source.tokens, o.target, o.alignment) for o in train)
    right = [
        look_up(counted, one.source.tokens, one.target)[q] == k
        for one in (grammar.translation(kind, "test", rng) for kind in kinds[:40])
        for q, k in one.content
    ]
    assert sum(right) > 0.97 * len(right)
    nearest = [look_up({}, one.source, one.target) for one in [CATS]]
    assert nearest == [[None] * 5]  # without counts nothing is found


def test_bad_input():
    with pytest.raises(ValueError, match=r"link \(0, 2\) leads outside 1 target and 1 source"):
        renderings([Example(("a",), ("b",), ((0, 2),))])
