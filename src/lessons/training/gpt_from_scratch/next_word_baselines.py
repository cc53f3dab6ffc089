r"""What a language model must beat: models that count, and look back at nothing or at one token.

Reference: :cite:t:`shannon1948`, section 3, whose series of approximations these begin.
"""

import torch
from jaxtyping import Int
from torch import Tensor


def unigram_loss(
    learned: Int[Tensor, " tokens"], held_out: Int[Tensor, " others"], vocab: int
) -> float:
    r"""Return the loss on a held-out text of who knows how frequent each token is, in nats.

    .. math:: p(v) = \frac{n_v + 1}{N + \text{vocab}}

    One is added to each count, for a token that never came may come.

    Args:
        learned: The text whose tokens are counted.
        held_out: The text to foretell.
        vocab: How many tokens there are.

    Raises:
        ValueError: A text has no next token.

    Source: :cite:t:`shannon1948`, section 3.

    >>> round(unigram_loss(torch.tensor([0, 0, 1]), torch.tensor([1, 0]), vocab=2), 4)  # -ln 3/5
    0.5108
    """
    _check(learned, held_out)
    counts = torch.bincount(learned, minlength=vocab).double() + 1
    return -(counts / counts.sum()).log()[held_out[1:]].mean().item()


def bigram_loss(
    learned: Int[Tensor, " tokens"],
    held_out: Int[Tensor, " others"],
    vocab: int,
    *,
    weight: float = 20.0,
) -> float:
    r"""Return the loss on a held-out text of who counted which token follows which, in nats.

    .. math:: p(v \mid u) = \frac{n_{uv} + w \, p(v)}{n_u + w}

    Where a token :math:`u` was rare, the frequency of :math:`v` alone decides.

    Args:
        learned: The text whose pairs are counted.
        held_out: The text to foretell.
        vocab: How many tokens there are.
        weight: :math:`w`, as how many observations the frequencies count.

    Raises:
        ValueError: A text has no next token, or the weight is not positive.

    Source: :cite:t:`shannon1948`, section 3.

    >>> round(bigram_loss(torch.tensor([0, 1] * 500), torch.tensor([0, 1, 0, 1]), vocab=2), 2)
    0.02
    """
    _check(learned, held_out)
    if weight <= 0:
        raise ValueError(f"weight is {weight}: pass a positive number")
    counts = torch.bincount(learned, minlength=vocab).double() + 1
    pairs = torch.zeros(vocab, vocab, dtype=torch.double)
    pairs.index_put_((learned[:-1], learned[1:]), pairs.new_ones(()), accumulate=True)
    chances = (pairs + weight * counts / counts.sum()) / (pairs.sum(1, keepdim=True) + weight)
    return -chances[held_out[:-1], held_out[1:]].log().mean().item()


def _check(*texts: Tensor) -> None:
    if min(map(len, texts)) < 2:
        raise ValueError("a text of one token has no next token: pass at least two")
