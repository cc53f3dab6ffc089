"""Heads and a dictionary are asked the same: which source word is rendered?"""

import random

import pytest
import torch

from lessons.interpretation import maps_for, rendered_words
from lessons.models import grammar, load
from lessons.models.grammar import Sentence, Translation

RED = Translation(
    Sentence(("the", "red", "car"), "plain"), ("la", "voiture", "rouge"), ((0, 0), (1, 2), (2, 1))
)


def test_by_hand():
    order = torch.eye(3)  # the same place: right for the article alone
    crossed = torch.eye(3)[[0, 2, 1]]
    maps = torch.stack([order, crossed])[None]
    content, function = rendered_words([maps], [RED], [RED])
    assert (content.what, content.trials) == ("a content word to its source", 2)
    assert content.rates.tolist() == [[0.0, 1.0]]
    assert function.rates.tolist() == [[1.0, 1.0]]
    assert content.ruled == function.ruled == 1.0


def test_a_dictionary_without_the_words_finds_nothing():
    other = Translation(Sentence(("the", "cat"), "plain"), ("la", "chatte"), ((0, 0), (1, 1)))
    content, function = rendered_words([torch.eye(3)[None, None]], [RED], [other])
    assert (content.ruled, function.ruled) == (0.0, 1.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_head_beats_the_dictionary(seed):
    rng = random.Random(seed)
    kinds = ("plain", "winograd") * 15
    drawn = [grammar.translation(kind, "test", rng) for kind in kinds]
    train = [grammar.translation(kind, "train", rng) for kind in kinds * 30]
    maps = maps_for(load("translator", source="book"), drawn)
    content, function = rendered_words(maps, drawn, train)
    assert content.ruled > 0.97 > 0.9 < content.rates.max() <= content.ruled
    assert function.ruled > function.rates.max() + 0.2
    assert function.rates.max() < content.rates.max() - 0.2


def test_bad_input():
    nothing = Translation(Sentence(("the",), "plain"), ("le",), ((0, 0),))
    with pytest.raises(ValueError, match="there is no link to score"):
        rendered_words([torch.eye(1)[None, None]], [nothing], [RED])
