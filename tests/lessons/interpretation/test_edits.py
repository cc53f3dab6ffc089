"""Edits keep the links on their words; rules are the best; and what an edit tells of heads."""

import pytest

from lessons.interpretation import (
    adjective_links,
    ahead_links,
    best_place_rule,
    best_rule,
    best_step_rule,
    best_word_rule,
    drop,
    exchange,
    first_noun_links,
    front,
    insert,
    maps_for,
    pronoun_links,
    score_heads,
    verb_links,
)
from lessons.models.grammar import Sentence, agreement, lexicon
from lessons.models.grammar.draws import draw_sentences, draw_translations
from lessons.models.judging.baselines import diagonal


@pytest.fixture(scope="module")
def it():
    return draw_sentences("winograd", "test", 60, 3)


def linked(one, links):
    return [(one.tokens[query], one.tokens[key]) for query, key in links]


def test_links_stay_on_their_words(it):
    for one in it:
        too = one.antecedents[-1][0] + 2
        for edited in (drop(one, too), insert(one, too, "not"), insert(one, 0, "tom")):
            assert linked(edited, edited.antecedents) == linked(one, one.antecedents)
            assert linked(edited, edited.subjects) == linked(one, one.subjects)
            [(_, adjective)] = adjective_links(edited)
            assert edited.tokens[adjective - 1] == one.tokens[too + 1]
        with pytest.raises(ValueError, match="cannot be dropped"):
            drop(one, one.antecedents[-1][0])


def test_an_exchange_leaves_links_on_their_places(it):
    one = it[0]
    swapped = exchange(one, 1, 2)
    assert swapped.antecedents == one.antecedents and swapped.tokens[1:3] == one.tokens[2:0:-1]


def test_a_phrase_in_front_makes_the_subject_another_noun():
    def phrase(one):
        return one.tokens[one.subjects[-1][1] + 1] in lexicon.PREPOSITIONS

    for one in draw_sentences("agreement", "test", 30, 0, keep=phrase):
        moved = front(one)
        assert sorted(moved.tokens) == sorted(one.tokens)
        assert linked(moved, moved.subjects) == linked(one, one.subjects)
        assert first_noun_links(moved) != verb_links(moved) and first_noun_links(one) == verb_links(
            one
        )
    with pytest.raises(ValueError, match="no preposition"):
        front(Sentence(("the", "key", "is", "old"), "agreement", subjects=((2, 1),)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_what_the_edits_tell_holds_for_other_sentences(encoder, decoder, seed):
    some = draw_sentences("winograd", "test", 100, seed)
    for edit in (lambda one, at: drop(one, at), lambda one, at: insert(one, at, "not")):
        edited = [edit(one, one.antecedents[-1][0] + 2) for one in some]
        maps = list(maps_for(encoder, edited))
        word, place = (
            score_heads(maps, list(map(links, edited))).hits
            for links in (adjective_links, ahead_links)
        )
        assert min(word[0, 0], place[0, 0]) > 15 and word[1, 0] > place[1, 0]
    lured = draw_sentences(
        "agreement", "test", 100, seed,
        keep=lambda one: agreement.has_attractor(one)
        and sum(word in lexicon.PREPOSITIONS for word in one.tokens) == 2,
    )  # fmt: skip
    fronted = list(map(front, lured))
    maps = list(maps_for(decoder, fronted))
    subject, first = (
        score_heads(maps, list(map(links, fronted))).hits
        for links in (verb_links, first_noun_links)
    )
    assert all(subject[head] > 4 * first[head] for head in ((1, 2), (2, 2)))


def test_the_best_rule_is_the_best_of_all(it):
    adjectives = best_rule(it, adjective_links, markers=1)
    assert adjectives.name == "3 ahead" and adjectives.reached.rate == 1
    counted = best_rule(it, pronoun_links, markers=1)
    training = draw_sentences("winograd", "train", 600, 0)
    looked_up = best_rule(it, pronoun_links, markers=1, training=training)
    assert looked_up == best_word_rule(it, training) and looked_up.name.startswith(
        "the word 3 ahead"
    )
    assert 0.4 < counted.reached.rate < 0.7 < looked_up.reached.rate
    assert best_place_rule([[(7, 4)], [(9, 5)]], [9, 12], [[1, 4], [2, 5]]).name in (
        "the second noun", "the nearest noun")  # fmt: skip
    with pytest.raises(ValueError, match="no link"):
        best_place_rule([[]], [3], [[]])


def test_a_step_is_looked_up_if_that_is_better():
    training, scoring = (draw_translations(n, 0, split="train") for n in (300, 30))
    rule = best_step_rule(scoring, training)  # the training holds what it is asked
    assert rule.name.endswith("looked up") and rule.reached.rate > diagonal(scoring)
    blind = best_step_rule(scoring, [])
    assert blind.name == "the same relative place" and blind.reached.rate < rule.reached.rate
