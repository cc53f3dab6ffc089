"""Both blanks of a sentence have one tense, and the wrong word is the other tense's."""

import random

import pytest
import torch

from lessons.models import Blank, other_adjectives, tense_blanks, with_blanks
from lessons.models.grammar import sentence
from lessons.models.grammar.winograd import FRAMES, choose_schema, english, flip
from lessons.models.texts.cloze import OTHER_TENSE

PAST = {"did", "broke", "hid", "was"}


def drawn(count=200):
    rng = random.Random(0)
    return [sentence("winograd", "test", rng) for _ in range(count)]


def test_blanks_are_the_verbs_and_agree_in_tense():
    for one in drawn():
        blanks = tense_blanks(one)
        assert [one.tokens[blank.place] for blank in blanks] == [blank.right for blank in blanks]
        assert len({blank.right in PAST for blank in blanks}) == 1
        assert all((blank.right in PAST) != (blank.wrong in PAST) for blank in blanks)


def test_all_frames_are_covered():
    verbs = {form.split()[0] for frame in FRAMES.values() for form in (frame.present, frame.past)}
    assert verbs | {"is", "was"} == set(OTHER_TENSE)
    assert all(OTHER_TENSE[OTHER_TENSE[word]] == word for word in OTHER_TENSE)


def test_text_with_blanks():
    one = drawn(1)[0]
    verb, copula = tense_blanks(one)
    assert with_blanks(one) == one.text
    text = with_blanks(one, verb, copula).split()
    assert [place for place, word in enumerate(text) if word == "[MASK]"] == [
        verb.place,
        copula.place,
    ]
    assert text.count("[MASK]") == 2 and len(text) == len(one.tokens)


def test_chance_is_between_the_two_words_only():
    logits = torch.tensor([9.0, 1.0, 0.0], dtype=torch.float64)
    chance = Blank(0, "does", "did").chance_of_right(logits, {"the": 0, "does": 1, "did": 2})
    assert torch.isclose(chance, torch.sigmoid(torch.tensor(1.0, dtype=torch.float64)))


def test_other_kinds_are_refused():
    with pytest.raises(ValueError, match="draw one of the kind 'winograd'"):
        tense_blanks(sentence("agreement", "test", random.Random(0)))


def test_other_adjectives_turn_the_noun_that_is_meant_or_leave_it():
    rng = random.Random(0)
    for _ in range(300):
        schema = choose_schema(rng)
        written = english(schema)
        opposite, another = other_adjectives(written)
        assert opposite == english(flip(schema)).tokens[-1]
        same_noun = [pair[schema.meant] for pair in FRAMES[schema.frame].adjectives]
        assert another in same_noun and another != written.tokens[-1]


def test_other_adjectives_of_other_kinds_are_refused():
    with pytest.raises(ValueError, match="draw one of the kind 'winograd'"):
        other_adjectives(sentence("agreement", "test", random.Random(0)))
