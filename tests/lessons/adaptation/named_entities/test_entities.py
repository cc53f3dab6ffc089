"""Entities: read from words, written as text and tags, read back, and scored."""

import pytest
from hypothesis import given, strategies as st

from lessons.adaptation import (
    Entity,
    Marked,
    entities_of,
    entities_of_tags,
    entity_sentences,
    held_out_words,
    read_entities,
    recall_by_kind,
    span_scores,
    tags_of,
    word_list,
    write_entities,
)
from lessons.adaptation.named_entities.span_text import MARKS
from support import few


@pytest.fixture(scope="module")
def drawn():
    return entity_sentences(80) + entity_sentences(40, unseen=True, split="test")


def test_no_training_sentence_has_a_held_out_word_and_each_other_one_has(drawn):
    held_out = held_out_words()
    assert all(held_out.isdisjoint(one.words) for one in drawn[:80])
    assert all(held_out.intersection(one.words) for one in drawn[80:])
    assert len(held_out) == 14


def test_all_models_can_read_the_sentences(drawn, encoder, translator):
    for loaded in (encoder, translator):
        known = loaded.tokenizer.get_vocab()
        assert all(word in known for one in drawn for word in one.words)


def test_adjectives_belong_to_their_noun_only():
    words = tuple("the pretty blue vase is red and tom 's new car is big .".split())
    assert entities_of(words) == (
        Entity(1, 4, "thing"),
        Entity(7, 8, "person"),
        Entity(9, 11, "thing"),
    )


def test_written_and_read_back_is_what_was_there(drawn):
    for one in drawn:
        read = read_entities(write_entities(one), one.words)
        assert read.entities == one.entities and not read.malformed
        assert entities_of_tags(tags_of(one)) == one.entities


def test_a_name_that_stands_twice_is_found_at_both_places():
    words = ("tom", "sees", "tom")
    read = read_entities(("<person>", "tom", "<person>", "tom", "<person>", "tom"), words)
    assert read.entities == (Entity(0, 1, "person"), Entity(2, 3, "person"))
    assert read.invented == 1 and read.malformed


@few
@given(st.lists(st.sampled_from((*MARKS, "tom", "red", "car", "moon")), max_size=9))
def test_whatever_is_written_each_mark_is_counted_once(written):
    words = ("tom", "'s", "red", "car")
    read = read_entities(written, words)
    marks = sum(word in MARKS for word in written)
    assert len(read.entities) + read.empty + read.invented == marks
    first = next((at for at, word in enumerate(written) if word in MARKS), len(written))
    assert read.stray == first
    for one in read.entities:
        assert 0 <= one.start < one.end <= len(words)


TOM, CAR = Entity(0, 1, "person"), Entity(3, 5, "thing")


def check_scores(score):
    assert score([[TOM, CAR]], [[TOM, CAR]]) == (1.0, 1.0, 1.0)
    assert score([[TOM]], [[TOM, CAR]])[:2] == (1.0, 0.5)
    assert score([[TOM], [CAR]], [[], [TOM, CAR]])[1] == 0.5  # sentence by sentence
    assert score([[CAR._replace(label="place")]], [[CAR]]) == (0, 0, 0)
    assert score([[CAR._replace(start=4)]], [[CAR]]).f1 == 0
    assert score([[]], [[CAR]]) == (0, 0, 0)


def by_words(found, true):
    def words(side):
        return [[Entity(at, at + 1, one.label) for one in some for at in range(*one[:2])]
                for some in side]  # fmt: skip

    return span_scores(words(found), words(true))


def without_labels(found, true):
    return span_scores(
        *([[o._replace(label="") for o in some] for some in s] for s in (found, true))
    )


def all_in_one(found, true):
    return span_scores(*([[one for some in side for one in some]] for side in (found, true)))


def test_scores():
    check_scores(span_scores)


@pytest.mark.parametrize("broken", [by_words, without_labels, all_in_one])
def test_broken_scores_are_caught(broken):
    with pytest.raises(AssertionError):
        check_scores(broken)


def test_they_refuse():
    with pytest.raises(ValueError, match="as many of both"):
        span_scores([[]], [])
    for nothing in ([], [[]]):
        with pytest.raises(ValueError, match="some that have"):
            span_scores(nothing, nothing)
    with pytest.raises(ValueError, match="at least 1"):
        entity_sentences(0)


def test_recall_looks_at_the_held_out_words_of_one_test_set_and_at_all_of_the_other():
    marked = Marked(("marc", "sees", "the", "mouse", "and", "tom"),
                    (TOM, Entity(3, 4, "animal"), Entity(5, 6, "person")))  # fmt: skip
    outputs = {("T5", "unseen", 0): [[TOM]], ("T5", "known", 0): [[]], ("T5", "unseen", 1): [[]]}
    read = recall_by_kind(outputs, [marked], test="unseen")
    assert read == {"T5, name": [1.0, 0.0], "T5, noun": [0.0, 0.0]}
    known = Marked(
        ("tom", "sees", "the", "red", "car", "and", "ben"), (TOM, CAR, Entity(6, 7, "person"))
    )
    outputs = {("T5", "known", 0): [[TOM, CAR]], ("T5", "unseen", 0): [[]]}
    assert recall_by_kind(outputs, [known], test="known") == {"T5, name": [0.5], "T5, noun": [1.0]}


def test_a_tag_that_goes_on_with_nothing_begins():
    tags = ["I-thing", "I-place", "O", "B-place", "B-place"]
    assert [one[:2] for one in entities_of_tags(tags)] == [(0, 1), (1, 2), (3, 4), (4, 5)]


FIVE = ("tom", "sees", "the", "red", "car")
LISTED = word_list([Marked(FIVE, entities_of(FIVE))])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("the red car sees tom", [(1, 3, "thing"), (4, 5, "person")]),
        ("the mouse sees the red moon", [(1, 2, "thing"), (4, 6, "thing")]),
        ("lucy sees red", [(0, 1, "person")]),
        ("tom 's car", [(0, 1, "person"), (1, 2, "person"), (2, 3, "thing")]),  # 's was not met
    ],
)
def test_a_list_of_words_finds_what_it_has_and_guesses_the_rest(words, found):
    (read,) = LISTED.read([Marked(tuple(words.split()), ())])
    assert [tuple(one) for one in read] == found


def test_a_list_of_the_training_sentences_is_right_about_all_known_words(drawn):
    listed, known = word_list(entity_sentences(400)), entity_sentences(60, split="test")
    assert listed.read(known) == [one.entities for one in known]
    assert span_scores(listed.read(drawn[80:]), [one.entities for one in drawn[80:]]).f1 < 0.95
