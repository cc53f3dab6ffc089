r"""Traffic: how many numbers travel between a large slow memory and a small fast one.

A processor computes in a memory of some hundred KiB; queries, keys and values live in one that
is thousands of times larger and many times slower. Where numbers are moved more than they are
used, moving them decides the speed. For one head, with all of `d_head` numbers a vector.

References: :cite:t:`dao2022`, section 3.2 and theorem 2.
"""


def table_traffic(tokens: int, d_head: int) -> int:
    r"""Count the numbers moved by attention in three steps, each through the slow memory.

    Scores: read :math:`Q, K`, write :math:`S`. Softmax: read :math:`S`, write :math:`W`. Mix: read
    :math:`W, V`, write :math:`O`.

    .. math:: 4 n d + 4 n^2

    >>> table_traffic(1000, 64)
    4256000
    """
    return 4 * tokens * d_head + 4 * tokens**2


def tile_traffic(tokens: int, d_head: int, *, rows: int) -> int:
    r"""Count the numbers moved by tiled attention with `rows` queries at a time.

    Each query is read once and each result written once, with one number a query for the
    backward pass. All keys and values are read once for each block of queries.

    .. math:: 2 n d + n + 2 n d \lceil n / \text{rows} \rceil

    Raises:
        ValueError: There is no row in a tile.

    >>> tile_traffic(1000, 64, rows=100)
    1409000
    """
    if rows < 1:
        raise ValueError(f"rows is {rows}: pass at least 1")
    passes = -(-tokens // rows)
    return 2 * tokens * d_head + tokens + 2 * tokens * d_head * passes


def rows_that_fit(numbers: int, d_head: int) -> int:
    r"""Return the side of the largest square tile that a fast memory holds.

    It holds blocks of queries, keys, values and results, and the tile of scores:
    :math:`4 r d + r^2 \le` `numbers`.

    Raises:
        ValueError: Not even one row fits.

    >>> rows_that_fit(50_000, 64)
    129
    """
    rows = int((4 * d_head**2 + numbers) ** 0.5 - 2 * d_head)
    if rows < 1:
        raise ValueError(f"{numbers} numbers hold no row of {d_head}: pass more")
    return rows
