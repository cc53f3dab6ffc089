r"""Replay: texts of the old kinds among those of the task, so that the old is not forgotten."""

import random
from collections.abc import Mapping
from functools import cache

import torch
from torch import nn

from lessons.adaptation.labeled_text import Labeled, stack
from lessons.families.objectives import IGNORED
from lessons.models.grammar import sentence
from lessons.models.grammar.corpus import finish

KINDS = ("winograd", "people", "agreement", "plain")


@cache
def old_sentences(split: str, count: int, *, seed: int = 0) -> tuple[tuple[str, ...], ...]:
    """Draw sentences of the kinds that the book's decoder was trained on, as many of each.

    >>> len(old_sentences("train", 4))
    4
    """
    rng = random.Random(f"old/{split}/{seed}")
    kinds = [KINDS[place % len(KINDS)] for place in range(count)]
    return tuple(finish(sentence(kind, split, rng)).tokens for kind in kinds)


def old_texts(
    ids: Mapping[str, int], split: str, count: int, *, shuffled: bool = False, seed: int = 0
) -> Labeled:
    """Return such sentences as texts of which all is scored.

    Args:
        ids: The decoder's vocabulary.
        split: `train`, or `test` with other pairs of words.
        count: How many.
        shuffled: Whether each sentence's words are brought into a random order.
        seed: Decides the sentences, and the order.

    >>> from lessons.models import load
    >>> ids = load("decoder", source="book").tokenizer.get_vocab()
    >>> len(old_texts(ids, "train", 8).ids)
    8
    """
    end, rng, rows = ids["<|endoftext|>"], random.Random(seed), []
    for one in old_sentences(split, count, seed=seed):
        words = rng.sample(one, len(one)) if shuffled else one
        rows.append([end, *(ids[word] for word in words), end])
    return stack([(row, row) for row in rows], filler=end)


def mixed(texts: Labeled, old: Labeled, *, filler: int) -> Labeled:
    """Put two sets of texts together, the shorter rows filled up with what is not scored.

    >>> one = Labeled(torch.tensor([[1, 2]]), torch.tensor([[1, 2]]))
    >>> longer = Labeled(torch.tensor([[3, 4, 5]]), torch.tensor([[3, 4, 5]]))
    >>> mixed(one, longer, filler=0).labels
    tensor([[   1,    2, -100],
            [   3,    4,    5]])
    """
    width = max(texts.ids.shape[1], old.ids.shape[1])
    parts = [
        Labeled(
            *(
                nn.functional.pad(tensor, (0, width - tensor.shape[1]), value=value)
                for tensor, value in zip(one, (filler, IGNORED), strict=True)
            )
        )
        for one in (texts, old)
    ]
    return Labeled(*(torch.cat(both) for both in zip(*parts, strict=True)))
