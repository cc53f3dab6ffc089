"""Trainings by reward: what is drawn, and what five of them show."""

from functools import cache, partial
from typing import NamedTuple

import pytest
import torch

from lessons.alignment import (
    Drawn,
    Place,
    centered,
    cheerful_words,
    draw_answers,
    group_relative,
    grpo_loss,
    learn_from_rewards,
    place_of,
    roll_out,
    success,
    tilted,
    token_log_probabilities,
    true_reward,
)

SEEDS = range(5)


def test_a_rollout_has_what_both_say(reference, playground):
    answers = draw_answers(reference, playground, 6, generator=torch.Generator().manual_seed(0))
    rollout = roll_out(reference, reference, playground, answers, torch.ones(6, 1))
    said = token_log_probabilities(reference, playground, answers)
    torch.testing.assert_close(rollout.old, said.detach())
    torch.testing.assert_close(rollout.reference, rollout.old)
    assert not rollout.old.requires_grad


def test_a_draw_is_used_as_often_as_asked(reference, playground):
    seen = []

    def reward(playground, answers):
        seen.append(len(answers))
        return true_reward(playground, answers)

    loss = partial(grpo_loss, beta=0.1)
    _, drawn = learn_from_rewards(
        reference, playground, reward, loss, groups=2, size=3, reuse=3, steps=7
    )
    assert seen == [6, 6, 6] and len(drawn) == 3
    assert drawn[0].kl == 0 and drawn[0].reward == success(reference, playground)


def test_a_reward_that_is_no_decimal_is_refused(reference, playground):
    def counts(playground, answers):
        return cheerful_words(playground, answers).long()

    with pytest.raises((ValueError, TypeError)):
        learn_from_rewards(reference, playground, counts, partial(grpo_loss, beta=0.1), steps=1)


class Ended(NamedTuple):
    """What a training came to: the last draw, the farthest, and where the policy stands."""

    last: Drawn
    farthest: float
    place: Place


@pytest.fixture(scope="module")
def trained(reference, playground):
    """Train by a reward, once, however many tests look at it."""

    @cache
    def train(
        reward, *, seed, beta, epsilon=0.2, reuse=2, learning_rate=3e-4, advantages=group_relative
    ):
        policy, seen = learn_from_rewards(
            reference, playground, reward, partial(grpo_loss, beta=beta, epsilon=epsilon),
            groups=8, reuse=reuse, learning_rate=learning_rate, seed=seed, advantages=advantages,
        )  # fmt: skip
        place = place_of(policy, reference, playground, count=128)
        return Ended(seen[-1], max(one.kl for one in seen), place)

    return train


AGAIN_AND_AGAIN = {"reuse": 10, "learning_rate": 1e-3}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
class TestFiveTrainings:
    """What the chapter says of GRPO, on five seeds."""

    def test_true_reward(self, trained, seed):
        place = trained(true_reward, beta=0.04, seed=seed).place
        assert place.reward > 0.93 and place.kl < 1.5

    def test_at_a_high_price_it_ends_below_the_best_and_without_the_division_by_more(
        self, trained, reference, playground, seed
    ):
        train = partial(trained, true_reward, beta=0.3, seed=seed)
        divided, undivided = (
            train(advantages=way).place.reward for way in (group_relative, centered)
        )
        best = tilted(success(reference, playground), beta=0.3)
        assert undivided + 0.05 < divided < best - 0.02

    def test_clipping_keeps_near(self, trained, seed):
        train = partial(trained, true_reward, beta=0.04, seed=seed, **AGAIN_AND_AGAIN)
        assert train(epsilon=0.2).farthest < 1.5 < train(epsilon=1e9).farthest

    def test_the_hack_and_its_end(self, trained, reference, playground, seed):
        start = success(reference, playground)
        hacked, held = (trained(cheerful_words, beta=beta, seed=seed).last for beta in (0.0, 0.5))
        assert hacked.told > 2 and hacked.reward < 0.1
        assert held.told < 1.2 and held.reward > start + 0.1


@pytest.mark.slow
def test_where_nothing_is_clipped_a_price_brings_the_policy_back(trained):
    """In the mean over the seeds."""
    train = partial(trained, true_reward, epsilon=1e9, **AGAIN_AND_AGAIN)
    priced, free = (
        sum(train(beta=beta, seed=seed).place.kl for seed in SEEDS) / 5 for beta in (0.04, 0.0)
    )
    assert priced + 1 < free
