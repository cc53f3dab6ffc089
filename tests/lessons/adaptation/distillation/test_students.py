"""Students: what is copied, what is asked, what each loss adds, and what a step costs."""

import pytest
import torch
from torch import nn

from lessons.adaptation import (
    TripleLoss,
    cosine_loss,
    cut_student,
    draw_taught,
    soft_loss,
    step_operations,
    student_scores,
    taught_rows,
)
from lessons.families.objectives import IGNORED


@pytest.fixture(scope="module")
def rows(encoder):
    return taught_rows(encoder, 40, split="test")


def test_all_layers_copied_are_the_teacher(encoder, rows):
    whole = cut_student(encoder.model, (0, 1, 2))
    scores = student_scores(whole, rows)
    assert scores.apart < 1e-9 and scores == student_scores(encoder.model, rows)


def test_layers_are_copied_in_the_order_that_is_named(encoder):
    student = cut_student(encoder.model, (2, 0))
    ours, theirs = student.state_dict(), encoder.model.state_dict()
    name = "distilbert.transformer.layer.{}.ffn.lin1.weight"
    assert torch.equal(ours[name.format(0)], theirs[name.format(2)])
    assert torch.equal(ours[name.format(1)], theirs[name.format(0)])
    ours[name.format(0)].zero_()
    assert theirs[name.format(2)].abs().sum() > 0


def test_a_student_that_copies_nothing_is_drawn_by_its_seed(encoder):
    name = "distilbert.transformer.layer.0.ffn.lin1.weight"
    drawn = [
        cut_student(encoder.model, (0,), copied=False, seed=seed).state_dict()[name]
        for seed in (0, 0, 1)
    ]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], encoder.model.state_dict()[name])


@pytest.mark.parametrize("layers", [(), (3,), (-1,)])
def test_layers_that_are_not_there_are_refused(encoder, layers):
    with pytest.raises(ValueError, match="pass some of 0 to 2"):
        cut_student(encoder.model, layers)


def test_what_is_asked_is_hidden_and_pronouns_are_asked(encoder, rows):
    asked = rows.labels != IGNORED
    mask = encoder.tokenizer.mask_token_id
    assert torch.equal(asked & ~rows.pronouns, rows.ids == mask)
    assert (asked[rows.pronouns]).all() and rows.pronouns.sum() > 10
    pronouns = {"it", "he", "she"}
    shown = encoder.tokenizer.convert_ids_to_tokens(rows.ids[rows.pronouns])
    assert set(shown) <= pronouns
    assert not (asked & ~rows.real).any()
    share = (rows.ids == mask).sum() / rows.real.sum()
    assert 0.05 < share < 0.2


def test_the_teacher_beside_the_rows_is_the_teacher(encoder, rows):
    with torch.no_grad():
        said = encoder.model(input_ids=rows.ids, attention_mask=rows.real.long()).logits
    assert torch.equal(said, rows.logits)


def test_a_batch_has_different_rows(rows):
    draw = draw_taught(rows._replace(ids=torch.arange(40)[:, None]), rows=40)
    assert sorted(draw(torch.Generator()).ids[:, 0].tolist()) == list(range(40))


def test_the_three_losses_add_up_and_none_is_computed_for_nothing(encoder, rows):
    student = cut_student(encoder.model, (0, 2))
    with torch.no_grad():
        said = student(
            input_ids=rows.ids, attention_mask=rows.real.long(), output_hidden_states=True
        )
        asked = rows.labels != IGNORED
        parts = {
            "soft": soft_loss(said.logits[rows.real], rows.logits[rows.real], temperature=2.0),
            "hard": nn.functional.cross_entropy(said.logits[asked], rows.labels[asked]),
            "cosine": cosine_loss(said.hidden_states[-1][rows.real], rows.hidden[rows.real]),
        }
        none = {"soft": 0.0, "hard": 0.0, "cosine": 0.0}
        for name, part in parts.items():
            alone = TripleLoss(**(none | {name: 3.0}))(student, rows)
            assert torch.isclose(alone, 3 * part, atol=1e-6)
        whole = TripleLoss()(student, rows)
    total = 5 * parts["soft"] + 2 * parts["hard"] + parts["cosine"]
    assert torch.isclose(whole, total, atol=1e-5)


def test_the_temperature_is_that_of_the_soft_part(encoder, rows):
    student = cut_student(encoder.model, (0, 2))
    with torch.no_grad():
        said = student(input_ids=rows.ids, attention_mask=rows.real.long()).logits[rows.real]
        hot = TripleLoss(soft=1, hard=0, cosine=0, temperature=8.0)(student, rows)
    assert torch.isclose(hot, soft_loss(said, rows.logits[rows.real], temperature=8.0))
    assert not torch.isclose(hot, soft_loss(said, rows.logits[rows.real], temperature=2.0))


def test_padding_is_not_taught(encoder, rows):
    student = cut_student(encoder.model, (0, 2))
    noise = torch.where(rows.real[..., None], rows.logits, torch.randn_like(rows.logits))
    with torch.no_grad():
        same = TripleLoss()(student, rows), TripleLoss()(student, rows._replace(logits=noise))
    assert same[0] == same[1]


def test_operations_are_those_of_the_matrices(encoder):
    student = cut_student(encoder.model, (0, 2))
    sizes = sum(
        module.weight.numel() for module in student.modules() if isinstance(module, nn.Linear)
    )
    config = student.config
    assert step_operations(config, encoder.model.config, taught=False) == 3 * sizes
    whole = sum(
        module.weight.numel() for module in encoder.model.modules() if isinstance(module, nn.Linear)
    )
    assert step_operations(config, encoder.model.config, taught=True) == 3 * sizes + whole


def test_no_sentence_is_refused(encoder):
    with pytest.raises(ValueError, match="at least 1"):
        taught_rows(encoder, 0)
