r"""Proximal policy optimization: a policy, a frozen reference, a reward and a critic.

The critic guesses, before each token, what the finished answer will be worth. The advantage of a
token is how much the guess has risen since, and what was paid on the way.

References: :cite:t:`schulman2017`; :cite:t:`ziegler2019`, section 2; :cite:t:`ouyang2022`.
"""

import copy
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.alignment.answers import draw_answers, token_log_probabilities
from lessons.alignment.playground import Playground
from lessons.alignment.policy_gradient import Rollout, checked_rewards, clipped
from lessons.alignment.preferences.scalar_head import Scored, scores_along
from lessons.alignment.rewarded import Reward, reused, roll_out
from lessons.families import DecoderOnly
from lessons.fit import fit


class Judged(NamedTuple):
    """A rollout with an advantage for each token, and what the critic should have guessed."""

    rollout: Rollout
    returns: Float[Tensor, "answers new"]


def token_rewards(
    rewards: Float[Tensor, " answers"],
    old: Float[Tensor, "answers new"],
    reference: Float[Tensor, "answers new"],
    kept: Bool[Tensor, "answers new"],
    *,
    beta: float,
) -> Float[Tensor, "answers new"]:
    r"""Return what each token brings: its price, and at the end what the answer is worth.

    .. math:: -\beta \ln \frac{\pi(y_t)}{\pi_\text{ref}(y_t)}

    Args:
        rewards: What each answer is worth.
        old: The log-probabilities of the policy that drew it; 0 after the end.
        reference: The reference's; 0 after the end.
        kept: Which tokens are written.
        beta: The price of a nat.

    Source: :cite:t:`ziegler2019`, equation 2.

    >>> zero, kept = torch.zeros(1, 3), torch.tensor([[True, True, False]])
    >>> token_rewards(torch.tensor([5.0]), zero + 1, zero, kept, beta=0.5)
    tensor([[-0.5000,  4.5000, -0.0000]])
    """
    last = kept.sum(dim=-1, keepdim=True) - 1
    paid = -beta * (old - reference) * kept
    return paid.scatter_add(-1, last, rewards[:, None])


def token_advantages(
    rewards: Float[Tensor, "answers new"],
    values: Float[Tensor, "answers new"],
    kept: Bool[Tensor, "answers new"],
    *,
    trust: float,
) -> Float[Tensor, "answers new"]:
    r"""Return by how much each token raised what is to be expected.

    .. math:: \delta_t = r_t + v_{t+1} - v_t, \qquad A_t = \delta_t + \lambda A_{t+1}

    After the end nothing is expected.

    Args:
        rewards: What each token brings.
        values: What the critic expects before each token.
        kept: Which tokens are written.
        trust: :math:`\lambda`. At 0 the critic is trusted at the next token; at 1 not at all, and
            the advantage is what came in the end minus the guess.

    Source: :cite:t:`schulman2017`, equations 11 and 12, without discount.

    >>> rewards, values = torch.tensor([[0.0, 1.0]]), torch.tensor([[0.5, 0.8]])
    >>> token_advantages(rewards, values, torch.ones(1, 2).bool(), trust=0.0)
    tensor([[0.3000, 0.2000]])
    >>> token_advantages(rewards, values, torch.ones(1, 2).bool(), trust=1.0)
    tensor([[0.5000, 0.2000]])
    """
    values = values * kept
    after = torch.cat([values[:, 1:], torch.zeros_like(values[:, :1])], dim=1)
    change = (rewards + after - values) * kept
    found, later = [], torch.zeros_like(change[:, 0])
    for one in reversed(change.unbind(dim=1)):
        later = one + trust * later
        found.append(later)
    return torch.stack(found[::-1], dim=1)


def ppo_loss(
    logs: Float[Tensor, "answers new"],
    values: Float[Tensor, "answers new"],
    judged: Judged,
    *,
    epsilon: float = 0.2,
) -> Float[Tensor, ""]:
    r"""Return the loss of policy and critic together, a mean over written tokens.

    .. math:: -\text{clipped}_t + \frac{1}{2} (v_t - \text{return}_t)^2

    Args:
        logs: The policy's log-probabilities.
        values: The critic's guesses.
        judged: The answers with advantages and returns, which carry no gradient.
        epsilon: How far a ratio may go.

    Source: :cite:t:`schulman2017`, equation 9, without the entropy.

    >>> logs, one = torch.tensor([[0.5]]).log(), torch.ones(1, 1)
    >>> judged = Judged(Rollout(one.long(), one.bool(), logs, logs, one), 3 * one)
    >>> ppo_loss(logs, one, judged)  # -1, and half of 2 · 2
    tensor(1.)
    """
    rollout, kept = judged.rollout, judged.rollout.kept
    gain = clipped(logs, rollout.old, rollout.advantages, epsilon=epsilon)
    return (-gain + (values - judged.returns).square() / 2)[kept].mean()


def learn_by_ppo(
    reference: DecoderOnly,
    playground: Playground,
    reward: Reward,
    *,
    beta: float,
    trust: float = 0.95,
    size: int = 64,
    reuse: int = 2,
    steps: int = 40,
    learning_rate: float = 3e-4,
    seed: int = 0,
) -> DecoderOnly:
    """Return a policy that learned from rewards, with a critic that learned beside it.

    Args:
        reference: What policy and critic begin as; it stays as it is.
        playground: The prompt.
        reward: What answers are worth.
        beta: The price of a nat.
        trust: As in :func:`token_advantages`.
        size: How many answers are drawn at a time.
        reuse: How many steps are made with one draw.
        steps: The number of steps.
        learning_rate: The highest.
        seed: Decides the draws.

    Raises:
        ValueError: A reward is not a finite decimal number.

    >>> from lessons.alignment import open_playground, success, true_reward
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> policy = learn_by_ppo(reference, playground, true_reward, beta=0.1, steps=2)
    >>> success(policy, playground) == success(reference, playground)
    False
    """
    policy, critic = copy.deepcopy(reference), Scored(reference)

    def draw(generator: torch.Generator) -> Judged:
        answers = draw_answers(policy, playground, size, generator=generator)
        rollout = roll_out(policy, reference, playground, answers, torch.zeros(size, 1))
        with torch.no_grad():
            values = scores_along(critic, playground, answers)[:, :-1] * rollout.kept
        told = checked_rewards(reward(playground, answers)[None])[0]
        brought = token_rewards(told, rollout.old, rollout.reference, rollout.kept, beta=beta)
        above = token_advantages(brought, values, rollout.kept, trust=trust)
        return Judged(rollout._replace(advantages=above), above + values)

    def loss_of(both: nn.ModuleList, judged: Judged) -> Tensor:
        answers = judged.rollout.answers
        logs = token_log_probabilities(policy, playground, answers)
        values = scores_along(critic, playground, answers)[:, :-1]
        return ppo_loss(logs, values, judged)

    fit(
        nn.ModuleList([policy, critic]), reused(draw, reuse), loss_of,
        steps=steps, learning_rate=learning_rate, warm_up=5, weight_decay=0.0, seed=seed,
    )  # fmt: skip
    return policy
