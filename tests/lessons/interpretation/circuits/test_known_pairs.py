"""A pair differs in one thing, and what is right follows."""

import pytest
import torch

from lessons.families import from_transformers
from lessons.interpretation import logit_margins, number_pairs, other_rows, swapped_lists
from lessons.models.grammar import agreement


def words(decoder, ids):
    return [decoder.tokenizer.decode([one]).strip() for one in ids.tolist()]


@pytest.mark.parametrize("word", [2, 5])
def test_one_nouns_number_differs(decoder, word):
    pairs = number_pairs(decoder, 40, word=word, seed=3)
    for clean, corrupted, right, wrong in zip(*pairs, strict=True):
        one, other = words(decoder, clean), words(decoder, corrupted)
        assert [at for at in range(6) if one[at] != other[at]] == [word]
        assert {agreement.number(one[word]), agreement.number(other[word])} == {
            "singular", "plural"}  # fmt: skip
        assert agreement.number(one[2]) != agreement.number(one[5])
        verbs = words(decoder, torch.stack([right, wrong]))
        assert not agreement.number(verbs[0]) or agreement.number(verbs[0]) == agreement.number(
            one[2]
        )
        assert verbs[0] != verbs[1]


def test_the_same_sentences_whichever_noun_is_changed(decoder):
    subject, other = (number_pairs(decoder, 20, word=word) for word in (2, 5))
    assert torch.equal(subject.clean, other.clean) and torch.equal(subject.right, other.right)
    assert not torch.equal(subject.clean, number_pairs(decoder, 20, seed=1).clean)
    with pytest.raises(ValueError, match="word 3 is no noun"):
        number_pairs(decoder, 1, word=3)


@pytest.mark.parametrize(("first", "second"), [(3, 6), (0, 8)])
def test_two_words_change_places_the_first_time(decoder, first, second):
    pairs = swapped_lists(decoder, 20, first=first, second=second)
    for clean, corrupted, right, wrong in zip(*(part.tolist() for part in pairs), strict=True):
        assert len(clean) == 11 + first and len(set(clean[:10])) == 10
        assert clean[10:] == corrupted[10:] == clean[: first + 1]
        swapped = list(clean[:10])
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert corrupted[:10] == swapped
        for text, answer in ((clean, right), (corrupted, wrong)):
            at = text.index(text[-1])  # the first time of the last word
            assert answer == text[at + 1]


def test_margins_are_those_of_the_last_token(decoder):
    model, pairs = from_transformers(decoder.model), number_pairs(decoder, 5)
    with torch.no_grad():
        logits = model(pairs.clean)[:, -1]
        margins = pairs.margins(model, pairs.clean)
    for row, right, wrong, margin in zip(logits, pairs.right, pairs.wrong, margins, strict=True):
        assert margin == row[right] - row[wrong]
    assert torch.equal(margins, -logit_margins(logits, pairs.wrong, pairs.right))


def test_other_rows_are_of_the_group_asked_for():
    groups = [3, 5, 5, 3, 3, 5, 3]
    for seed in range(20):
        alike, unlike = (rows.tolist() for rows in other_rows(groups, seed=seed))
        for row, (one, other) in enumerate(zip(alike, unlike, strict=True)):
            assert one != row and groups[one] == groups[row] != groups[other]
    with pytest.raises(ValueError, match="row 2 has no partner"):
        other_rows(["a", "a", "b"])
    with pytest.raises(ValueError, match="row 0 has no partner"):
        other_rows(["a", "a"])
