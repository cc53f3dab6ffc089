"""How the numbers of a vector divide into heads, and query heads into groups."""


def head_size(d_model: int, heads: int) -> int:
    """Return `d_head`, the numbers in each of `heads` equal slices of a vector.

    Raises:
        ValueError: `d_model` is not a positive multiple of `heads`.

    >>> head_size(768, heads=12)
    64
    """
    if heads < 1 or d_model < 1 or d_model % heads:
        raise ValueError(
            f"d_model = {d_model} cannot be cut into {heads} equal heads: "
            "pass a number of heads that divides d_model"
        )
    return d_model // heads


def group_size(heads: int, kv_heads: int) -> int:
    """Return how many query heads share one head of keys and values.

    Raises:
        ValueError: `heads` is not a multiple of `kv_heads`.

    >>> group_size(heads=8, kv_heads=2)
    4
    """
    if kv_heads < 1 or heads % kv_heads:
        raise ValueError(
            f"{heads} query heads cannot share {kv_heads} key–value heads evenly: "
            "pass a number of key–value heads that divides the number of query heads"
        )
    return heads // kv_heads
