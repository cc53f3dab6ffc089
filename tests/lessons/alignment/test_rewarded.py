"""Trainings by reward: what is drawn, and what five of them show."""

from functools import partial

import pytest
import torch

from lessons.alignment import (
    cheerful_words,
    draw_answers,
    grpo_loss,
    learn_from_rewards,
    place_of,
    roll_out,
    success,
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


@pytest.mark.slow
class TestFiveTrainings:
    """What the chapter says of GRPO, on five seeds."""

    def test_true_reward(self, reference, playground):
        for seed in SEEDS:
            policy, _ = learn_from_rewards(
                reference, playground, true_reward, partial(grpo_loss, beta=0.04),
                groups=8, reuse=2, seed=seed,
            )  # fmt: skip
            place = place_of(policy, reference, playground, count=64)
            assert place.reward > 0.93 and place.kl < 1.5

    def test_clipping_keeps_near(self, reference, playground):
        """And where nothing is clipped a price brings it back, in the mean over the seeds."""
        ends: dict = {0.04: [], 0.0: []}
        for seed in SEEDS:
            far = []
            for epsilon, beta in ((0.2, 0.04), (1e9, 0.04), (1e9, 0.0)):
                policy, seen = learn_from_rewards(
                    reference, playground, true_reward,
                    partial(grpo_loss, beta=beta, epsilon=epsilon),
                    groups=8, reuse=10, learning_rate=1e-3, seed=seed,
                )  # fmt: skip
                far.append(max(one.kl for one in seen))
                if epsilon > 1:
                    ends[beta].append(place_of(policy, reference, playground, count=128).kl)
            assert far[0] < 1.5 < far[1]
        assert sum(ends[0.04]) / 5 + 1 < sum(ends[0.0]) / 5

    def test_the_hack_and_its_end(self, reference, playground):
        start = success(reference, playground)
        for seed in SEEDS:
            ends = []
            for beta in (0.0, 0.5):
                _, seen = learn_from_rewards(
                    reference, playground, cheerful_words, partial(grpo_loss, beta=beta),
                    groups=8, reuse=2, seed=seed,
                )  # fmt: skip
                ends.append(seen[-1])
            assert ends[0].told > 2 and ends[0].reward < 0.1
            assert ends[1].told < 1.2 and ends[1].reward > start + 0.1
