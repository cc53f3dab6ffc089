"""A test of memory: name the first token after any number of others that do not matter.

A sequence is a letter, some digits drawn by chance, and a question mark, at which the letter is
asked for. Nothing has to be understood, only kept.
"""

from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.fit import fit

LETTERS = 8
DIGITS = 8
VOCAB = LETTERS + DIGITS + 1  # ids: the letters, the digits, the question mark
QUESTION = VOCAB - 1


class Recall(NamedTuple):
    """Sequences to remember the beginning of."""

    ids: Int[Tensor, "batch tokens"]
    first: Int[Tensor, " batch"]


def draw_recall(generator: torch.Generator, *, distractors: int, batch: int = 64) -> Recall:
    """Draw sequences of a letter, `distractors` digits and the question mark.

    Args:
        generator: Where the chance comes from.
        distractors: The tokens between the letter and the question.
        batch: How many sequences.

    Raises:
        ValueError: The number of distractors is negative.

    >>> draw_recall(torch.Generator().manual_seed(0), distractors=3, batch=2).ids.shape
    torch.Size([2, 5])
    """
    if distractors < 0:
        raise ValueError(f"distractors is {distractors}: pass at least 0")
    letters = torch.randint(LETTERS, (batch, 1), generator=generator)
    digits = LETTERS + torch.randint(DIGITS, (batch, distractors), generator=generator)
    ids = torch.cat([letters, digits, torch.full((batch, 1), QUESTION)], dim=1)
    return Recall(ids, letters[:, 0])


def draw_mixed(generator: torch.Generator, *, most: int, batch: int = 64) -> Recall:
    """Draw sequences with a number of distractors that itself is drawn, from 0 to `most`.

    All sequences of one batch are equally long.

    >>> draw_mixed(torch.Generator().manual_seed(0), most=20).ids.shape[1] <= 22
    True
    """
    distractors = int(torch.randint(most + 1, (), generator=generator))
    return draw_recall(generator, distractors=distractors, batch=batch)


def recall_loss(model: nn.Module, batch: Recall) -> Float[Tensor, ""]:
    """Return the cross-entropy of the first letter, asked at the question mark, in nats.

    Args:
        model: From ids to scores after each token; only the last ones count.
        batch: The sequences.

    >>> even = nn.Embedding.from_pretrained(torch.zeros(VOCAB, LETTERS))
    >>> recall_loss(even, draw_recall(torch.Generator(), distractors=1)).exp().round()
    tensor(8.)
    """
    return nn.functional.cross_entropy(model(batch.ids)[:, -1], batch.first)


@torch.no_grad()
def recall_rate(model: nn.Module, distractors: int, *, batch: int = 512, seed: int = 0) -> float:
    """Return the share of new sequences whose first letter the model names; chance is 1/8.

    Args:
        model: From ids to scores after each token.
        distractors: The tokens between the letter and the question.
        batch: How many sequences are asked.
        seed: Decides the sequences.

    >>> first = nn.Embedding.from_pretrained(torch.eye(VOCAB)[:, :LETTERS])
    >>> recall_rate(first, 0) < 0.3
    True
    """
    generator = torch.Generator().manual_seed(seed)
    asked = draw_recall(generator, distractors=distractors, batch=batch)
    return (model(asked.ids)[:, -1].argmax(dim=-1) == asked.first).double().mean().item()


def learned_recall(model: nn.Module, distractors: int, *, steps: int = 150, seed: int = 0) -> float:
    """Train a model at one distance, with 32 sequences a step, and return its recall rate there.

    Args:
        model: From ids to scores after each token; it is trained in place.
        distractors: The tokens between the letter and the question, in training and in the test.
        steps: The number of batches.
        seed: Decides the batches.

    >>> table = nn.Embedding(VOCAB, LETTERS)  # sees the question mark only, so it can but guess
    >>> learned_recall(table, 1, steps=2) < 0.3
    True
    """
    draw = partial(draw_recall, distractors=distractors, batch=32)
    fit(model, draw, recall_loss, steps=steps, learning_rate=0.01, seed=seed)
    return recall_rate(model, distractors, seed=seed + 1000)
