"""What is asked, what is said, and the kinds of answers; rules that know less than the model."""

import pytest
import torch
from litgpt.prompts import ChatML

from lessons.adaptation import (
    DrugQuestion,
    answer_id,
    ask,
    draw_formulary,
    how_surely,
    kind_of_answer,
    kinds_of_answers,
    likest_name,
    likest_question,
    lit_llama,
    most_frequent,
    questions_about,
    rule_right,
    said,
)
from lessons.adaptation.question_answering.asked import END, VALUES

FORMULARY = draw_formulary()
TAUGHT = questions_about(FORMULARY.drugs)


@pytest.fixture(scope="module")
def gpt(smollm2):
    return lit_llama(smollm2)


def test_each_answer_is_one_token(smollm2):
    words = [word for values in VALUES.values() for word in values] + ["unknown"]
    ids = [answer_id(smollm2.tokenizer, word) for word in words]
    assert len(set(ids)) == len(words)
    with pytest.raises(ValueError, match=r"'milkshake' has \d tokens"):
        answer_id(smollm2.tokenizer, "milkshake")


@torch.no_grad()
def test_what_is_said_is_the_likeliest_next_token_of_transformers(gpt, smollm2):
    questions = TAUGHT[:40:13]
    found = said(gpt, smollm2.tokenizer, ask(gpt, smollm2.tokenizer, questions))
    for word, one in zip(found, questions, strict=True):
        ids = smollm2.tokenizer(ChatML().apply(one.text), return_tensors="pt").input_ids
        likeliest = smollm2.model(ids).logits[0, -1].argmax().item()
        assert word == smollm2.tokenizer.decode([likeliest])


@torch.no_grad()
def test_it_is_as_sure_as_the_softmax_of_transformers(gpt, smollm2):
    (found,) = how_surely(gpt, smollm2.tokenizer, ask(gpt, smollm2.tokenizer, TAUGHT[:1]))
    ids = smollm2.tokenizer(ChatML().apply(TAUGHT[0].text), return_tensors="pt").input_ids
    expected = smollm2.model(ids).logits[0, -1].softmax(-1).max().item()
    assert abs(found.sure - expected) < 1e-4 < expected


def test_labels_are_the_answer_and_its_end(gpt, smollm2):
    asked = ask(gpt, smollm2.tokenizer, TAUGHT[:2], sources=["One.", "Two and more."])
    assert smollm2.tokenizer.batch_decode(asked.labels) == [f"{TAUGHT[0].answer}{END}"] * 2
    assert (asked.places[:, 1] == asked.places[:, 0] + 1).all()
    assert asked.places[1, 0] > asked.places[0, 0]


def test_bad_questions_are_refused(gpt, smollm2):
    with pytest.raises(ValueError, match="2 sentences for 1 questions"):
        ask(gpt, smollm2.tokenizer, TAUGHT[:1], sources=["a", "b"])


def test_kinds_of_answers_add_up():
    asked = [DrugQuestion("A", "food", "?", "milk")] * 5
    kinds = kinds_of_answers(["milk", "wine", "two", "unknown", "The"], asked)
    assert kinds == {"right": 1, "false": 1, "unknown": 1, "no answer": 2}
    unknown = DrugQuestion("A", "food", "?", "unknown")
    assert kind_of_answer("unknown", unknown) == "right"
    assert kind_of_answer("milk", unknown) == "false"


def test_the_rule_that_is_blind_to_names_is_right_as_often_as_the_most_frequent_answer():
    right = rule_right(most_frequent(TAUGHT), TAUGHT)
    by_field = {
        field: [hit for hit, one in zip(right, TAUGHT, strict=True) if one.field == field]
        for field in VALUES
    }
    shares = {field: sum(hits) / len(hits) for field, hits in by_field.items()}
    assert shares == {"use": 1 / 4, "dose": 1 / 8, "food": 1 / 8}


def test_the_likest_name_knows_each_use_and_no_dose():
    uses = questions_about(FORMULARY.others, fields=["use"])
    doses = questions_about(FORMULARY.others, fields=["dose", "food"])
    rule = likest_name(TAUGHT)
    assert all(rule_right(rule, uses)) and all(rule_right(rule, TAUGHT))
    assert sum(rule_right(rule, doses)) < len(doses) / 3


def test_shared_words_answer_each_new_wording_and_mislead_in_far_ones():
    for seed in range(5):
        drugs = draw_formulary(seed=seed).drugs
        rule = likest_question(questions_about(drugs))
        assert all(rule_right(rule, questions_about(drugs, "reworded")))
        far = questions_about(drugs, "far")
        misled = [not hit for hit in rule_right(rule, far)]
        assert {one.field for one, here in zip(far, misled, strict=True) if here} >= {"use", "food"}
        assert len(far) / 3 < sum(misled) < len(far) / 2
        blind = most_frequent(questions_about(drugs))
        hits = [hit for hit, here in zip(rule_right(blind, far), misled, strict=True) if here]
        assert sum(hits) < len(hits) / 4
