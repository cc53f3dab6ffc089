r"""Tiled attention: the exact result, and never a whole table of scores.

This is the idea of FlashAttention. Queries, keys and values are cut into blocks; a tile of scores,
one block of queries by one block of keys, is computed, read, and forgotten. The operations are
those of plain attention; what shrinks is the memory, from :math:`n^2` to :math:`n`.

References: :cite:t:`dao2022`, algorithm 1; the order of the loops is that of :cite:t:`dao2024`.
"""

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lessons.attention import scaled_scores
from lessons.limits.efficient_attention.online import finished, merge, nothing_read, read_block


def sees_all(
    queries: Int[Tensor, " queries"], keys: Int[Tensor, " keys"]
) -> Bool[Tensor, "queries keys"]:
    """Let the queries at these places see all keys.

    >>> sees_all(torch.tensor([0]), torch.tensor([0, 1]))
    tensor([[True, True]])
    """
    return torch.ones(len(queries), len(keys), dtype=torch.bool, device=keys.device)


def sees_past(
    queries: Int[Tensor, " queries"], keys: Int[Tensor, " keys"]
) -> Bool[Tensor, "queries keys"]:
    """Let each query see the keys up to its own place.

    >>> sees_past(torch.tensor([1]), torch.tensor([0, 1, 2]))
    tensor([[ True,  True, False]])
    """
    return keys <= queries[:, None]


def sees_window(width: int) -> Callable:
    """Return what lets each query see itself and the `width - 1` keys before it.

    Raises:
        ValueError: The width is less than 1.

    >>> sees_window(2)(torch.tensor([3]), torch.arange(5)).int()
    tensor([[0, 0, 1, 1, 0]], dtype=torch.int32)
    """
    if width < 1:
        raise ValueError(f"width is {width}: pass at least 1, so that a token sees itself")
    return partial(_in_window, width)


def tiled_attention(
    query: Float[Tensor, "*batch queries d_head"],
    key: Float[Tensor, "*batch keys d_head"],
    value: Float[Tensor, "*batch keys d_value"],
    *,
    rows: int = 64,
    columns: int = 64,
    sees: Callable = sees_all,
) -> tuple[Float[Tensor, "*batch queries d_value"], Float[Tensor, "*batch queries"]]:
    r"""Return what each query reads, tile by tile, and the logarithm of its denominator.

    Args:
        query: One row for each token that looks; they are the last ones of the sequence.
        key: One row for each token that is looked at.
        value: What these hand over.
        rows: The queries in a tile.
        columns: The keys in a tile.
        sees: From the places of some queries and keys to who sees whom.

    Raises:
        ValueError: A tile has no row or no column.

    Source: :cite:t:`dao2022`, algorithm 1.

    >>> x = torch.eye(3)
    >>> mixed, _ = tiled_attention(x, x, x, rows=2, columns=2)
    >>> torch.allclose(mixed, torch.softmax(x / 3**0.5, dim=-1))
    True
    """
    _check_tile(rows, columns)
    results = []
    for at, block in blocks(query, rows, start=key.shape[-2] - query.shape[-2]):
        state = nothing_read(value, block.shape[-2])
        for (to, some_keys), (_, some_values) in zip(
            blocks(key, columns), blocks(value, columns), strict=True
        ):
            visible = sees(at, to)
            if visible.any():
                scores = scaled_scores(block, some_keys)
                state = merge(state, read_block(scores, some_values, visible))
        results.append(finished(state))
    mixed, denominators = zip(*results, strict=True)
    return torch.cat(mixed, dim=-2), torch.cat(denominators, dim=-1)


def blocks(
    vectors: Float[Tensor, "*batch tokens d"], size: int, *, start: int = 0
) -> list[tuple[Int[Tensor, " some"], Float[Tensor, "*batch some d"]]]:
    """Cut a sequence into blocks; return each with the places of its tokens.

    >>> [places.tolist() for places, _ in blocks(torch.ones(3, 1), 2)]
    [[0, 1], [2]]
    """
    cut = vectors.split(size, dim=-2)
    places = torch.arange(start, start + vectors.shape[-2], device=vectors.device)
    return list(zip(places.split(size), cut, strict=True))


def _in_window(width: int, queries: Tensor, keys: Tensor) -> Tensor:
    behind = queries[:, None] - keys
    return (behind >= 0) & (behind < width)


def _check_tile(rows: int, columns: int) -> None:
    if rows < 1 or columns < 1:
        raise ValueError(f"a tile of {rows} × {columns} scores is empty: pass at least 1 × 1")
