r"""Rotary positions (RoPE): turn queries and keys by an angle that grows with the position.

Two numbers are read as a point in the plane and turned about the origin. A dot product of two
turned points depends on the *difference* of their angles only, so a score depends on the
offset between query and key, not on where they stand.

Which two numbers make a pair is a convention: neighbors (the paper, and Llama's own code), or
the first half with the second (GPT-NeoX, and transformers' Llama). They differ by a
permutation of the columns of the weights, and mixing them up ruins a model silently.

Reference: :cite:t:`su2021`, section 3; transformers' Llama is the tests' oracle.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.tensors import widened


def rotary_angles(
    positions: Float[Tensor, " tokens"], d_head: int, *, base: float = 10000.0
) -> Float[Tensor, "tokens pairs"]:
    r"""Return the angle by which each pair of numbers is turned at each position.

    .. math:: \theta_{p, i} = p \cdot \text{base}^{-2i / d_\text{head}},
        \qquad i = 0, \dots, d_\text{head} / 2 - 1

    They are in float32 at least: half types do not tell position 257 from 256.

    Raises:
        ValueError: `d_head` is odd.

    Source: :cite:t:`su2021`, section 3.2.2.

    >>> rotary_angles(torch.tensor([0.0, 2.0]), 4)
    tensor([[0.0000, 0.0000],
            [2.0000, 0.0200]])
    """
    if d_head % 2:
        raise ValueError(f"d_head = {d_head} is odd: rotary positions turn pairs of numbers")
    positions = widened(positions)
    speeds = [base ** (-pair / d_head) for pair in range(0, d_head, 2)]
    return torch.outer(positions, positions.new_tensor(speeds))


def rotate_neighbors(
    vectors: Float[Tensor, "*batch tokens d_head"], angles: Float[Tensor, "tokens pairs"]
) -> Float[Tensor, "*batch tokens d_head"]:
    r"""Turn the pairs :math:`(x_0, x_1), (x_2, x_3), \dots`.

    .. math:: (x, y) \mapsto (x \cos\theta - y \sin\theta,\; x \sin\theta + y \cos\theta)

    Source: :cite:t:`su2021`, equation 34.

    >>> rotate_neighbors(torch.tensor([[1.0, 0.0]]), torch.tensor([[torch.pi / 2]])).round()
    tensor([[-0., 1.]])
    """
    x, y = vectors[..., 0::2], vectors[..., 1::2]
    cosine, sine = angles.cos(), angles.sin()
    turned = torch.stack([x * cosine - y * sine, x * sine + y * cosine], dim=-1).flatten(-2)
    return turned.type_as(vectors)


def rotate_halves(
    vectors: Float[Tensor, "*batch tokens d_head"], angles: Float[Tensor, "tokens pairs"]
) -> Float[Tensor, "*batch tokens d_head"]:
    r"""Turn the pairs :math:`(x_0, x_{d/2}), (x_1, x_{d/2+1}), \dots`.

    >>> rotate_halves(torch.tensor([[1.0, 0.0]]), torch.tensor([[torch.pi / 2]])).round()
    tensor([[-0., 1.]])
    """
    x, y = vectors.chunk(2, dim=-1)
    cosine, sine = angles.cos(), angles.sin()
    turned = torch.cat([x * cosine - y * sine, x * sine + y * cosine], dim=-1)
    return turned.type_as(vectors)


class Rotary(nn.Module):
    """Turn the vectors of a text by their positions.

    Args:
        base: The larger, the more slowly the last pairs turn.
        rotate: Which numbers make a pair: :func:`rotate_neighbors` or :func:`rotate_halves`.

    Source: :cite:t:`su2021`, section 3.2.2.

    >>> heads = torch.ones(1, 2, 3, 4)
    >>> Rotary()(heads, start=7).shape
    torch.Size([1, 2, 3, 4])
    """

    def __init__(self, *, base: float = 10000.0, rotate: Callable = rotate_neighbors):
        super().__init__()
        self.base = base
        self.rotate = rotate

    def forward(
        self, vectors: Float[Tensor, "*batch tokens d_head"], *, start: int = 0
    ) -> Float[Tensor, "*batch tokens d_head"]:
        """Turn the first token's vector as position `start`, then `start + 1`, and so on."""
        tokens, d_head = vectors.shape[-2:]
        exact = torch.promote_types(vectors.dtype, torch.float32)
        positions = torch.arange(start, start + tokens, dtype=exact, device=vectors.device)
        return self.rotate(vectors, rotary_angles(positions, d_head, base=self.base))
