r"""What the next token costs, and what must be remembered for it: attention against recurrence.

Per layer, with :math:`d` numbers a token, and :math:`n` tokens so far. A multiplication and an
addition count as two operations; norms, activations and the softmax are left out.
"""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lessons.attention import projection_flops, score_flops
from lessons.generation.cache import cache_bytes
from lessons.models import Loaded


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


@torch.no_grad()
def counted_decoder_step(decoder: Loaded, tokens: int) -> tuple[int, int]:
    """Run a decoder on so many tokens and one more; return what torch counts for the latter.

    Args:
        decoder: The book's decoder.
        tokens: How many came before.

    Returns:
        The operations of the one token, without the matrix from vectors to words; and the bytes
        that were kept for it.

    >>> from lessons.models import load
    >>> counted_decoder_step(load("decoder"), 4) == (
    ...     decoder_step_flops(4, 128, layers=3), decoder_state_bytes(4, 128, layers=3))
    True
    """
    past = decoder.model(torch.full((1, tokens), 5)).past_key_values
    kept = sum(layer.keys.nbytes + layer.values.nbytes for layer in past.layers)
    with FlopCounterMode(display=False) as counter:
        decoder.model(torch.tensor([[5]]), past_key_values=past)
    words = 2 * decoder.model.config.n_embd * decoder.model.config.vocab_size
    return counter.get_total_flops() - words, kept


@torch.no_grad()
def counted_lstm_step(tokens: int, d_model: int, *, layers: int) -> tuple[int, int]:
    """Run torch's LSTM on so many tokens and one more; return what is counted for the latter.

    Args:
        tokens: How many came before.
        d_model: The numbers of a token, and of each of the two states of a layer.
        layers: How many LSTMs are stacked.

    Returns:
        The operations of the one token, as multiplications by the cells' matrices; and the bytes
        that were kept for it.

    >>> counted_lstm_step(4, 10, layers=2)
    (3200, 160)
    """
    cells = [nn.LSTMCell(d_model, d_model) for _ in range(layers)]
    states = [(torch.zeros(1, d_model), torch.zeros(1, d_model)) for _ in cells]
    for _ in range(tokens + 1):
        kept = sum(one.nbytes for state in states for one in state)
        with FlopCounterMode(display=False) as counter:
            vector = torch.zeros(1, d_model)
            for at, cell in enumerate(cells):
                states[at] = cell(vector, states[at])
                vector = states[at][0]
    return counter.get_total_flops(), kept
