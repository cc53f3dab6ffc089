"""Halves, places and groups, on which every set of open English rests."""

import random

import pytest

from lessons.models.open_english import item


def test_halves_are_the_whole_and_share_nothing():
    whole = list(range(11))
    parts = [item.half(whole, split) for split in item.SPLITS]
    assert sorted(parts[0] + parts[1]) == whole and not set(parts[0]) & set(parts[1])
    with pytest.raises(ValueError, match=r"no split 'train': pass one of validation, test"):
        item.half(whole, "train")


def test_a_place_is_that_of_a_whole_word():
    assert item.place("then she thanked the hen", "hen") == (21, 24)
    assert item.place("he said he", "he", last=True) == (8, 10)
    with pytest.raises(ValueError, match="'she' is no word"):
        item.place("he sheared it", "she")


def test_groups_are_whole_and_different_and_the_same_again():
    def draw(rng: random.Random, split: str) -> list[item.Item]:
        number = rng.randrange(20)
        return [item.Item(f"{split} {number} {part}", (0, 1), (), 0) for part in range(2)]

    drawn = item.draw_groups(draw, "numbers", "test", 11)
    assert len(drawn) == 12 and len({one.text for one in drawn}) == 12
    assert drawn == item.draw_groups(draw, "numbers", "test", 11)
    assert drawn != item.draw_groups(draw, "others", "test", 11)
    with pytest.raises(ValueError, match="numbers has hardly more than 40 items: ask for fewer"):
        item.draw_groups(draw, "numbers", "test", 41)
