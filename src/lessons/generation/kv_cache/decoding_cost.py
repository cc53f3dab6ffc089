r"""What generation costs, counted: operations for each new token, with a cache and without.

A multiplication and the addition after it count as two operations, as everywhere in the book.
Norms, activations and the softmax are left out, as torch's
:class:`torch.utils.flop_counter.FlopCounterMode` leaves them out.

Reference: :cite:t:`shazeer2019`, section 2.4, who also counts what must be read from memory.
"""

from typing import NamedTuple

from lessons.attention import projection_flops, score_flops


class Sizes(NamedTuple):
    """The sizes of a decoder-only model of GPT-2's kind, which decide what a step costs."""

    layers: int
    d_model: int
    heads: int
    d_ff: int
    vocab: int

    @property
    def weights(self) -> int:
        """The numbers in the matrices that each step must read, biases and norms left out."""
        layer = 4 * self.d_model**2 + 2 * self.d_model * self.d_ff
        return self.layers * layer + self.d_model * self.vocab


def step_flops(new: int, keys: int, sizes: Sizes) -> int:
    r"""Count the operations of one step: `new` tokens go through the model and see `keys` tokens.

    .. math:: L \left( 8 m d^2 + 4 m d\, d_\text{ff} + 4 m n d \right) + 2 d V

    for :math:`m` tokens that are computed and :math:`n` that are seen. Only the last token's
    logits are computed.

    Args:
        new: Tokens that are computed: one with a cache, all of them without.
        keys: Tokens that are seen, the new ones included.
        sizes: Of the model.

    Raises:
        ValueError: There is no new token, or there are fewer keys than new tokens.

    Without the unembedding, which each step pays once, 100 tokens cost what 100 single ones do:

    >>> gpt2 = Sizes(layers=12, d_model=768, heads=12, d_ff=3072, vocab=50257)
    >>> step_flops(100, 100, gpt2) // step_flops(1, 100, gpt2)
    69
    >>> body = gpt2._replace(vocab=0)
    >>> step_flops(100, 100, body) // step_flops(1, 100, body)
    100
    """
    if not 1 <= new <= keys:
        raise ValueError(f"{new} new tokens and {keys} keys: pass at least 1, and as many keys")
    d_head = sizes.d_model // sizes.heads
    layer = (
        projection_flops(new, sizes.d_model)
        + 4 * new * sizes.d_model * sizes.d_ff
        + score_flops(new, keys, d_head, heads=sizes.heads)
    )
    return sizes.layers * layer + 2 * sizes.d_model * sizes.vocab


def cached_flops(prompt: int, new: int, sizes: Sizes) -> int:
    r"""Count the operations of generating `new` tokens with a cache.

    The prompt is read at once, then each token but the last by itself:

    .. math:: \text{step}(n, n) + \sum_{t=1}^{N-1} \text{step}(1, n + t)

    >>> tiny = Sizes(layers=1, d_model=2, heads=1, d_ff=8, vocab=5)
    >>> cached_flops(3, 2, tiny) == step_flops(3, 3, tiny) + step_flops(1, 4, tiny)
    True
    """
    later = (step_flops(1, prompt + t, sizes) for t in range(1, new))
    return step_flops(prompt, prompt, sizes) + sum(later)


def uncached_flops(prompt: int, new: int, sizes: Sizes) -> int:
    r"""Count the operations of generating `new` tokens when each step reads the whole text.

    .. math:: \sum_{t=0}^{N-1} \text{step}(n + t, n + t)

    >>> tiny = Sizes(layers=1, d_model=2, heads=1, d_ff=8, vocab=5)
    >>> uncached_flops(3, 2, tiny) == step_flops(3, 3, tiny) + step_flops(4, 4, tiny)
    True
    """
    return sum(step_flops(prompt + t, prompt + t, sizes) for t in range(new))
