"""R1's recipe, small: its parts, and what five trainings of each kind show."""

from functools import cache
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from lessons import adaptation
from lessons.adaptation import Labeled
from lessons.alignment import (
    answer_logs,
    answered_by,
    first_layers,
    imitate,
    learn_from_checks,
    right_answers,
    share_right,
)
from lessons.families import from_transformers, small_decoder
from lessons.models import load

TEXTS = Labeled(
    torch.tensor([[5, 6, 7, 0], [8, 4, 0, 0]]),
    torch.tensor([[-100, -100, 7, 0], [-100, 4, 0, -100]]),
)


def test_answers_are_the_first_scored_tokens():
    assert right_answers(TEXTS).tolist() == [7, 4]
    says = torch.zeros(9, 9)
    says[6, 7] = says[8, 4] = 2.0  # what is read just before the answer decides
    logs = answer_logs(nn.Embedding.from_pretrained(says), TEXTS)
    sure = torch.tensor(2.0).exp() / (torch.tensor(2.0).exp() + 8)
    assert logs.exp()[0, 7].item() == pytest.approx(sure.item())
    assert share_right(nn.Embedding.from_pretrained(says), TEXTS) == pytest.approx(sure.item())


def test_a_model_of_no_numbers_is_told():
    broken = nn.Embedding.from_pretrained(torch.full((9, 9), torch.nan))
    with pytest.raises(ValueError, match="the policy's logits are no longer finite"):
        answer_logs(broken, TEXTS)


def test_a_teachers_answers_stand_where_the_right_ones_stood():
    says = torch.zeros(9, 9)
    says[6, 1] = says[8, 2] = 2.0
    taught = answered_by(nn.Embedding.from_pretrained(says), TEXTS)
    assert taught.ids.tolist() == [[5, 6, 1, 0], [8, 2, 0, 0]]
    assert taught.labels.tolist() == [[-100, -100, 1, -100], [-100, 2, -100, -100]]


def test_a_smaller_model_is_a_copy_of_the_first_layers():
    model = small_decoder(9, positions=4, layers=3, d_model=16)
    smaller = first_layers(model, 2)
    smaller.layers[0].feed_forward.to_hidden.weight.data.zero_()
    assert model.layers[0].feed_forward.to_hidden.weight.any()
    for count in (0, 4):
        with pytest.raises(ValueError, match="pass 1 to 3"):
            first_layers(model, count)


def test_learning_leaves_the_start_alone():
    start = small_decoder(9, positions=4, d_model=16)
    before = [one.clone() for one in start.parameters()]
    _, drawn = learn_from_checks(start, TEXTS, steps=3)
    imitate(start, TEXTS, steps=2)
    assert all(torch.equal(old, new) for old, new in zip(before, start.parameters(), strict=True))
    assert len(drawn) == 3 and all(0 <= one.right <= 1 and 0 <= one.mixed <= 1 for one in drawn)


def test_nothing_is_learned_where_no_group_is_mixed():
    """A policy that is never right has no mixed group, and at no price stays as it is."""
    start = small_decoder(9, positions=4, d_model=16)
    start.unembed.weight.data[[4, 7]] = 0.0
    start.norm.gain.data.mul_(30.0)  # so sure of other words that 4 and 7 are never drawn
    policy, drawn = learn_from_checks(start, TEXTS, steps=3, beta=0.0)
    assert all(one == (0.0, 0.0) for one in drawn)
    for old, new in zip(start.parameters(), policy.parameters(), strict=True):
        assert torch.equal(old, new)


@pytest.fixture(scope="module")
def asked():
    tokenizer = adaptation.answering(load("decoder", source="book").tokenizer)
    return (
        adaptation.question_texts(tokenizer, "train", 600),
        adaptation.question_texts(tokenizer, "test", 300, seed=1),
    )


@pytest.fixture(scope="module")
def large():
    return from_transformers(load("decoder", source="book").model)


@pytest.fixture(scope="module")
def small(large):
    return first_layers(large, 2)


@pytest.fixture(scope="module")
def recipe(asked, large, small):
    """Make a model, with a cold start of 16 right answers or from zero, once for all tests."""
    train, starts = asked[0], {"large": large, "small": small}
    few = Labeled(train.ids[:16], train.labels[:16])

    @cache
    def shown(size, *, seed):
        return imitate(starts[size], few, steps=10, seed=seed)

    @cache
    def checked(size, *, cold, seed):
        """As many steps in all: 10 shown and 30 of checks, or 40 of checks."""
        start, steps = (shown(size, seed=seed), 30) if cold else (starts[size], 40)
        return learn_from_checks(start, train, steps=steps, seed=seed)[0]

    def only_shown(size, *, seed):
        return imitate(starts[size], few, steps=40, seed=seed)

    return SimpleNamespace(shown=shown, checked=checked, only_shown=only_shown)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
class TestFiveTrainings:
    """What the chapter says of cold starts and distillation, on five seeds."""

    @pytest.mark.parametrize("size", ["large", "small"])
    def test_with_a_cold_start_both_get_there(self, asked, recipe, size, seed):
        assert share_right(recipe.shown(size, seed=seed), asked[1]) < 0.9
        got_there = share_right(recipe.checked(size, cold=True, seed=seed), asked[1])
        only_shown = share_right(recipe.only_shown(size, seed=seed), asked[1])
        assert got_there > 0.98 and only_shown < got_there - 0.01
        near = {"large": 0.97, "small": 0.94}[size]
        assert abs(only_shown - near) < 0.02

    def test_from_zero_the_small_one_does_not(self, asked, recipe, seed):
        assert share_right(recipe.checked("small", cold=False, seed=seed), asked[1]) < 0.9

    def test_the_word_that_it_hardly_ever_says_has_to_be_shown(self, asked, small, seed):
        train, test = asked
        words = right_answers(train)
        said = answer_logs(small, test).exp().mean(dim=0)
        rare, frequent = sorted(set(words.tolist()), key=lambda word: said[word].item())
        assert said[rare] < 0.01 < 0.1 < said[frequent]
        ends = []
        for word in (rare, frequent):
            some = (words == word).nonzero()[:16, 0]
            cold = imitate(small, Labeled(train.ids[some], train.labels[some]), steps=10, seed=seed)
            policy, _ = learn_from_checks(cold, train, steps=30, seed=seed)
            ends.append(share_right(policy, test))
        assert ends[0] > 0.9 and ends[1] < 0.6

    def test_distilled_is_hardly_better_than_its_own_grpo_after_a_cold_start(
        self, asked, recipe, small, seed
    ):
        train, test = asked
        taught = answered_by(recipe.checked("large", cold=True, seed=0), train)
        distilled = share_right(imitate(small, taught, steps=40, seed=seed), test)
        alone = share_right(recipe.checked("small", cold=True, seed=seed), test)
        zero = share_right(recipe.checked("small", cold=False, seed=seed), test)
        assert distilled > zero + 0.1
        assert distilled > 0.98 and -0.002 < distilled - alone < 0.01


@pytest.mark.slow
def test_without_a_cold_start_some_do_not_get_there(asked, recipe):
    zero = [
        share_right(recipe.checked(size, cold=False, seed=seed), asked[1])
        for seed in range(5)
        for size in ("large", "small")
    ]
    assert sum(one < 0.6 for one in zero) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_small_one_gets_there_from_zero_in_twice_the_steps(asked, small, seed):
    policy, _ = learn_from_checks(small, asked[0], steps=80, seed=seed)
    assert share_right(policy, asked[1]) > 0.95
