"""PPO's parts by hand and by brute force, and what five trainings reach."""

from functools import partial

import jaxtyping
import pytest
import torch

from lessons.alignment import (
    Judged,
    Rollout,
    centered,
    group_relative,
    grpo_loss,
    learn_by_ppo,
    learn_from_rewards,
    place_of,
    ppo_loss,
    score_of,
    token_advantages,
    token_rewards,
    true_reward,
)

DOUBLE = torch.float64


@pytest.fixture
def kept():
    return torch.arange(4) < torch.tensor([1, 3, 4])[:, None]


def drawn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=DOUBLE)


def test_the_score_comes_at_the_end_and_the_price_on_the_way(kept):
    old, reference = drawn(3, 4) * kept, drawn(3, 5)[:, 1:] * kept
    rewards = torch.tensor([1.0, 2.0, 3.0], dtype=DOUBLE)
    found = token_rewards(rewards, old, reference, kept, beta=0.5)
    assert not found[~kept].any()
    paid = found + 0.5 * (old - reference)
    torch.testing.assert_close(paid[[0, 1, 2], [0, 2, 3]], rewards)
    torch.testing.assert_close(paid.sum(dim=1), rewards)


@pytest.mark.parametrize("trust", [0.0, 0.7, 1.0])
def test_advantages_by_their_definition(kept, trust):
    rewards, values = drawn(3, 4) * kept, drawn(3, 6)[:, :4]
    found = token_advantages(rewards, values, kept, trust=trust)
    for row, length in enumerate((1, 3, 4)):
        guessed = [*values[row, :length].tolist(), 0.0]
        change = [rewards[row, t].item() + guessed[t + 1] - guessed[t] for t in range(length)]
        for t in range(4):
            expected = sum(trust ** (k - t) * change[k] for k in range(t, length))
            assert found[row, t].item() == pytest.approx(expected)


def test_with_full_distrust_the_advantage_is_what_came_minus_the_guess(kept):
    rewards, values = drawn(3, 4) * kept, drawn(3, 6)[:, :4]
    found = token_advantages(rewards, values, kept, trust=1.0)
    later = rewards.flip(1).cumsum(dim=1).flip(1)
    torch.testing.assert_close(found, (later - values) * kept)


def test_the_loss_by_hand(kept):
    old, advantages, returns, values = (drawn(3, 4 + k)[:, :4] for k in range(4))
    rollout = Rollout(torch.zeros(3, 4).long(), kept, old, old, advantages)
    logs = (old + 0.5).requires_grad_()
    loss = ppo_loss(logs, values, Judged(rollout, returns))
    total = 0.0
    for row, place in kept.nonzero().tolist():
        gain = advantages[row, place].item()
        ratio = 2.718281828459045**0.5
        clip = min(ratio * gain, 1.2 * gain)
        total += -clip + (values[row, place] - returns[row, place]).item() ** 2 / 2
    assert loss.item() == pytest.approx(total / kept.sum().item())


def test_a_reward_that_is_no_decimal_is_refused(reference, playground, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as readers run it
    for bad in (
        lambda *_: torch.ones(64, dtype=torch.long),
        lambda *_: torch.full((64,), torch.nan),
    ):
        with pytest.raises(ValueError, match="reward"):
            learn_by_ppo(reference, playground, bad, beta=0.1, steps=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_training_on_the_truth(reference, playground, seed):
    policy = learn_by_ppo(reference, playground, true_reward, beta=0.1, steps=40, seed=seed)
    place = place_of(policy, reference, playground, count=64)
    assert place.reward > 0.9 and place.kl < 1.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_division_by_the_deviation_leads_away_from_the_judges_world(
    reference, playground, judge_of, seed
):
    """GRPO on a learned reward, each group in its own unit, and all in one."""
    judge, far = partial(score_of, model=judge_of(0)), []
    for advantages in (group_relative, partial(centered, unit=0.8)):
        policy, _ = learn_from_rewards(
            reference, playground, judge, partial(grpo_loss, beta=0.04),
            advantages=advantages, groups=8, reuse=2, seed=seed,
        )  # fmt: skip
        far.append(place_of(policy, reference, playground, count=64).kl)
    assert far[1] < 2 < 4 < far[0]
