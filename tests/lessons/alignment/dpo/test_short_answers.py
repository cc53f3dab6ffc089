"""The rule of form on answers that keep it but for one thing; judged blind, in any order."""

import pytest

from lessons.alignment import (
    first_sentence,
    form_faults,
    judge_blind,
    kept_makers,
    shorter_chosen,
    term_prompt,
)
from lessons.alignment.dpo.short_answers import (
    COUNTRIES,
    LISTS,
    MOST_WORDS,
    TERMS,
    THINGS,
    thing_prompt,
)

KEPT = "A kite is a toy that flies in the wind."


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        (KEPT, []),
        (f"  {KEPT}\n", []),
        ("A kite, e.g. of paper, flies.", ["not one sentence"]),  # the rule is simple
        (KEPT.removesuffix("."), ["no period"]),
        (KEPT.replace(".", "..."), ["no period"]),
        (KEPT + " It is red.", ["not one sentence"]),
        (KEPT.replace("toy", "toy!\n"), ["not one sentence"]),
        (KEPT.replace("kite", "thing"), ["not named"]),
        ("A kite in the wind, in the wind, in the wind.", ["repeats"]),
        ("A kite" + "".join(f" is{n}" for n in range(MOST_WORDS - 2)) + ".", []),
        ("A kite" + "".join(f" is{n}" for n in range(MOST_WORDS - 1)) + ".", ["too long"]),
        ("", ["no period", "not named"]),
    ],
)
def test_one_fault_at_a_time(answer, faults):
    assert form_faults(answer, "kite") == faults


def test_nothing_is_learned_from_that_is_asked_in_the_end():
    assert not {*THINGS} & {*TERMS} and not {*THINGS} & {*LISTS}
    assert len({*THINGS}) == 64 and len({*TERMS}) == 64 and len({*LISTS}) == len({*COUNTRIES}) == 12
    assert thing_prompt("kite").split()[:4] != term_prompt("kite").split()[:4]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_changes_no_verdict(seed):
    answers = {"one": [KEPT, "What?"], "other": ["Flour", "Bread needs an oven."]}
    expected = {"one": [True, False], "other": [False, True]}
    assert judge_blind(answers, ["kite", "oven"], seed=seed) == expected


def test_the_judge_sees_no_maker(monkeypatch):
    """Two makers with the same answers get the same verdicts, and what is passed on is a text."""
    from lessons.alignment.dpo import short_answers

    seen = []
    monkeypatch.setattr(short_answers, "form_faults", lambda *told: seen.append(told) or [])
    judge_blind({"DPO": ["a"], "base": ["b"]}, ["kite"])
    assert sorted(seen) == [("a", "kite"), ("b", "kite")]


def test_too_few_answers_are_refused():
    with pytest.raises(ValueError, match="DPO has 1 answers to 2 names: pass one each"):
        judge_blind({"DPO": [KEPT]}, ["kite", "oven"])


def test_a_cut_answer_has_no_second_sentence_and_an_uncut_one_may():
    answers = [one for some in kept_makers().values() for one in some]
    several = [one for one in answers if "not one sentence" in form_faults(one, "")]
    assert len(several) > 100
    assert not any("not one sentence" in form_faults(first_sentence(one), "") for one in several)
    whole = [one for one in answers if one not in several]
    assert [first_sentence(one) for one in whole] == [one.strip() for one in whole]


def test_which_of_two_is_shorter():
    """Each thing counts alike, however many pairs it has, and equal lengths are not shorter."""
    many = ["A kite is here.", *["Kites fly! They do and do."] * 5]
    few = ["A coin is a coin.", "Coin", "One two three four five"]
    assert shorter_chosen({"kite": many, "coin": few}) == 0.5
    assert shorter_chosen({"kite": many, "coin": few, "bell": ["A bell."] * 3}) == 0.5
    with pytest.raises(ValueError, match="no thing has answers of both kinds"):
        shorter_chosen({"bell": ["A bell."]})
