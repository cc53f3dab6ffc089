r"""A model that learned to add from pupils who forget to carry, and learns on from checks.

Questions are many here, and each has an answer of two tokens.

Reference: :cite:t:`shao2024`, algorithm 1.
"""

import copy
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.alignment.answers import finite
from lessons.alignment.grpo.checked_sums import PLUS, TOKENS, Sums, asked, carried, digits
from lessons.alignment.policy_gradient import Rollout, group_relative, grpo_loss
from lessons.families import DecoderOnly, small_decoder
from lessons.fit import fit

Check = Callable[[Sums, Tensor], Tensor]


def sum_logs(
    model: DecoderOnly, questions: Int[Tensor, "sums 6"], answers: Int[Tensor, "sums 2"]
) -> Float[Tensor, "sums 2"]:
    """Return the log-probability of each digit of an answer, given the question and those before.

    Only digits are answers: the two signs, which are never drawn either, are left out.

    >>> from lessons.alignment import two_digit_sums
    >>> model = small_decoder(TOKENS, positions=8)
    >>> sum_logs(model, asked(two_digit_sums("test")), digits(torch.arange(10, 310) % 100)).shape
    torch.Size([300, 2])
    """
    logits = model(torch.cat([questions, answers[:, :1]], dim=1))[:, -2:, :PLUS]
    return logits.log_softmax(dim=-1).gather(-1, answers[..., None])[..., 0]


@torch.no_grad()
def chance_of(model: DecoderOnly, sums: Sums, answers: Int[Tensor, " sums"]) -> float:
    """Return the exact chance, in the mean over questions, that a model gives these answers.

    >>> from lessons.alignment import two_digit_sums
    >>> sums = two_digit_sums("test")
    >>> chance_of(small_decoder(TOKENS, positions=8), sums, sums.first + sums.second) < 0.1
    True
    """
    return sum_logs(model, asked(sums), digits(answers)).sum(dim=1).exp().mean().item()


@torch.no_grad()
def likeliest_sums(model: DecoderOnly, sums: Sums) -> Int[Tensor, " sums"]:
    """Return the answers that a model finds likeliest, digit by digit.

    >>> from lessons.alignment import two_digit_sums
    >>> likeliest_sums(small_decoder(TOKENS, positions=8), two_digit_sums("test")).shape
    torch.Size([300])
    """
    texts = asked(sums)
    for _ in range(2):
        digit = model(texts)[:, -1, :PLUS].argmax(dim=-1, keepdim=True)
        texts = torch.cat([texts, digit], dim=1)
    return 10 * texts[:, -2] + texts[:, -1]


@torch.no_grad()
def draw_sums(
    model: DecoderOnly, questions: Int[Tensor, "sums 6"], *, generator: torch.Generator
) -> Int[Tensor, "sums 2"]:
    """Draw an answer of two digits to each question.

    Raises:
        ValueError: The model's numbers are no longer finite.

    >>> from lessons.alignment import two_digit_sums
    >>> chance, model = torch.Generator().manual_seed(0), small_decoder(TOKENS, positions=8)
    >>> draw_sums(model, asked(two_digit_sums("test")), generator=chance).shape
    torch.Size([300, 2])
    """
    texts = questions
    for _ in range(2):
        chances = finite(model(texts)[:, -1, :PLUS]).softmax(dim=-1)
        texts = torch.cat([texts, torch.multinomial(chances, 1, generator=generator)], dim=1)
    return texts[:, -2:]


def taught_by_pupils(
    sums: Sums, *, careful: float = 0.3, steps: int = 600, seed: int = 0
) -> DecoderOnly:
    """Return a decoder that read sums as pupils write them, who often forget to carry.

    Args:
        sums: The questions.
        careful: How often a pupil thinks of it.
        steps: How many batches of 64.
        seed: Decides weights, batches and which pupil answers.

    >>> from lessons.alignment import two_digit_sums
    >>> base = taught_by_pupils(two_digit_sums("train"), steps=2)
    >>> base.training
    False
    """

    def draw(generator: torch.Generator) -> tuple[Tensor, Tensor]:
        some = torch.randint(len(sums.first), (64,), generator=generator)
        drawn = Sums(sums.first[some], sums.second[some])
        forgotten = torch.rand(64, generator=generator) > careful
        return asked(drawn), digits(drawn.first + drawn.second - 10 * carried(drawn) * forgotten)

    def loss_of(model: DecoderOnly, batch: tuple[Tensor, Tensor]) -> Tensor:
        return -sum_logs(model, *batch).mean()

    model = small_decoder(TOKENS, positions=8, d_model=48, layers=1, seed=seed)
    fit(model, draw, loss_of, steps=steps, learning_rate=5e-3, weight_decay=0.0, seed=seed)
    return model


def learn_from_sums(
    base: DecoderOnly, sums: Sums, check: Check, *, steps: int = 80, seed: int = 0
) -> tuple[DecoderOnly, list[float]]:
    """Return a policy that learned by GRPO from checks, and the mean reward of each draw.

    In each step 16 questions are drawn, and 8 answers to each of them.

    Args:
        base: What the policy begins as, and the reference.
        sums: The questions.
        check: From questions and answers to rewards.
        steps: How many.
        seed: Decides questions and answers.

    >>> from lessons.alignment import right_sum, two_digit_sums
    >>> base, sums = small_decoder(TOKENS, positions=8), two_digit_sums("train")
    >>> policy, drawn = learn_from_sums(base, sums, right_sum, steps=2)
    >>> len(drawn)
    2
    """
    policy, drawn = copy.deepcopy(base), []

    def draw(generator: torch.Generator) -> tuple[Tensor, Rollout]:
        some = torch.randint(len(sums.first), (16,), generator=generator)
        questions = Sums(sums.first[some], sums.second[some])
        texts = asked(questions).repeat_interleave(8, dim=0)
        answers = draw_sums(policy, texts, generator=generator)
        rewards = check(questions, (10 * answers[:, 0] + answers[:, 1]).view(16, 8))
        drawn.append(rewards.mean().item())
        # Each draw serves one step: the policy that draws is the one that learns, and reads once.
        logs = sum_logs(policy, texts, answers)
        with torch.no_grad():
            reference = sum_logs(base, texts, answers)
        above = group_relative(rewards).view(-1, 1)
        return logs, Rollout(answers, answers >= 0, logs.detach(), reference, above)

    def loss_of(model: DecoderOnly, batch: tuple[Tensor, Rollout]) -> Tensor:
        return grpo_loss(*batch, beta=0.04)

    fit(
        policy, draw, loss_of,
        steps=steps, learning_rate=1e-3, warm_up=5, weight_decay=0.0, seed=seed,
    )  # fmt: skip
    return policy, drawn
