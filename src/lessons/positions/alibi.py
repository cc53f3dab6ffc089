r"""ALiBi: a penalty on the scores that grows with the distance, at a fixed slope for each head.

Nothing is learned. A head with a steep slope sees its neighborhood only, one with a gentle
slope sees far.

Reference: :cite:t:`press2022`, section 3; transformers' BLOOM and MPT are the tests' oracles.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.tensors import widened


def alibi_slopes(heads: int) -> list[float]:
    r"""Return the slope of each head, a geometric sequence.

    .. math:: m_h = 2^{-8h / H}, \qquad h = 1, \dots, H

    That is for :math:`H` a power of two. For another number of heads, the paper's code takes
    the slopes of the next smaller power of two, and then the first, third, fifth, … slope of
    the next larger one, until there are enough.

    Raises:
        ValueError: There is no head.

    Source: :cite:t:`press2022`, section 3, and its published code.

    >>> alibi_slopes(4)
    [0.25, 0.0625, 0.015625, 0.00390625]
    >>> alibi_slopes(3)
    [0.0625, 0.00390625, 0.25]
    """
    if heads < 1:
        raise ValueError(f"heads is {heads}: pass at least 1")
    smaller = 2 ** int(math.log2(heads))
    slopes = [2 ** (-8 * h / smaller) for h in range(1, smaller + 1)]
    between = [2 ** (-4 * h / smaller) for h in range(1, 2 * smaller, 2)]
    return slopes + between[: heads - smaller]


def alibi_bias(
    slopes: Float[Tensor, " heads"], queries: int, keys: int
) -> Float[Tensor, "heads {queries} {keys}"]:
    r"""Return what is added to the scores between the last `queries` of `keys` tokens and all.

    .. math:: b_{hij} = -m_h \, |i - j|

    Args:
        slopes: :math:`m_h`, the penalty a token of distance.
        queries: How many tokens look: the last ones of the sequence.
        keys: How many tokens are looked at.

    Source: :cite:t:`press2022`, section 3.

    >>> alibi_bias(torch.tensor([0.5]), queries=1, keys=3)
    tensor([[[-1.0000, -0.5000,  0.0000]]])
    """
    device = slopes.device
    query_positions = torch.arange(keys - queries, keys, device=device)
    distances = (torch.arange(keys, device=device) - query_positions[:, None]).abs()
    return (widened(slopes)[:, None, None] * -distances).to(slopes.dtype)


class Alibi(nn.Module):
    """The biases of all heads; nothing in it is learned.

    Args:
        heads: Each has a slope of its own.

    Source: :cite:t:`press2022`, section 3.

    >>> Alibi(heads=2)(1, 5).shape
    torch.Size([2, 1, 5])
    """

    def __init__(self, heads: int):
        super().__init__()
        self.register_buffer("slopes", torch.tensor(alibi_slopes(heads)), persistent=False)

    def forward(self, queries: int, keys: int) -> Float[Tensor, "heads {queries} {keys}"]:
        """Return the bias between the last `queries` of `keys` tokens and all of them."""
        return alibi_bias(self.slopes, queries, keys)
