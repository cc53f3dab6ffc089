"""A language of sentences about movies, small enough that the truth is known after each word.

A sentence is one clause, or two with *but* between them, and a full stop. A clause is a subject,
*was* or *is*, perhaps *not*, up to three adverbs, and an adjective. What follows *but* decides:
"the plot was dull but the movie was not bad ." is positive.
"""

import itertools
import random
from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

SUBJECTS = ("movie", "film", "plot", "acting", "ending", "music")
VERBS = ("was", "is")
ADVERBS = ("very", "really", "quite")
GOOD = ("good", "great", "funny", "moving", "brilliant")
BAD = ("bad", "awful", "boring", "dull", "weak")
WORDS = (".", "the", *SUBJECTS, *VERBS, "not", *ADVERBS, *GOOD, *BAD, "but")
MOST_ADVERBS = 3


class Reviews(NamedTuple):
    """Sentences about movies side by side, filled up with full stops."""

    ids: Int[Tensor, "batch tokens"]
    positive: Int[Tensor, " batch"]
    counted: Bool[Tensor, "batch tokens"]  # False: behind the end of the sentence


def ids_of(words: Sequence[str]) -> Int[Tensor, "1 tokens"]:
    """Return the ids of the words of one sentence.

    Raises:
        ValueError: The language has no such word.

    >>> ids_of("the movie .".split())
    tensor([[1, 2, 0]])
    """
    if unknown := [word for word in words if word not in WORDS]:
        raise ValueError(f"{unknown} are no words of the language: choose from {WORDS}")
    return torch.tensor([[WORDS.index(word) for word in words]])


def truth(words: Sequence[str]) -> list[float]:
    r"""Return how likely a sentence of the language is to be positive, after each of its words.

    Before an adjective nothing is known: 1/2. After it a second clause follows with probability
    1/2, whatever the first one said, so a first clause in praise is worth
    :math:`\frac12 \cdot 1 + \frac12 \cdot \frac12 = 0.75`. After *but* nothing is known again.

    Args:
        words: A sentence of the language, or its beginning.

    >>> truth("the movie was not bad .".split())
    [0.5, 0.5, 0.5, 0.5, 0.75, 1.0]
    """
    chances, now, sign, sure = [], 0.5, 1, 0.25
    for word in words:
        if word == "not":
            sign = -1
        elif word in GOOD + BAD:
            now = 0.5 + sign * (sure if word in GOOD else -sure)
        elif word == "but":
            now, sign, sure = 0.5, 1, 0.5
        elif word == ".":
            now = float(now > 0.5)
        chances.append(now)
    return chances


def draw_reviews(
    generator: torch.Generator, *, batch: int = 64, never_negated: Collection[str] = ()
) -> Reviews:
    """Draw sentences of one or two clauses.

    Args:
        generator: Where the chance comes from.
        batch: How many sentences.
        never_negated: Adjectives that do not appear after *not*, for a test on what was not seen.

    >>> reviews = draw_reviews(torch.Generator().manual_seed(0), batch=2)
    >>> " ".join(WORDS[i] for i in reviews.ids[0])
    'the ending is funny . . . . . . . . . .'
    """
    chance = random.Random(int(torch.randint(2**31, (), generator=generator)))
    sentences = []
    for _ in range(batch):
        words = _clause(chance, never_negated)
        if chance.random() < 0.5:
            words += ["but", *_clause(chance, never_negated)]
        sentences.append([*words, "."])
    return reviews_of(sentences)


def reviews_of(sentences: Sequence[Sequence[str]]) -> Reviews:
    """Put whole sentences side by side, with the answer that each ends with.

    >>> reviews_of(["the movie was good .".split(), "the plot was not good .".split()]).positive
    tensor([1, 0])
    """
    longest = max(map(len, sentences))
    ids = torch.cat([ids_of([*words, *["."] * (longest - len(words))]) for words in sentences])
    lengths = torch.tensor([[len(words)] for words in sentences])
    positive = torch.tensor([int(truth(words)[-1]) for words in sentences])
    return Reviews(ids, positive, torch.arange(longest) < lengths)


def negations(adjectives: Collection[str]) -> Reviews:
    """Return every sentence of one clause with *not*, one adverb, and one of the adjectives.

    >>> negations(["good"]).ids.shape, negations(["good"]).positive.sum()
    (torch.Size([36, 7]), tensor(0))
    """
    choices = itertools.product(SUBJECTS, VERBS, ADVERBS, adjectives)
    return reviews_of([["the", a, b, "not", c, d, "."] for a, b, c, d in choices])


def _clause(chance: random.Random, never_negated: Collection[str]) -> list[str]:
    adjective = chance.choice(GOOD + BAD)
    negated = chance.random() < 1 / 3 and adjective not in never_negated
    adverbs = chance.choices(ADVERBS, k=chance.randint(0, MOST_ADVERBS))
    subject = ["the", chance.choice(SUBJECTS), chance.choice(VERBS)]
    return [*subject, *["not"] * negated, *adverbs, adjective]
