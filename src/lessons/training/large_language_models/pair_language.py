r"""A language of pairs: the next word depends on the last one alone, so that its entropy is known.

How likely each word is after each other one is a table, and the table is a sum of simple ones
whose weights fall like :math:`1/k`: a few rules of thumb explain much, and ever finer ones the
rest. A narrow model has room for some of them.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor


class PairLanguage(NamedTuple):
    """How likely each word is after each other one, and how frequent it is."""

    chances: Float[Tensor, "vocab vocab"]
    frequencies: Float[Tensor, " vocab"]

    def entropy(self) -> float:
        r"""Return the loss of who knows the language, in nats a word; none is better.

        .. math:: H = -\sum_u p(u) \sum_v p(v \mid u) \ln p(v \mid u)

        Source: :cite:t:`shannon1948`, section 7.

        >>> round(PairLanguage(torch.full((2, 2), 0.5), torch.full((2,), 0.5)).entropy(), 4)
        0.6931
        """
        each = -(self.chances * self.chances.log()).sum(dim=1)
        return (self.frequencies * each).sum().item()

    def draw(
        self, rows: int, length: int, generator: torch.Generator
    ) -> Int64[Tensor, "rows length"]:
        """Draw texts.

        >>> language = pair_language(vocab=8)
        >>> language.draw(2, 5, torch.Generator().manual_seed(0)).shape
        torch.Size([2, 5])
        """
        text = self.frequencies.multinomial(rows, replacement=True, generator=generator)[:, None]
        for _ in range(length - 1):
            last = self.chances[text[:, -1]]
            text = torch.cat([text, last.multinomial(1, generator=generator)], dim=1)
        return text


def pair_language(*, vocab: int = 64, spread: float = 2.0, seed: int = 0) -> PairLanguage:
    """Draw a language.

    Args:
        vocab: How many words it has.
        spread: How far the logits of its table are from their mean, on average: the more, the less
            chance is in it.
        seed: Decides the table.

    Raises:
        ValueError: It has fewer than two words, or the spread is negative.

    >>> round(pair_language().entropy(), 1)
    2.9
    """
    if vocab < 2 or spread < 0:
        raise ValueError(f"{vocab} words, spread {spread}: pass at least two, and at least 0")
    chance = torch.Generator().manual_seed(seed)
    left, right = torch.randn(2, vocab, vocab, dtype=torch.double, generator=chance)
    left, right = torch.linalg.qr(left)[0], torch.linalg.qr(right)[0]
    logits = left / torch.arange(1, vocab + 1) @ right.T
    chances = (logits * spread / logits.std()).softmax(dim=1)
    frequencies = torch.full((vocab,), 1 / vocab, dtype=torch.double)
    for _ in range(200):  # until they are those of a long text
        frequencies = frequencies @ chances
    return PairLanguage(chances, frequencies)
