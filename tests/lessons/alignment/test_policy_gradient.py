"""Advantages and losses by hand, against trl's loss, and against the gradient of what they mean."""

import math
from types import SimpleNamespace
from unittest.mock import MagicMock

import jaxtyping
import pytest
import torch

from lessons.alignment import (
    Rollout,
    as_they_are,
    centered,
    clipped,
    distance_estimate,
    evenly_weighted_loss,
    group_relative,
    grpo_loss,
    reinforce_loss,
    tilted,
)

DOUBLE = torch.float64


@pytest.fixture
def rollout():
    chance = torch.Generator().manual_seed(0)
    old, reference = -3 * torch.rand(2, 6, 5, generator=chance, dtype=DOUBLE)
    kept = torch.arange(5) < torch.tensor([1, 2, 3, 4, 5, 5])[:, None]
    advantages = torch.randn(6, 1, generator=chance, dtype=DOUBLE)
    answers = torch.zeros(6, 5, dtype=torch.long)
    return Rollout(answers, kept, old * kept, reference * kept, advantages)


@pytest.fixture
def logs(rollout):
    chance = torch.Generator().manual_seed(1)
    return rollout.old + 0.5 * torch.randn(6, 5, generator=chance, dtype=DOUBLE) * rollout.kept


def test_advantages_forget_zero_and_unit():
    rewards = torch.randn(4, 8, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    torch.testing.assert_close(group_relative(3 * rewards + 7), group_relative(rewards))
    torch.testing.assert_close(centered(rewards + 7), centered(rewards))
    torch.testing.assert_close(centered(3 * rewards), 3 * centered(rewards))
    torch.testing.assert_close(centered(3 * rewards, unit=3.0), centered(rewards))
    assert not torch.allclose(as_they_are(rewards + 7), as_they_are(rewards))
    torch.testing.assert_close(group_relative(rewards).std(dim=1), torch.ones(4, dtype=DOUBLE))


def test_equal_rewards_teach_nothing():
    equal = torch.full((2, 4), 0.1)
    assert group_relative(equal).tolist() == [[0.0] * 4] * 2
    assert group_relative(torch.tensor([[0.0, 1.0], [1.0, 1.0]]))[1].tolist() == [0.0, 0.0]


def test_a_unit_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"unit is 0.0: pass a positive number"):
        centered(torch.ones(1, 2), unit=0.0)


@pytest.mark.parametrize("advantages", [as_they_are, centered, group_relative])
@pytest.mark.parametrize(
    ("rewards", "message"),
    [
        (torch.tensor([[0, 1]]), "the rewards are torch.int64: pass decimal numbers"),
        (torch.tensor([[True, False]]), "the rewards are torch.bool: pass decimal numbers"),
        (torch.ones(3, 1), "a group has fewer than two answers"),
        (torch.tensor([[0.0, float("nan")]]), "a reward is not a finite number"),
    ],
)
def test_odd_rewards_are_refused(monkeypatch, advantages, rewards, message):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as readers run it
    with pytest.raises(ValueError, match=message):
        advantages(rewards)


def test_reinforce_is_the_gradient_of_the_mean_reward():
    """Over all answers, weighted as they are drawn, with any baseline."""
    logits = torch.randn(4, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    rewards = torch.tensor([1.0, 0.0, 3.0, -1.0], dtype=DOUBLE)
    logits.requires_grad_()
    chances = logits.softmax(dim=0)
    expected = torch.autograd.grad((chances * rewards).sum(), logits, retain_graph=True)[0]
    for baseline in (0.0, 5.0):
        found = torch.zeros(4, dtype=DOUBLE)
        for place in range(4):
            one = torch.ones(1, 1, dtype=DOUBLE)
            rollout = Rollout(one.long(), one.bool(), one, one, one * (rewards[place] - baseline))
            logs = logits.log_softmax(dim=0)[place].view(1, 1)
            gradient = torch.autograd.grad(reinforce_loss(logs, rollout), logits)[0]
            found -= chances[place].detach() * gradient
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("ratio", "advantage", "gain", "flows"),
    [
        (1.5, 1.0, 1.2, False),
        (1.5, -1.0, -1.5, True),
        (0.5, 1.0, 0.5, True),
        (0.5, -1.0, -0.8, False),
        (1.1, 1.0, 1.1, True),
    ],
)
def test_what_is_clipped(ratio, advantage, gain, flows):
    logs = torch.tensor([[ratio]], dtype=DOUBLE).log().requires_grad_()
    found = clipped(logs, 0 * logs.detach(), torch.full((1, 1), advantage).double(), epsilon=0.2)
    assert found.item() == pytest.approx(gain)
    assert bool(torch.autograd.grad(found.sum(), logs)[0].item()) == flows


