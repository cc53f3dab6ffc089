r"""How similar two vectors are, and what the number means beside a baseline."""

import itertools

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.tensors import has_numbers, widened


def cosines(
    rows: Float[Tensor, "rows d_model"], columns: Float[Tensor, "columns d_model"]
) -> Float[Tensor, "rows columns"]:
    r"""Return the cosine of the angle between each row and each column vector.

    .. math:: \cos(u, v) = \frac{u \cdot v}{\lVert u \rVert \, \lVert v \rVert}

    1: the same direction, 0: at right angles, −1: opposite. Lengths do not matter.

    Args:
        rows: The vectors :math:`u`.
        columns: The vectors :math:`v`.

    Raises:
        ValueError: A vector has length 0, and so no direction.

    >>> cosines(torch.tensor([[2.0, 0.0]]), torch.tensor([[5.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    tensor([[ 1.,  0., -1.]])
    """
    lengths = [widened(vectors).norm(dim=-1, keepdim=True) for vectors in (rows, columns)]
    if any(has_numbers(length) and (length == 0).any() for length in lengths):
        raise ValueError("a vector of zeros has no direction: pass vectors that are not zero")
    return ((rows / lengths[0]) @ (columns / lengths[1]).T).to(rows.dtype)


def nearest(
    vector: Float[Tensor, " d_model"], table: Float[Tensor, "vocab d_model"], *, count: int = 5
) -> list[tuple[int, float]]:
    """Return the rows with the largest cosines to a vector, best first, as (row, cosine).

    Args:
        vector: What is compared with each row.
        table: One vector a row.
        count: How many rows to return at most.

    Raises:
        ValueError: The count is not positive.

    >>> nearest(torch.tensor([1.0, 0.0]), torch.tensor([[0.0, 1.0], [3.0, 0.0]]), count=1)
    [(1, 1.0)]
    """
    if count < 1:
        raise ValueError(f"count is {count}: pass at least 1")
    best = cosines(vector[None], table)[0].topk(min(count, len(table)))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def random_pair_cosines(
    table: Float[Tensor, "vocab d_model"], *, pairs: int, generator: torch.Generator
) -> Float[Tensor, " pairs"]:
    """Return the cosines of pairs of different rows that are drawn by chance: a baseline.

    Args:
        table: At least two vectors, one a row.
        pairs: How many pairs to draw.
        generator: The source of chance.

    Raises:
        ValueError: There are fewer than two rows.

    >>> generator = torch.Generator().manual_seed(0)
    >>> random_pair_cosines(torch.eye(3), pairs=2, generator=generator)
    tensor([0., 0.])
    """
    if len(table) < 2:
        raise ValueError("there is no pair of different rows: pass at least two")
    device = generator.device
    first = torch.randint(len(table), (pairs,), generator=generator, device=device)
    shift = torch.randint(1, len(table), (pairs,), generator=generator, device=device)
    second = (first + shift) % len(table)  # never the same row
    return torch.nn.functional.cosine_similarity(table[first], table[second], dim=-1)


def halving_gaps(vectors: Float[Tensor, "vectors d_model"]) -> Float[Tensor, " halvings"]:
    """Return how much nearer vectors lie within two halves than across, for each way to halve them.

    The first number is that of the halving in which the vectors are given, the first half of them
    and the rest. The others are its baseline: some way to part vectors is always the best.

    Args:
        vectors: An even number of them.

    Raises:
        ValueError: The number is odd, or 0.

    >>> halving_gaps(torch.tensor([[1.0, 0], [2.0, 0], [0, 1.0], [0, 3.0]]))
    tensor([ 1.0000, -0.5000, -0.5000])
    """
    number = len(vectors)
    if number == 0 or number % 2:
        raise ValueError(f"{number} vectors cannot be halved: pass an even number")
    cosine, gaps = cosines(vectors, vectors), []
    for others in itertools.combinations(range(1, number), number // 2 - 1):
        first = torch.zeros(number, dtype=torch.bool)
        first[[0, *others]] = True
        alike = first[:, None] == first
        within = cosine[alike & ~torch.eye(number, dtype=torch.bool)]
        gaps.append(within.mean() - cosine[~alike].mean())
    return torch.stack(gaps)
