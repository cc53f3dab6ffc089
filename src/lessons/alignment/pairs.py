r"""Pairs of answers, and a policy that learns from them.

Somebody, here the true reward, says which of two answers is the better one. That is all that is
learned from: no reward, no answer of the policy's own unless the pairs are made of them.

Reference: :cite:t:`rafailov2023`, section 4.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.alignment.answers import (
    check_vocabularies,
    draw_answers,
    success,
    token_log_probabilities,
)
from lessons.alignment.playground import Playground, true_reward, written
from lessons.alignment.preference_losses import PairLogs, margins
from lessons.families import DecoderOnly
from lessons.fit import fit


class Pairs(NamedTuple):
    """Answers, row by row the preferred one and the rejected one."""

    chosen: Int[Tensor, "pairs new"]
    rejected: Int[Tensor, "pairs new"]


class Look(NamedTuple):
    """One step: the share of pairs with a positive margin, mean log-probabilities, the truth."""

    accuracy: float
    chosen: float
    rejected: float
    reward: float


def pair_up(
    answers: Int[Tensor, "answers new"],
    rewards: Float[Tensor, " answers"],
    count: int,
    *,
    generator: torch.Generator,
) -> Pairs:
    """Draw pairs in which the first answer has the higher reward.

    Args:
        answers: To choose from.
        rewards: One for each answer.
        count: How many pairs.
        generator: Where chance comes from.

    Raises:
        ValueError: All rewards are equal, or are no decimal numbers.

    >>> answers, rewards = torch.tensor([[4], [5]]), torch.tensor([0.0, 1.0])
    >>> pair_up(answers, rewards, 1, generator=torch.Generator().manual_seed(0))
    Pairs(chosen=tensor([[5]]), rejected=tensor([[4]]))
    """
    if not rewards.is_floating_point():
        raise ValueError(f"the rewards are {rewards.dtype}: pass decimal numbers")
    better = (rewards[:, None] > rewards).nonzero()
    if not len(better):
        raise ValueError("all rewards are equal: no answer is better than another")
    drawn = better[torch.randint(len(better), (count,), generator=generator)]
    return Pairs(answers[drawn[:, 0]], answers[drawn[:, 1]])


def pair_logs(
    policy: DecoderOnly, reference: DecoderOnly, playground: Playground, pairs: Pairs
) -> PairLogs:
    """Return what policy and reference say of each pair; only the policy's numbers have a gradient.

    Raises:
        ValueError: A pair's answers are equal; the two have not one vocabulary; or as
            :func:`~lessons.alignment.answers.token_log_probabilities`.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> pairs = Pairs(playground.allowed[:1], playground.allowed[2:3])
    >>> logs = pair_logs(reference, reference, playground, pairs)
    >>> logs.chosen.requires_grad, logs.reference_chosen.requires_grad
    (True, False)
    """
    check_vocabularies(policy, reference)
    if (pairs.chosen == pairs.rejected).all(dim=-1).any():
        raise ValueError("the answers of a pair are equal: leave it out, it teaches nothing")
    both = torch.cat(pairs)
    now = token_log_probabilities(policy, playground, both).sum(dim=-1)
    with torch.no_grad():
        before = token_log_probabilities(reference, playground, both).sum(dim=-1)
    tokens = written(both, playground.ends).sum(dim=-1).to(now.dtype)
    return PairLogs(*now.chunk(2), *before.chunk(2), *tokens.chunk(2))


def fixed_pairs(
    reference: DecoderOnly,
    playground: Playground,
    *,
    answers: int = 1000,
    others: Int[Tensor, "others new"] | None = None,
    seed: int = 0,
) -> Callable[[DecoderOnly, torch.Generator], Pairs]:
    """Return a source of pairs of answers that the reference drew, once and for all.

    Args:
        reference: Who draws.
        playground: The prompt, and what is good.
        answers: How many it draws.
        others: Answers that somebody else gave, to be paired with these.
        seed: Decides the answers.

    >>> from lessons.alignment import open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> source = fixed_pairs(reference, playground, answers=20)
    >>> source(reference, torch.Generator().manual_seed(0)).chosen.shape
    torch.Size([64, 8])
    """
    chance = torch.Generator().manual_seed(seed)
    drawn = draw_answers(reference, playground, answers, generator=chance)
    if others is not None:
        drawn = torch.cat([drawn, others])
    rewards = true_reward(playground, drawn)
    return lambda policy, generator: pair_up(drawn, rewards, 64, generator=generator)


class RenewedPairs:
    """A source of pairs whose answers are drawn anew every few steps; make one for each training.

    Args:
        reference: Who draws the answers that are not the policy's own.
        playground: The prompt, and what is good.
        own: How many of 128 answers the policy as it is then draws itself.
        every: After how many steps new answers are drawn.
    """

    def __init__(self, reference: DecoderOnly, playground: Playground, *, own: int, every: int = 5):
        self.reference, self.playground, self.own, self.every = reference, playground, own, every
        self.steps, self.answers = 0, torch.zeros(0, dtype=torch.long)

    def __call__(self, policy: DecoderOnly, generator: torch.Generator) -> Pairs:
        """Return 64 pairs for a step."""
        if self.steps % self.every == 0:
            authors = ((policy, self.own), (self.reference, 128 - self.own))
            self.answers = torch.cat(
                [
                    draw_answers(author, self.playground, count, generator=generator)
                    for author, count in authors
                    if count
                ]
            )
        self.steps += 1
        rewards = true_reward(self.playground, self.answers)
        return pair_up(self.answers, rewards, 64, generator=generator)


def learn_from_pairs(
    reference: DecoderOnly,
    playground: Playground,
    pairs_for: Callable[[DecoderOnly, torch.Generator], Pairs],
    loss: Callable[[PairLogs], Tensor],
    *,
    steps: int = 30,
    learning_rate: float = 3e-4,
    seed: int = 0,
) -> tuple[DecoderOnly, list[Look]]:
    """Return a policy that learned from pairs, and what was seen before each step.

    Args:
        reference: What the policy begins as; it stays as it is.
        playground: The prompt, and what is good.
        pairs_for: From the policy and a generator to the pairs of a step.
        loss: Of what policy and reference say of these pairs.
        steps: The number of steps.
        learning_rate: The highest.
        seed: Decides the pairs.

    >>> from lessons.alignment import dpo_loss, open_playground
    >>> from lessons.models import load
    >>> playground, reference = open_playground(load("decoder", source="book"))
    >>> source, loss = fixed_pairs(reference, playground, answers=20), partial(dpo_loss, beta=0.1)
    >>> _, looks = learn_from_pairs(reference, playground, source, loss, steps=2)
    >>> looks[0].accuracy, len(looks)  # at first no pair has a margin
    (0.0, 2)
    """
    policy = copy.deepcopy(reference)
    looks: list[Look] = []

    def loss_of(policy: DecoderOnly, pairs: Pairs) -> Tensor:
        logs = pair_logs(policy, reference, playground, pairs)
        right = (margins(logs) > 0).float().mean().item()
        said = logs.chosen.mean().item(), logs.rejected.mean().item()
        looks.append(Look(right, *said, success(policy, playground)))
        return loss(logs)

    fit(
        policy, partial(pairs_for, policy), loss_of,
        steps=steps, learning_rate=learning_rate, warm_up=5, weight_decay=0.0, seed=seed,
    )  # fmt: skip
    return policy, looks
