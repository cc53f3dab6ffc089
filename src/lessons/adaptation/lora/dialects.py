r"""Tasks of a known difficulty: the grammar's everyday sentences, in a dialect of its own.

A dialect exchanges some words for each other, two by two, or moves its colors behind the nouns. A
model that has learned it is as sure of the next word as the old model is of plain sentences, so the
lowest loss that one may hope for is about the old model's loss there.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import NamedTuple

import torch
from torch import nn

from lessons.adaptation.labeled_text import Labeled, draw_texts, labeled_loss, stack
from lessons.adaptation.lora.low_rank import adapt, block_matrices
from lessons.fit import fit
from lessons.models.grammar import lexicon, sentence
from lessons.models.grammar.corpus import finish

Words = tuple[str, ...]
PAIRS = 32


@cache
def everyday(split: str, count: int, *, seed: int = 0) -> tuple[Words, ...]:
    """Draw everyday sentences of a split: `train`, or `test` with other pairs of words.

    >>> " ".join(everyday("train", 1)[0])
    'the new green car is heavy . it is light .'
    """
    rng = random.Random(f"everyday/{split}/{seed}")
    return tuple(finish(sentence("plain", split, rng)).tokens for _ in range(count))


def color_last(words: Words) -> Words:
    """Put each color behind its noun.

    >>> color_last(("the", "red", "ball", "is", "old"))
    ('the', 'ball', 'red', 'is', 'old')
    """
    moved = list(words)
    for at, (word, after) in enumerate(itertools.pairwise(words)):
        if word in lexicon.COLORS and after in lexicon.LEMMAS:
            moved[at : at + 2] = after, word
    return tuple(moved)


def exchange_words(words: Words, *, pairs: Sequence[tuple[str, str]]) -> Words:
    """Put for each word of a pair the other one.

    >>> exchange_words(("the", "red", "ball"), pairs=[("red", "loves")])
    ('the', 'loves', 'ball')
    """
    other = {**dict(pairs), **{right: left for left, right in pairs}}
    return tuple(other.get(word, word) for word in words)


def frequent_pairs(count: int) -> list[tuple[str, str]]:
    """Return the first of 32 pairs of words that are frequent in everyday sentences.

    The n-th most frequent word goes with the one 32 places after it, which is mostly of another
    kind. Marks and the six most frequent words, such as *the*, are left alone.

    Raises:
        ValueError: There are not as many pairs.

    >>> len(frequent_pairs(2))
    2
    """
    if not 1 <= count <= PAIRS:
        raise ValueError(f"count is {count}: pass 1 to {PAIRS}")
    often = Counter(word for one in everyday("train", 300) for word in one if word.isalpha())
    words = [word for word, _ in often.most_common()][6 : 6 + 2 * PAIRS]
    return list(zip(words[:count], words[PAIRS : PAIRS + count], strict=True))


class Dialect(NamedTuple):
    """Sentences to learn a dialect from, and others to be scored on."""

    train: Labeled
    test: Labeled


def dialect(ids: Mapping[str, int], change: Callable[[Words], Words]) -> Dialect:
    """Write everyday sentences in a dialect: 300 to learn from, 150 with other pairs of words.

    Args:
        ids: The decoder's vocabulary.
        change: From a sentence to the sentence in the dialect.

    >>> from lessons.models import load
    >>> len(dialect(load("decoder", source="book").tokenizer.get_vocab(), color_last).train.ids)
    300
    """
    end = ids["<|endoftext|>"]
    parts = []
    for split, count in (("train", 300), ("test", 150)):
        rows = [[end, *(ids[word] for word in change(one)), end] for one in everyday(split, count)]
        parts.append(stack([(row, row) for row in rows], filler=end))
    return Dialect(*parts)


def learn(
    model: nn.Module,
    spoken: Dialect,
    *,
    rank: int | None,
    alpha: float | None = None,
    names: Sequence[str] | None = None,
    learning_rate: float | None = None,
    steps: int = 30,
    seed: int = 0,
) -> tuple[nn.Module, float]:
    """Teach a copy of a model a dialect; return it with its loss on the test sentences.

    Args:
        model: It is left as it is.
        spoken: The dialect.
        rank: The updates' rank; None trains all weights.
        alpha: The updates are multiplied by alpha / rank; None takes the rank.
        names: Which layers have an update; None means all in the blocks.
        learning_rate: The highest; None takes 0.005 for updates and 0.001 for all weights.
        steps: Batches of 16 sentences.
        seed: Decides the first weights of the updates, and the batches.

    >>> from lessons.families import small_decoder
    >>> texts = stack([([1, 2, 3], [1, 2, 3])], filler=0)
    >>> learn(small_decoder(9, positions=4), Dialect(texts, texts), rank=1, steps=60)[1] < 1.0
    True
    """
    learner = deepcopy(model)
    if rank is not None:
        names, alpha = names or block_matrices(model), float(rank if alpha is None else alpha)
        adapt(learner, names, rank=rank, alpha=alpha, seed=seed)
    fit(
        learner,
        draw_texts(spoken.train, rows=16),
        labeled_loss,
        steps=steps,
        learning_rate=learning_rate or (0.001 if rank is None else 0.005),
        weight_decay=0.0,
        seed=seed,
    )
    with torch.no_grad():
        return learner, labeled_loss(learner, spoken.test).item()
