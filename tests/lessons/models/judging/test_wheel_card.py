"""The cards of the pretrained models say what was measured, and how sure it is."""

import dataclasses
import json

import pytest

from lessons.models import load
from lessons.models.judging import wheel_card
from lessons.models.judging.model_scores import Score
from lessons.models.judging.open_english_scores import looks_right, meanings_right, next_words
from lessons.models.loading.wheels import WHEELS
from lessons.models.open_english.item_sets import english_items

NAMES = ("encoder", "decoder")


def kept(name: str) -> dict:
    return json.loads((wheel_card.FOLDERS[name] / "metrics.json").read_text("utf8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_made_of_its_metrics(name):
    run = kept(name)
    card = (wheel_card.FOLDERS[name] / "README.md").read_text("utf8")
    assert card == wheel_card.card_text(run)
    assert run["package"] == WHEELS[name].package and f"{run['parameters']:,} parameters" in card
    for score in run["scores"]:
        assert score["count"] >= 300 and score["low"] <= score["value"] <= score["high"]
        assert score["what"] in card


def test_the_decoders_card_names_what_a_reader_must_know():
    card = (wheel_card.FOLDERS["decoder"] / "README.md").read_text("utf8")
    for word in ("Apache License", "4 bits", "follow instructions", "Unknown here", "falsehoods"):
        assert word in card


def test_the_numbers_are_those_of_the_weights(smollm2):
    """Agreement alone, whose sentences are short; another CPU may round a close call otherwise."""
    preferred, _ = next_words(smollm2, english_items("agreement"))
    score = next(
        one for one in kept("decoder")["scores"] if one["what"].startswith("agreement: the")
    )
    assert abs(sum(preferred) - score["value"] * score["count"]) <= 1


def test_what_is_right_and_what_is_wrong_can_be_told_apart(smollm2):
    items = english_items("agreement", count=10)
    turned = [dataclasses.replace(one, right=one.wrong, wrong=one.right) for one in items]
    (preferred, _), (other, _) = next_words(smollm2, items), next_words(smollm2, turned)
    assert [not hit for hit in preferred] == other and sum(preferred) > sum(other)
    same = dataclasses.replace(items[0], wrong=items[0].right)
    with pytest.raises(ValueError, match="begin with the same token"):
        next_words(smollm2, [same])


def test_a_head_looks_at_one_option_most():
    minilm = load("encoder", source="wheel")
    items = english_items("schemas", count=6)
    turned = [dataclasses.replace(one, truth=1 - one.truth) for one in items]
    right, other = looks_right(minilm, items), looks_right(minilm, turned)
    assert right.shape == (6, 6, 12) and (right ^ other).all()


def test_meanings_need_the_right_neighbors():
    minilm = load("encoder", source="wheel")
    known, asked = (english_items("homographs", split=part)[:24] for part in ("validation", "test"))
    right = meanings_right(minilm, known, asked, layer=-1)
    turned = [dataclasses.replace(one, truth=1 - one.truth) for one in known]
    assert sum(right) > 18  # of the two banks
    assert meanings_right(minilm, turned, asked, layer=-1) == [not hit for hit in right]


def test_a_card_by_hand():
    score = Score("luck", 0.75, 0.5, 0.9, 300, head=(1, 2), baselines={"first place": 0.5})
    run = {"name": "encoder", "package": "p", "version": "9", "parameters": 1234, "words": 56,
           "scores": [score.as_dict()]}  # fmt: skip
    text = wheel_card.card_text(run)
    assert "1,234 parameters; a vocabulary of 56 tokens" in text and "In the package p 9" in text
    assert "| luck | 1.2 | 0.750 | 0.500–0.900 | 300 | first place 0.500 |  |" in text
