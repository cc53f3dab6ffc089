r"""What attention costs: operations, bytes and parameters, counted.

A multiplication and the addition after it count as two operations (FLOPs), as torch's
:class:`torch.utils.flop_counter.FlopCounterMode` counts them. The softmax is left out: it
takes a few operations a score, where each score takes `2 * d_head` to compute.
"""

from lessons.attention.head_sizes import group_size, head_size


def score_flops(queries: int, keys: int, d_head: int, *, heads: int = 1) -> int:
    r"""Count the operations of :math:`Q K^\top` and of :math:`w V`, without projections.

    .. math:: 2 \cdot 2 \cdot \text{heads} \cdot \text{queries} \cdot \text{keys} \cdot
        d_\text{head}

    >>> score_flops(queries=3, keys=3, d_head=2)
    72
    """
    return 4 * heads * queries * keys * d_head


def projection_flops(tokens: int, d_model: int) -> int:
    r"""Count the operations of the four projections (query, key, value, output) of a layer.

    .. math:: 4 \cdot 2 \cdot \text{tokens} \cdot d_\text{model}^2

    >>> projection_flops(tokens=1, d_model=2)
    32
    """
    return 8 * tokens * d_model**2


def score_bytes(queries: int, keys: int, *, heads: int = 1, bytes_per_number: int = 4) -> int:
    """Count the bytes of one layer's table of scores, for one sequence.

    >>> score_bytes(queries=1024, keys=1024, heads=12)
    50331648
    """
    return heads * queries * keys * bytes_per_number


def kept_numbers(d_model: int, heads: int, kv_heads: int) -> int:
    """Count the numbers in one token's keys, which are as many as in its values.

    Raises:
        ValueError: `heads` does not divide `d_model`, or `kv_heads` does not divide `heads`.

    >>> kept_numbers(768, heads=12, kv_heads=4)
    256
    """
    group_size(heads, kv_heads)
    return kv_heads * head_size(d_model, heads)


def key_value_bytes(
    tokens: int, d_model: int, heads: int, *, kv_heads: int, bytes_per_number: int = 4
) -> int:
    """Count the bytes of one layer's keys and values, which generation keeps for each token.

    Raises:
        ValueError: `heads` does not divide `d_model`, or `kv_heads` does not divide `heads`.

    >>> key_value_bytes(tokens=1, d_model=768, heads=12, kv_heads=12)
    6144
    """
    return 2 * tokens * kept_numbers(d_model, heads, kv_heads) * bytes_per_number


def attention_parameters(d_model: int, *, heads: int, kv_heads: int, bias: bool) -> int:
    r"""Count the learned numbers of one attention layer.

    Queries and output have :math:`d_\text{model}^2` weights each; keys and values have
    :math:`d_\text{model} \cdot \text{kv\_heads} \cdot d_\text{head}` each. A bias adds one
    number for each output of a projection. With `kv_heads == heads` the number of heads
    cancels out.

    Raises:
        ValueError: `heads` does not divide `d_model`, or `kv_heads` does not divide `heads`.

    >>> attention_parameters(768, heads=12, kv_heads=12, bias=True)
    2362368
    """
    outputs = 2 * d_model + 2 * kept_numbers(d_model, heads, kv_heads)
    return d_model * outputs + (outputs if bias else 0)
