r"""R1's recipe on questions whose one-word answers can be checked.

A model is shown some answers (the cold start), learns from checks of its own (GRPO), and its
answers are shown to a smaller one (distillation).

References: :cite:t:`deepseek2025`; :cite:t:`shao2024` for GRPO.
"""

import copy
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.adaptation import Labeled, draw_texts, labeled_loss
from lessons.alignment.answers import finite
from lessons.alignment.policy_gradient import Rollout, group_relative, grpo_loss
from lessons.families import DecoderOnly
from lessons.families.objectives import IGNORED
from lessons.fit import fit


class Checked(NamedTuple):
    """One draw: the share of right answers, and the share of groups with right and wrong ones."""

    right: float
    mixed: float


def first_layers(model: DecoderOnly, count: int) -> DecoderOnly:
    """Return a copy of a decoder with its first layers alone, a smaller model.

    Raises:
        ValueError: It has not that many layers.

    >>> from lessons.families import small_decoder
    >>> len(first_layers(small_decoder(9, positions=4, layers=3), 2).layers)
    2
    """
    if not 1 <= count <= len(model.layers):
        raise ValueError(f"{count} of {len(model.layers)} layers: pass 1 to {len(model.layers)}")
    smaller = copy.deepcopy(model)
    smaller.layers = nn.ModuleList(list(smaller.layers)[:count])
    return smaller


def _places(texts: Labeled) -> Tensor:
    """Return where each text's answer is predicted: before its first scored token."""
    return (texts.labels[:, 1:] != IGNORED).int().argmax(dim=1)


def right_answers(texts: Labeled) -> Int[Tensor, " texts"]:
    """Return each text's answer: its first scored token.

    >>> right_answers(Labeled(torch.tensor([[5, 6, 7]]), torch.tensor([[-100, 6, 7]])))
    tensor([6])
    """
    return texts.ids.gather(1, _places(texts)[:, None] + 1)[:, 0]


def answer_logs(model: nn.Module, texts: Labeled) -> Float[Tensor, "texts vocab"]:
    """Return the log-probability of each word as the answer, in nats.

    Raises:
        ValueError: The model's numbers are no longer finite.

    >>> says_nothing = nn.Embedding.from_pretrained(torch.zeros(4, 4))
    >>> texts = Labeled(torch.tensor([[1, 2]]), torch.tensor([[-100, 2]]))
    >>> answer_logs(says_nothing, texts).exp()
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """
    rows = torch.arange(len(texts.ids))
    return finite(model(texts.ids)[rows, _places(texts)]).log_softmax(dim=-1)


@torch.no_grad()
def share_right(model: nn.Module, texts: Labeled) -> float:
    """Return the exact share of right answers that a model would draw.

    >>> says_nothing = nn.Embedding.from_pretrained(torch.zeros(4, 4))
    >>> share_right(says_nothing, Labeled(torch.tensor([[1, 2]]), torch.tensor([[-100, 2]])))
    0.25
    """
    return answer_logs(model, texts).exp().gather(1, right_answers(texts)[:, None]).mean().item()


def imitate(start: DecoderOnly, texts: Labeled, *, steps: int, seed: int = 0) -> DecoderOnly:
    """Return a copy of a model that was shown answers, 32 questions in each step.

    Args:
        start: It is left as it is.
        texts: Questions with the answers to be imitated.
        steps: How many.
        seed: Decides the batches.

    >>> from lessons.families import small_decoder
    >>> texts = Labeled(torch.tensor([[1, 2]]), torch.tensor([[-100, 2]]))
    >>> start = small_decoder(9, positions=4, d_model=16)
    >>> share_right(imitate(start, texts, steps=40), texts) > share_right(start, texts)
    True
    """
    learner = copy.deepcopy(start)
    fit(
        learner, draw_texts(texts, rows=32), labeled_loss,
        steps=steps, learning_rate=3e-4, warm_up=5, weight_decay=0.0, seed=seed,
    )  # fmt: skip
    return learner


@torch.no_grad()
def answered_by(teacher: nn.Module, texts: Labeled) -> Labeled:
    """Return the same questions with a teacher's likeliest answers, right or wrong.

    >>> always_3 = nn.Embedding.from_pretrained(torch.tensor([[0.0, 0.0, 0.0, 9.0]] * 4))
    >>> answered_by(always_3, Labeled(torch.tensor([[1, 2]]), torch.tensor([[-100, 2]])))
    Labeled(ids=tensor([[1, 3]]), labels=tensor([[-100,    3]]))
    """
    said, at = answer_logs(teacher, texts).argmax(dim=-1), _places(texts)[:, None] + 1
    ids = texts.ids.scatter(1, at, said[:, None])
    return Labeled(ids, torch.full_like(ids, IGNORED).scatter(1, at, said[:, None]))


def learn_from_checks(
    start: DecoderOnly, texts: Labeled, *, steps: int, beta: float = 0.04, seed: int = 0
) -> tuple[DecoderOnly, list[Checked]]:
    """Return a copy of a model that learned from checks of its own answers, by GRPO.

    In each step 32 questions are drawn, and 8 answers to each of them.

    Args:
        start: It is left as it is, and is the reference.
        texts: Questions, and what the checks compare with.
        steps: How many.
        beta: The price of a nat.
        seed: Decides questions and answers.

    Source: :cite:t:`shao2024`, algorithm 1; the reward is the rule of :cite:t:`deepseek2025`, 1
        for a right answer and 0 for all others.

    >>> from lessons.families import small_decoder
    >>> texts = Labeled(torch.tensor([[1, 2]]), torch.tensor([[-100, 2]]))
    >>> policy, drawn = learn_from_checks(small_decoder(9, positions=4, d_model=16), texts, steps=3)
    >>> len(drawn)
    3
    """
    policy, drawn = copy.deepcopy(start), []
    some = draw_texts(texts, rows=32)

    def draw(generator: torch.Generator) -> tuple[Tensor, Rollout]:
        asked = some(generator)
        # Each draw serves one step: the policy that draws is the one that learns, and reads once.
        logs = answer_logs(policy, asked)
        with torch.no_grad():
            old, said = logs.detach(), answer_logs(start, asked)
        answers = torch.multinomial(old.exp(), 8, replacement=True, generator=generator)
        rewards = (answers == right_answers(asked)[:, None]).float()
        mixed = (rewards.std(dim=-1) > 0).float().mean().item()
        drawn.append(Checked(rewards.mean().item(), mixed))
        before, reference = (one.gather(1, answers).view(-1, 1) for one in (old, said))
        each = answers.view(-1, 1)
        above = group_relative(rewards).view(-1, 1)
        kept = torch.ones_like(each, dtype=torch.bool)
        return logs.gather(1, answers).view(-1, 1), Rollout(each, kept, before, reference, above)

    def loss_of(model: DecoderOnly, batch: tuple[Tensor, Rollout]) -> Tensor:
        return grpo_loss(*batch, beta=beta)

    fit(
        policy, draw, loss_of,
        steps=steps, learning_rate=3e-4, warm_up=5, weight_decay=0.0, seed=seed,
    )  # fmt: skip
    return policy, drawn