def test_the_estimate_of_the_distance_and_its_gradient():
    """In the mean it is the divergence; its gradient is that of the other direction."""
    logits = torch.randn(2, 5, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    policy = logits[0].requires_grad_()
    new, old = policy.log_softmax(dim=0), logits[1].log_softmax(dim=0).detach()
    each = distance_estimate(new[None], old[None])[0]
    assert each.min() >= 0
    apart = (new.exp() * (new - old)).sum()
    torch.testing.assert_close((new.exp() * each).sum(), apart)
    drawn = torch.autograd.grad((new.exp().detach() * each).sum(), policy, retain_graph=True)[0]
    other = torch.autograd.grad((old.exp() * (old - new)).sum(), policy, retain_graph=True)[0]
    torch.testing.assert_close(drawn, other)
    assert not torch.allclose(drawn, torch.autograd.grad(apart, policy)[0])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "loss"), [("grpo", grpo_loss), ("dr_grpo", evenly_weighted_loss)])
def test_as_trls_loss(kind, loss, logs, rollout):
    """The loss of trl's trainer, given the same log-probabilities."""
    from trl import GRPOTrainer

    # What the loss asks of its trainer; all else that it does is to record numbers.
    trainer = MagicMock(
        _get_per_token_logps_and_entropies=lambda *a, **k: (logs, torch.zeros_like(logs), None),
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None,
        importance_sampling_level="token", beta=0.3, loss_type=kind, epsilon_low=0.2,
        epsilon_high=0.2, use_vllm=False, max_completion_length=5, _entropy_bonus_enabled=False,
        args=SimpleNamespace(delta=None, use_bias_correction_kl=False),
        model=SimpleNamespace(training=False), current_gradient_accumulation_steps=1,
    )  # fmt: skip
    trainer.accelerator.gather = lambda numbers: numbers
    inputs = {
        "prompt_ids": torch.zeros(6, 1, dtype=torch.long), "prompt_mask": torch.ones(6, 1),
        "completion_ids": rollout.answers, "completion_mask": rollout.kept.double(),
        "advantages": rollout.advantages[:, 0], "old_per_token_logps": rollout.old,
        "ref_per_token_logps": rollout.reference,
    }  # fmt: skip
    theirs = GRPOTrainer._compute_loss(trainer, None, inputs)
    torch.testing.assert_close(loss(logs, rollout, beta=0.3), theirs, atol=1e-12, rtol=0)


def test_length_weighs_in_one_loss_and_not_in_the_other(logs, rollout):
    """The force on a token: one over its answer's length in GRPO, a constant in the other."""
    for loss, expected in ((grpo_loss, [1, 1 / 2, 1 / 5]), (evenly_weighted_loss, [0.2, 0.2, 0.2])):
        here = rollout.old.clone().requires_grad_()
        gradient = torch.autograd.grad(loss(here, rollout, beta=0.0), here)[0]
        force = (gradient[[0, 1, 4], 0] * -6 / rollout.advantages[[0, 1, 4], 0]).tolist()
        assert force == pytest.approx(expected)


def mean_push(share, advantages, *, own_price):
    """The mean push toward good answers, in groups of eight, of a policy that is a coin.

    At a price of 0.3 and a reference of 0.44, priced by GRPO's estimate or by the KL itself.
    """
    start = torch.tensor([0.44, 0.56], dtype=DOUBLE).log()
    logit = torch.tensor(share, dtype=DOUBLE).logit().requires_grad_()
    coin = torch.stack([logit, -logit]).sigmoid().log()
    loss = 0.3 * (coin.exp() * (coin - start)).sum() * (not own_price)
    for good in range(9):
        bad = (torch.arange(8) >= good).long()
        above = advantages(1.0 - bad[None].double()).view(-1, 1)
        told = [some[bad][:, None] for some in (coin, coin.detach(), start)]
        rollout = Rollout(bad[:, None], torch.ones(8, 1).bool(), *told[1:], above)
        often = math.comb(8, good) * share**good * (1 - share) ** (8 - good)
        loss = loss + often * grpo_loss(told[0], rollout, beta=0.3 * own_price)
    return -torch.autograd.grad(loss, logit)[0].item()


def test_the_division_pushes_beyond_the_best_and_the_price_as_it_is_taken_holds_back_more():
    best = tilted(0.44, beta=0.3)
    assert mean_push(best, group_relative, own_price=False) > 0.02
    assert mean_push(best, group_relative, own_price=True) < -0.02
    assert mean_push(best, centered, own_price=True) < -0.1
    # The mean of a group has the answer itself in it, so a price counts for 8/7 of itself.
    eighth = tilted(0.44, beta=0.3 * 8 / 7)
    assert mean_push(eighth, centered, own_price=False) == pytest.approx(0, abs=1e-9)


def test_the_division_weighs_a_reward_more_up_to_the_root_of_the_groups_size():
    groups = (torch.arange(8) < torch.arange(1, 8)[:, None]).double()
    ratio = (group_relative(groups) / centered(groups))[:, 0]
    assert ratio.min() == ratio[3] == pytest.approx(math.sqrt(3.5))
    assert ratio.max() == ratio[0] == pytest.approx(math.sqrt(8)) == pytest.approx(ratio[6])
