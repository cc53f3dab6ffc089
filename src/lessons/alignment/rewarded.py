r"""A policy that learns from rewards: it draws answers, is told what they are worth, and steps.

Reference: :cite:t:`shao2024`, algorithm 1.
"""

import copy
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.alignment.answers import (
    check_vocabularies,
    draw_answers,
    drift,
    success,
    token_log_probabilities,
)
from lessons.alignment.playground import Playground, written
from lessons.alignment.policy_gradient import Rollout, group_relative
from lessons.families import DecoderOnly
from lessons.fit import fit

Reward = Callable[[Playground, Tensor], Tensor]
Draw = TypeVar("Draw")


class Drawn(NamedTuple):
    """What drawn answers were worth, told and truly, and how many nats they are away."""

    told: float
    reward: float
    kl: float


def roll_out(
    policy: DecoderOnly,
    reference: DecoderOnly,
    playground: Playground,
    answers: Int[Tensor, "answers new"],
    advantages: Float[Tensor, "answers #new"],
) -> Rollout:
    """Return a policy's answers with what it and the reference say of them.

    Raises:
        ValueError: The two have not one vocabulary; or as
            :func:`~lessons.alignment.answers.token_log_probabilities`.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> answers = playground.allowed[:2]
    >>> rollout = roll_out(reference, reference, playground, answers, torch.ones(2, 1))
    >>> rollout.kept.sum(dim=-1)
    tensor([4, 4])
    """
    check_vocabularies(policy, reference)
    with torch.no_grad():
        old = token_log_probabilities(policy, playground, answers)
        said = token_log_probabilities(reference, playground, answers)
    return Rollout(answers, written(answers, playground.ends), old, said, advantages)


def reused(
    draw: Callable[[torch.Generator], Draw], times: int
) -> Callable[[torch.Generator], Draw]:
    """Return what draws once, gives that so many times, and then draws anew.

    >>> twice = reused(lambda generator: torch.rand(1, generator=generator).item(), 2)
    >>> chance = torch.Generator().manual_seed(0)
    >>> first, second, third = twice(chance), twice(chance), twice(chance)
    >>> first == second != third
    True
    """
    kept: list[Draw] = []

    def again(generator: torch.Generator) -> Draw:
        if not kept:
            kept.extend([draw(generator)] * times)
        return kept.pop()

    return again


def learn_from_rewards(
    reference: DecoderOnly,
    playground: Playground,
    reward: Reward,
    loss: Callable[[Tensor, Rollout], Tensor],
    *,
    advantages: Callable[[Tensor], Tensor] = group_relative,
    groups: int = 16,
    size: int = 8,
    reuse: int = 1,
    steps: int = 40,
    learning_rate: float = 3e-4,
    seed: int = 0,
) -> tuple[DecoderOnly, list[Drawn]]:
    """Return a policy that learned from rewards, and what each draw of answers was worth.

    Args:
        reference: What the policy begins as; it stays as it is.
        playground: The prompt, and what is good.
        reward: From the playground and answers to what the policy is told they are worth.
        loss: Of the policy's log-probabilities and a rollout.
        advantages: From the rewards, in groups, to how much better than expected they are.
        groups: The groups of answers in a draw.
        size: The answers in a group.
        reuse: How many steps are made with one draw.
        steps: The number of steps.
        learning_rate: The highest.
        seed: Decides the draws.

    Raises:
        ValueError: A reward is not a finite decimal number.

    >>> from functools import partial
    >>> from lessons.alignment import grpo_loss, open_playground, true_reward
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> loss = partial(grpo_loss, beta=0.1)
    >>> _, drawn = learn_from_rewards(reference, playground, true_reward, loss, reuse=2, steps=4)
    >>> len(drawn)
    2
    """
    policy = copy.deepcopy(reference)
    seen: list[Drawn] = []

    def draw(generator: torch.Generator) -> Rollout:
        answers = draw_answers(policy, playground, groups * size, generator=generator)
        rewards = reward(playground, answers)
        above = advantages(rewards.view(groups, size)).view(-1, 1)
        rollout = roll_out(policy, reference, playground, answers, above)
        apart = drift(policy, reference, playground, answers).mean().item()
        seen.append(Drawn(rewards.mean().item(), success(policy, playground), apart))
        return rollout

    def loss_of(policy: DecoderOnly, rollout: Rollout) -> Tensor:
        return loss(token_log_probabilities(policy, playground, rollout.answers), rollout)

    fit(
        policy, reused(draw, reuse), loss_of,
        steps=steps, learning_rate=learning_rate, warm_up=5, weight_decay=0.0, seed=seed,
    )  # fmt: skip
    return policy, seen
