"""What a pretrained decoder is asked: of countries that there are or are not, in either order."""

import pytest
import torch

from lessons.limits import clause_first, likeliest_next
from lessons.limits.limitations.facts import INVENTED, QUESTION
from lessons.models import english_items
from lessons.models.open_english.capitals import CAPITALS


def test_no_invented_country_exists():
    assert len(set(INVENTED)) == 24 and not set(INVENTED) & set(CAPITALS)


def test_the_likeliest_token_is_the_models_own(decoder):
    prompts = ["the keys near the table", "tom thanks ben because he", "the key near the tables"]
    sure, said = likeliest_next(decoder, prompts)
    for text, chance, word in zip(prompts, sure, said, strict=True):
        ids = decoder.tokenizer(text, return_tensors="pt").input_ids
        with torch.no_grad():
            best = decoder.model(ids).logits[0, -1].softmax(-1).max(dim=-1)
        assert decoder.tokenizer.decode([int(best.indices)]) == word
        assert float(chance) == pytest.approx(float(best.values), abs=1e-5)


def test_a_question_names_its_country_twice():
    assert QUESTION.format("Norway").count("Norway") == 2


def test_clauses_change_places_and_nothing_is_lost():
    items = english_items("gendered names")
    turned = [(one, other) for one in items if (other := clause_first(one))]
    assert 40 <= len(turned) < len(items)
    for one, other in turned:
        assert (other.right, other.wrong) == (one.right, one.wrong)
        words, others = (
            sorted(text.lower().replace(",", "").replace(".", "").split())
            for text in (one.prompt, other.prompt)
        )
        assert words == others
        assert other.prompt.startswith(("When", "Because")) and not one.prompt.startswith("When")


def test_a_sentence_without_such_a_clause_is_left_out():
    without = [one for one in english_items("gendered names") if one.text.startswith("Last week")]
    assert without and not any(clause_first(one) for one in without)
