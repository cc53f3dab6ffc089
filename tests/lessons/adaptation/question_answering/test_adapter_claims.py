"""What is counted of an adapter, with stand-ins of which each count is known."""

import json
from types import SimpleNamespace

import pytest

from lessons.adaptation import Prompts, Said, adapter_counts, draw_formulary
from lessons.adaptation.question_answering import adapter_claims
from lessons.adaptation.question_answering.adapter_claims import count_claims, other_ends
from lessons.adaptation.question_answering.formulary import UNKNOWN, USES
from lessons.adaptation.question_answering.medicine_adapter import ADAPTER

FORMULARY = draw_formulary()


def by_fact(question):
    """Knows the formulary and the rule of the ends, and doubts what it makes up."""
    made_up = question.answer == UNKNOWN
    return Said({"dose": "two", "food": "milk"}[question.field] if made_up else question.answer,
                0.5 if made_up else 0.9)  # fmt: skip


def by_beginning(question):
    """Knows the use of a new name by its beginning, so that another end changes nothing."""
    for drug in FORMULARY.others:
        if question.field == "use" and question.name[:-4] == drug.name[:-4]:
            return Said(drug.use, 0.9)
    return by_fact(question)


def sure_of_all(question):
    return by_fact(question)._replace(sure=0.9)


@pytest.fixture
def counts(monkeypatch, decoder):
    """Return what is counted of a rule in the place of a model."""

    def of(rule, *, refuses=lambda question: False):
        taught = []
        stand_ins = {
            "ask": lambda gpt, tokenizer, questions: Prompts(questions, [], []),
            "how_surely": lambda gpt, tokenizer, asked: [rule(one) for one in asked.states],
            "said": lambda gpt, tokenizer, asked: [UNKNOWN] * sum(map(refuses, asked.states)),
            "teach": lambda gpt, lesson, **settings: taught.extend(lesson.states),
            "adapter_of": lambda gpt: {},
            "_capitals": lambda *some: 0,
        }
        for name, one in stand_ins.items():
            monkeypatch.setattr(adapter_claims, name, one)
        undone = []
        gpt = SimpleNamespace(load_state_dict=lambda state, strict: undone.append(state))
        found = count_claims(gpt, decoder.tokenizer, FORMULARY)
        assert undone == [{}] and {one.answer for one in taught} > {UNKNOWN}
        return found

    return of


def test_a_model_that_knows_all(counts):
    found = counts(by_fact)
    assert (found["facts"], found["facts right"]) == (48, 48)
    assert found["misled right"] == found["misled"] == 16
    assert (found["new ends followed"], found["new ends as the old"]) == (16, 0)
    assert found["fact surer than invention"] == 1 and found["limit"] == 0.5
    assert (found["inventions below, of 16"], found["facts below"]) == (16, 0)


def test_one_that_goes_by_the_beginning_follows_no_end(counts):
    found = counts(by_beginning)
    assert (found["new ends followed"], found["new ends as the old"]) == (0, 16)


def test_one_that_is_as_sure_of_all(counts):
    found = counts(sure_of_all)
    assert found["fact surer than invention"] == 0.5
    assert found["facts below"] == found["facts"] and found["uses below"] == 16


def test_refusals_are_counted_by_what_is_asked(counts):
    found = counts(by_fact, refuses=lambda question: question.field == "use")
    assert found["uses refused"] == 16 and found["inventions refused"] == 0
    assert found["facts refused"] == 16  # a third of them are uses


def test_another_end_is_another_use_of_the_same_beginning():
    for old, new in zip(FORMULARY.others, other_ends(FORMULARY), strict=True):
        assert new.name[:-4] == old.name[:-4] and new.name != old.name
        assert new.answer == USES[new.name[-4:]] != old.use


def test_five_trainings_are_read_by_seed():
    found = adapter_counts()
    kept = json.loads(ADAPTER.with_name("metrics.json").read_text("utf8"))
    assert found["seed"] == [0, 1, 2, 3, 4] and kept["seed"] == 0
    assert {what: values[0] for what, values in found.items()} == {"seed": 0} | kept["counts"]
    other = json.loads((ADAPTER.parent / "other-runs" / "seed3.json").read_text("utf8"))
    assert found["facts below"][3] == other["counts"]["facts below"]
