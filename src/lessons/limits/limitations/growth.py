r"""What the next token costs, and what must be remembered for it: attention against recurrence.

Per layer, with :math:`d` numbers a token, and :math:`n` tokens so far. A multiplication and an
addition count as two operations; norms, activations and the softmax are left out.
"""

from lessons.attention import projection_flops, score_flops
from lessons.generation.cache import cache_bytes


def decoder_step_flops(tokens: int, d_model: int, *, layers: int) -> int:
    r"""Count the operations of one new token after `tokens` others, with a cache.

    .. math:: L \left( 8 d^2 + 16 d^2 + 4 (n + 1) d \right)

    Projections, a feed-forward network of :math:`4d`, and one query against all keys.

    >>> decoder_step_flops(0, 10, layers=1)
    2440
    """
    feed_forward = 16 * d_model**2
    look = score_flops(1, tokens + 1, d_model)
    return layers * (projection_flops(1, d_model) + feed_forward + look)


def lstm_step_flops(d_model: int, *, layers: int) -> int:
    r"""Count the operations of one new token in an LSTM; the tokens before do not matter.

    .. math:: 16 L d^2

    Four gates, each with a matrix for the input and one for the state.

    >>> lstm_step_flops(10, layers=1)
    1600
    """
    return layers * 16 * d_model**2


def lstm_state_bytes(d_model: int, *, layers: int, bytes_per_number: int = 4) -> int:
    """Count the bytes of an LSTM's state: two vectors a layer, however long the text.

    >>> lstm_state_bytes(10, layers=2)
    160
    """
    return layers * 2 * d_model * bytes_per_number


def decoder_state_bytes(
    tokens: int, d_model: int, *, layers: int, bytes_per_number: int = 4
) -> int:
    """Count the bytes of a decoder's keys and values, without shared heads.

    >>> decoder_state_bytes(10, 8, layers=2)
    1280
    """
    sizes = {"layers": layers, "d_model": d_model, "bytes_per_number": bytes_per_number}
    return cache_bytes(tokens, heads=1, kv_heads=1, **sizes)  # their number cancels out
