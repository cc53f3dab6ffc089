"""The formulary: groups apart, facts balanced, the use told by the name's end and nothing else."""

import re
from collections import Counter

import pytest

from lessons.adaptation import draw_formulary, formulary_sentences, questions_about
from lessons.adaptation.question_answering.formulary import (
    DOSES,
    FAR,
    FOODS,
    MIDDLES,
    QUESTIONS,
    REWORDED,
    STARTS,
    USES,
)

SEEDS = range(5)


def beginnings(drugs):
    """Return the names without their ends."""
    return {drug.name[: -len(end)] for drug in drugs for end in USES if drug.name.endswith(end)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_three_groups_share_no_beginning(seed):
    groups = draw_formulary(seed=seed)
    begun = [beginnings(one) for one in groups]
    assert all(len(one) == 16 for one in begun)
    assert not begun[0] & begun[1] and not begun[0] & begun[2] and not begun[1] & begun[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_answer_is_as_frequent_as_any_other(seed):
    for group in draw_formulary(seed=seed):
        for field, values in (("use", USES.values()), ("dose", DOSES), ("food", FOODS)):
            counts = Counter(getattr(drug, field) for drug in group)
            assert set(counts.values()) == {16 // len(values)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_end_of_a_name_tells_the_use(seed):
    for group in draw_formulary(seed=seed):
        assert all(
            drug.name.endswith({use: e for e, use in USES.items()}[drug.use]) for drug in group
        )


def test_the_end_tells_nothing_of_dose_and_food():
    best = {"dose": 0, "food": 0}
    for seed in range(200):
        drugs = draw_formulary(seed=seed).drugs
        for field in best:
            counts = Counter((drug.use, getattr(drug, field)) for drug in drugs)
            best[field] += counts["pain", (DOSES if field == "dose" else FOODS)[0]]
    assert all(abs(found / 200 - 0.5) < 0.12 for found in best.values())  # 4 drugs, one in eight


def test_the_same_seed_draws_the_same():
    assert draw_formulary(seed=3) == draw_formulary(seed=3) != draw_formulary(seed=4)


def test_no_taught_wording_is_asked_in_the_test():
    for field in QUESTIONS:
        assert not set(QUESTIONS[field]) & set(REWORDED[field])
    drugs = draw_formulary().drugs
    taught, reworded = questions_about(drugs), questions_about(drugs, "reworded")
    assert len(taught) == 144 and len(reworded) == 96
    assert not {one.text for one in taught} & {one.text for one in reworded}
    assert all(one.name in one.text and one.answer not in one.text for one in taught + reworded)


def test_far_wordings_share_no_telling_word_with_a_taught_one_of_their_field():
    empty = set("a how is of one the what".split())
    for field, wordings in FAR.items():
        taught = {word for one in QUESTIONS[field] for word in re.findall("[a-z]+", one.lower())}
        for one in wordings:
            assert "{name}" in one
            shared = set(re.findall("[a-z]+", one.lower())) & taught - {"name"}
            assert shared <= empty
    assert all(one.answer not in one.text for one in questions_about(draw_formulary().drugs, "far"))


def test_sentences_hold_the_answers_in_the_order_of_the_questions():
    drugs = draw_formulary().drugs
    pairs = zip(formulary_sentences(drugs), questions_about(drugs)[::3], strict=True)
    assert all(one.name in sentence and one.answer in sentence for sentence, one in pairs)


def test_strangers_are_asked_about_as_unknown():
    asked = questions_about(draw_formulary().strangers, unknown=True)
    assert {one.answer for one in asked} == {"unknown"}


@pytest.mark.parametrize("drugs", [0, 5, 24])
def test_a_number_of_drugs_that_does_not_come_out_even_is_refused(drugs):
    with pytest.raises(ValueError, match="pass 4, 8, 12, 16 or 20"):
        draw_formulary(drugs=drugs)


def test_another_wording_or_field_is_refused():
    drugs = draw_formulary().drugs
    with pytest.raises(ValueError, match="pass one of taught, reworded, far"):
        questions_about(drugs, "rude")
    with pytest.raises(ValueError, match="no field 'color': pass some of use, dose, food"):
        questions_about(drugs, fields=["use", "color"])


def test_there_are_enough_beginnings():
    assert len({a + b for a in STARTS for b in MIDDLES}) == len(STARTS) * len(MIDDLES) >= 60
