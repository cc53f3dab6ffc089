r"""What one layer of a real model costs: operations, bytes moved, bytes kept.

For a text read at once, every token seeing every other one. Projections are left out: they grow
with the length, not with its square.
"""

from collections.abc import Sequence

from lessons.attention import score_flops
from lessons.families import Grouped
from lessons.limits.efficient_attention.traffic import (
    rows_that_fit,
    table_traffic,
    tile_traffic,
)


def layer_costs(
    layer: Grouped,
    lengths: Sequence[int],
    *,
    fast_numbers: int = 100_000,
    bytes_per_number: int = 2,
) -> dict[str, list[int]]:
    r"""Count, for each length, what the layer does, moves in two ways, and keeps.

    Each of the :math:`h` heads of queries is read by itself, so shared keys and values travel once
    for each of them:

    .. math:: 4 h n^2 d, \qquad b h\,(4 n d + 4 n^2), \qquad
        b h\,(2 n d + n + 2 n d \lceil n / r \rceil), \qquad 2 b\, h_{kv}\, n d

    Args:
        layer: A layer that sees everything, with vectors of :math:`d` numbers a head.
        lengths: Of the text, in tokens :math:`n`.
        fast_numbers: What the fast memory holds; it decides the rows :math:`r` of a tile.
        bytes_per_number: :math:`b`.

    Raises:
        ValueError: The layer has a window, or values of another size than its keys.

    Source: :cite:t:`dao2022`, section 3.2, for what is moved.

    >>> layer_costs(Grouped(2, 1, 4), [8], fast_numbers=100)
    {'operations': [2048], 'moved, table': [1536], 'moved, tiles': [800], 'kept for later': [128]}
    """
    if layer.window is not None:
        raise ValueError(
            f"the layer sees {layer.window} tokens: pass one that sees all, or replace its window "
            "by None"
        )
    if layer.d_value not in (None, layer.d_head):
        raise ValueError(
            f"keys have {layer.d_head} numbers and values {layer.d_value}: pass a layer in which "
            "both have as many"
        )
    size, each = layer.d_head, bytes_per_number * layer.heads
    rows = rows_that_fit(fast_numbers, size)
    return {
        "operations": [score_flops(n, n, size, heads=layer.heads) for n in lengths],
        "moved, table": [each * table_traffic(n, size) for n in lengths],
        "moved, tiles": [each * tile_traffic(n, size, rows=rows) for n in lengths],
        "kept for later": [bytes_per_number * layer.kept(n) for n in lengths],
    }
