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


def exchange_gaps(
    first: Float[Tensor, "pairs d_model"], second: Float[Tensor, "pairs d_model"]
) -> Float[Tensor, " ways"]:
    """Return how much nearer vectors lie within two groups than across, for each exchange in pairs.

    The vectors of one place are a pair, such as one frame with two words, and stay in two groups;
    they are not compared with each other. The first number is that of the groups as they are given.
    The others are its baseline: some way to part vectors is always the best.

    Args:
        first: One vector of each pair.
        second: The other vector of each.

    Raises:
        ValueError: There are fewer than two pairs.

    >>> exchange_gaps(torch.tensor([[1.0, 0], [2.0, 0]]), torch.tensor([[0, 1.0], [0, 3.0]]))
    tensor([ 1., -1.])
    """
    number = len(first)
    if number < 2:
        raise ValueError(f"{number} pairs leave nothing to compare: pass at least two")
    cosine, gaps = cosines(torch.cat([first, second]), torch.cat([first, second])), []
    pair = torch.arange(number).repeat(2)
    apart = pair[:, None] != pair
    for exchanged in itertools.product((False, True), repeat=number - 1):
        group = torch.tensor((False, *exchanged))
        group = torch.cat([group, ~group])
        alike = group[:, None] == group
        gaps.append(cosine[alike & apart].mean() - cosine[~alike & apart].mean())
    return torch.stack(gaps)
