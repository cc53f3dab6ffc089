"""Chances of answers against those that are listed, and what five trainings show of checks."""

import pytest
import torch

from lessons.alignment import (
    Sums,
    asked,
    carried,
    chance_of,
    digits,
    draw_sums,
    learn_from_sums,
    likeliest_sums,
    most_agree,
    right_last_digit,
    right_sum,
    sum_logs,
    taught_by_pupils,
    two_digit_sums,
)
from lessons.families import small_decoder


@pytest.fixture(scope="module")
def model():
    return small_decoder(12, positions=8, d_model=16, layers=1).double()


@pytest.fixture(scope="module")
def few():
    return Sums(*(one[:4] for one in two_digit_sums("test")))


def listed(model, sums):
    """Return the chance of each of the hundred answers, question by question."""
    questions = asked(sums).repeat_interleave(100, dim=0)
    answers = digits(torch.arange(100)).repeat(len(sums.first), 1)
    return sum_logs(model, questions, answers).sum(dim=1).exp().view(-1, 100).detach()


def test_chances_of_all_answers_sum_to_one(model, few):
    chances = listed(model, few)
    torch.testing.assert_close(chances.sum(dim=1), torch.ones(4).double())
    right = few.first + few.second
    expected = chances.gather(1, right[:, None]).mean().item()
    assert chance_of(model, few, right) == pytest.approx(expected, abs=1e-12)
    assert chance_of(model, few, right - 10) != pytest.approx(expected, abs=1e-4)


def test_answers_are_drawn_as_often_as_their_chances_say(model, few):
    questions = asked(few)[:1].repeat(20_000, 1)
    drawn = draw_sums(model, questions, generator=torch.Generator().manual_seed(0))
    counted = torch.bincount(10 * drawn[:, 0] + drawn[:, 1], minlength=100) / 20_000
    chances = listed(model, few)
    assert (counted - chances[0]).abs().max() < 0.006
    assert (counted - chances[1]).abs().max() > 0.012  # another question's


def test_the_likeliest_answer_is_taken_digit_by_digit(model, few):
    tens = listed(model, few).view(4, 10, 10)
    first = tens.sum(dim=2).argmax(dim=1)
    expected = 10 * first + tens[torch.arange(4), first].argmax(dim=1)
    assert likeliest_sums(model, few).tolist() == expected.tolist()


def test_rewards_are_given_to_the_groups_of_their_questions(few):
    """Answers of one question stand in one row."""
    seen = []

    def check(sums, answers):
        seen.append((sums, answers))
        return right_last_digit(sums, answers)

    start = small_decoder(12, positions=8, d_model=16, layers=1)
    before = [weights.clone() for weights in start.parameters()]
    policy, drawn = learn_from_sums(start, two_digit_sums("train"), check, steps=2)
    assert [answers.shape for _, answers in seen] == [(16, 8), (16, 8)]
    assert drawn == [right_last_digit(*one).mean().item() for one in seen] != [0, 0]
    assert all(map(torch.equal, before, start.parameters()))
    assert not all(map(torch.equal, before, policy.parameters()))


def test_a_model_of_no_numbers_draws_nothing(few):
    broken = small_decoder(12, positions=8, d_model=16, layers=1)
    with torch.no_grad():
        broken.norm.gain.fill_(float("nan"))
    with pytest.raises(ValueError, match="the policy's logits are no longer finite"):
        draw_sums(broken, asked(few), generator=torch.Generator())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_each_check_teaches(seed):
    train, test = two_digit_sums("train"), two_digit_sums("test")
    base = taught_by_pupils(train, seed=seed)
    hard = Sums(*(one[carried(test) == 1] for one in test))
    easy = Sums(*(one[carried(test) == 0] for one in test))
    first, second = train.first.tolist(), train.second.tolist()
    mirrors = set(zip(second, first, strict=True))
    mirrored = torch.tensor([(a.item(), b.item()) in mirrors for a, b in zip(*hard, strict=True)])
    assert 0.75 < mirrored.float().mean() < 0.85
    new = Sums(*(one[~mirrored] for one in hard))  # asked in neither order
    right = {}
    for name, check in (("truth", right_sum), ("vote", most_agree), ("digit", right_last_digit)):
        policy, _ = learn_from_sums(base, train, check, seed=seed)
        right[name] = chance_of(policy, hard, hard.first + hard.second)
        right[name, "new"] = chance_of(policy, new, new.first + new.second)
        assert chance_of(policy, easy, easy.first + easy.second) > 0.8
    start = chance_of(base, hard, hard.first + hard.second)
    assert 0.15 < start < 0.4
    assert right["truth"] > 0.6 and right["vote"] < 0.1
    assert abs(right["truth", "new"] - right["truth"]) < 0.15 and right["vote", "new"] < 0.1
    assert abs(right["digit"] - start) < 0.2
    assert (likeliest_sums(base, hard) == hard.first + hard.second).float().mean() < 0.1
