r"""How good a student is, how like its teacher, and what a step of its training costs."""

from typing import NamedTuple

import torch
from torch import nn
from transformers import DistilBertConfig, DistilBertForMaskedLM

from lessons.adaptation.distillation.soft_targets import soft_loss
from lessons.adaptation.distillation.taught_rows import TaughtRows
from lessons.families.objectives import IGNORED


class StudentScores(NamedTuple):
    """A student's loss, its distance from the teacher, and its share of right antecedents."""

    nats: float  # cross-entropy of the right words
    apart: float  # KL divergence from the teacher's probabilities, in nats
    pronouns: float  # share of the pronouns whose antecedent it names


@torch.no_grad()
def student_scores(student: DistilBertForMaskedLM, rows: TaughtRows) -> StudentScores:
    """Score a student at all places where something is asked.

    Args:
        student: A model in evaluation mode.
        rows: Held-out ones; what the teacher says stands beside.

    >>> from lessons.adaptation import taught_rows
    >>> from lessons.models import load
    >>> teacher = load("encoder", source="book")
    >>> scores = student_scores(teacher.model, taught_rows(teacher, 20, split="test"))
    >>> scores.apart < 1e-6 and scores.pronouns > 0.6
    True
    """
    logits = student(input_ids=rows.ids, attention_mask=rows.real.long()).logits
    asked = rows.labels != IGNORED
    nats = nn.functional.cross_entropy(logits[asked], rows.labels[asked])
    apart = soft_loss(logits[asked], rows.logits[asked], temperature=1.0)
    named = logits.argmax(dim=-1) == rows.labels
    return StudentScores(nats.item(), apart.item(), named[rows.pronouns].float().mean().item())


def step_operations(student: DistilBertConfig, teacher: DistilBertConfig, *, taught: bool) -> int:
    r"""Return the multiplications that a training step costs for each token.

    A forward pass costs :math:`L (4 d^2 + 2 d f) + d^2 + d V` of them: the layers' matrices, and
    the head. The way back costs twice as much. A teacher that is asked is passed once, forward.
    The products of queries and keys, 2 % of it on short sentences, are left out.

    Args:
        student: Its configuration.
        teacher: The teacher's.
        taught: Whether the teacher is asked in each step.

    >>> six = DistilBertConfig(n_layers=6)
    >>> alone, with_teacher = (
    ...     step_operations(six, DistilBertConfig(n_layers=12), taught=taught)
    ...     for taught in (False, True)
    ... )
    >>> round(with_teacher / alone, 2)
    1.55
    """
    return 3 * _forward(student) + (_forward(teacher) if taught else 0)


def _forward(config: DistilBertConfig) -> int:
    d, d_ff = config.dim, config.hidden_dim
    return config.n_layers * (4 * d * d + 2 * d * d_ff) + d * d + d * config.vocab_size
