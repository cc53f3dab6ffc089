r"""The encoder block: all tokens look at each other, then each thinks by itself.

References: :cite:t:`vaswani2017`, section 3.1. A block without cross-attention serves a
decoder-only model as well: only the mask makes the difference.
"""

from collections.abc import Callable
from functools import partial

from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.blocks.attention_layer import Attention, Remembered
from lessons.blocks.probes import Probe


class EncoderBlock(nn.Module):
    """Self-attention and a feed-forward network, each added to the residual stream.

    Args:
        attention: The block's self-attention.
        feed_forward: What each token does by itself.
        norm: Makes a norm; called twice.
        residual: :func:`~lessons.blocks.residual.pre_norm` or
            :func:`~lessons.blocks.residual.post_norm`.

    Source: :cite:t:`vaswani2017`, section 3.1.

    >>> import torch
    >>> from lessons.blocks import FeedForward, LayerNorm, pre_norm, relu
    >>> block = EncoderBlock(Attention(8, 2), FeedForward(8, 32, relu),
    ...                      norm=lambda: LayerNorm(8), residual=pre_norm)
    >>> block(torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    def __init__(
        self, attention: Attention, feed_forward: nn.Module, *, norm: Callable, residual: Callable
    ):
        super().__init__()
        self.attention_norm, self.feed_norm = norm(), norm()
        self.attention, self.feed_forward = attention, feed_forward
        self.residual = residual
        self.attended, self.out = Probe(), Probe()

    def forward(
        self,
        tokens: Float[Tensor, "batch tokens d_model"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        bias: Float[Tensor, "heads tokens keys"] | None = None,
        cache: Remembered | None = None,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Look at the others, then think.

        The arguments are those of :class:`~lessons.blocks.attention_layer.Attention`.
        """
        look = partial(self.attention, visible=visible, bias=bias, cache=cache)
        tokens = self.attended(self.residual(tokens, self.attention_norm, look))
        return self.out(self.residual(tokens, self.feed_norm, self.feed_forward))
