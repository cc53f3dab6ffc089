r"""Sentences with blanks, and beside the right words what a teacher thinks of each place."""

import random
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from lessons.families.objectives import IGNORED
from lessons.models import Loaded
from lessons.models.grammar import Sentence, finish, sentence
from lessons.models.making.training_rows import ENCODER_MIX, draw_kind, pad

KINDS = {kind: share for kind, share in ENCODER_MIX.items() if kind != "repeat"}


class TaughtRows(NamedTuple):
    """Rows of tokens, which of them are real, the right words, and what the teacher says."""

    ids: Int64[Tensor, "batch tokens"]
    real: Bool[Tensor, "batch tokens"]  # False at padding
    labels: Int64[Tensor, "batch tokens"]  # −100 where nothing is asked
    pronouns: Bool[Tensor, "batch tokens"]  # where the answer is an antecedent
    logits: Float[Tensor, "batch tokens vocab"]  # the teacher's
    hidden: Float[Tensor, "batch tokens d_model"]  # what its last layer writes


def _ask(drawn: Sentence, rng: random.Random, ids: dict[str, int]) -> tuple[list[int], list[int]]:
    """Hide some words; return what is shown, and what is asked for."""
    shown = [ids[word] for word in drawn.tokens]
    asked = [IGNORED] * len(shown)
    for place, antecedent in drawn.antecedents:
        asked[place] = ids[drawn.tokens[antecedent]]
    for place, id_ in enumerate(shown):
        if asked[place] == IGNORED and rng.random() < 0.15:
            shown[place], asked[place] = ids["[MASK]"], id_
    ends = ids["[CLS]"], ids["[SEP]"]
    return [ends[0], *shown, ends[1]], [IGNORED, *asked, IGNORED]


@torch.no_grad()
def taught_rows(teacher: Loaded, count: int, *, split: str = "train", seed: int = 0) -> TaughtRows:
    """Draw sentences of the grammar, ask about some of their words, and let a teacher answer.

    Of the words 15 % are hidden, and of each pronoun it is asked what it stands for.

    Args:
        teacher: The book's encoder.
        count: How many sentences.
        split: `train`, `validation` or `test`.
        seed: Decides the sentences, and what is hidden.

    Raises:
        ValueError: The count is below one.

    >>> from lessons.models import load
    >>> rows = taught_rows(load("encoder", source="book"), 3)
    >>> rows.logits.shape[:2] == rows.hidden.shape[:2] == rows.ids.shape
    True
    """
    if count < 1:
        raise ValueError(f"{count} sentences: pass at least 1")
    rng, vocabulary = random.Random(f"{split}/{seed}"), teacher.tokenizer.get_vocab()
    drawn = [finish(sentence(draw_kind(KINDS, rng), split, rng)) for _ in range(count)]
    shown, asked = zip(*(_ask(one, rng, vocabulary) for one in drawn), strict=True)
    ids, labels = pad(list(shown), vocabulary["[PAD]"]), pad(list(asked), IGNORED)
    pronouns = torch.zeros_like(ids, dtype=torch.bool)
    for row, one in enumerate(drawn):
        pronouns[row, [1 + place for place, _ in one.antecedents]] = True
    real = ids != vocabulary["[PAD]"]
    said = teacher.model(input_ids=ids, attention_mask=real.long(), output_hidden_states=True)
    return TaughtRows(ids, real, labels, pronouns, said.logits, said.hidden_states[-1])


def _some(generator: torch.Generator, taught: TaughtRows, rows: int) -> TaughtRows:
    drawn = torch.randperm(len(taught.ids), generator=generator)[:rows]
    return TaughtRows(*(part[drawn] for part in taught))


def draw_taught(taught: TaughtRows, *, rows: int) -> Callable[[torch.Generator], TaughtRows]:
    """Return a function that draws a batch of different rows from these; for `fit`.

    Args:
        taught: What is drawn from.
        rows: How many rows a batch has.

    >>> from lessons.models import load
    >>> taught = taught_rows(load("encoder", source="book"), 5)
    >>> len(draw_taught(taught, rows=2)(torch.Generator()).ids)
    2
    """
    return partial(_some, taught=taught, rows=rows)
