r"""The decoder block of an encoder–decoder: it also looks at the source.

Reference: :cite:t:`vaswani2017`, section 3.1.
"""

from collections.abc import Callable
from functools import partial

from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.blocks.attention_layer import Attention, Remembered
from lessons.blocks.probes import Probe


class DecoderBlock(nn.Module):
    """Masked self-attention, cross-attention to a memory, and a feed-forward network.

    Args:
        attention: The target's tokens look at each other.
        cross: The target's tokens look at the memory, the encoder's output.
        feed_forward: What each token does by itself.
        norm: Makes a norm; called three times.
        residual: :func:`~lessons.blocks.residual.pre_norm` or
            :func:`~lessons.blocks.residual.post_norm`.

    Source: :cite:t:`vaswani2017`, section 3.1.

    >>> import torch
    >>> from lessons.blocks import FeedForward, LayerNorm, post_norm, relu
    >>> block = DecoderBlock(Attention(8, 2), Attention(8, 2), FeedForward(8, 32, relu),
    ...                      norm=lambda: LayerNorm(8), residual=post_norm)
    >>> block(torch.zeros(1, 3, 8), torch.ones(1, 5, 8)).shape
    torch.Size([1, 3, 8])
    """

    def __init__(
        self,
        attention: Attention,
        cross: Attention,
        feed_forward: nn.Module,
        *,
        norm: Callable,
        residual: Callable,
    ):
        super().__init__()
        self.attention_norm, self.cross_norm, self.feed_norm = norm(), norm(), norm()
        self.attention, self.cross, self.feed_forward = attention, cross, feed_forward
        self.residual = residual
        self.attended, self.crossed, self.out = Probe(), Probe(), Probe()

    def forward(
        self,
        tokens: Float[Tensor, "batch tokens d_model"],
        memory: Float[Tensor, "batch source d_model"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        memory_visible: Bool[Tensor, "*memory_mask"] | None = None,
        bias: Float[Tensor, "heads tokens keys"] | None = None,
        caches: tuple[Remembered | None, Remembered | None] = (None, None),
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Look at the target so far, look at the source, then think.

        `caches` are those of the self-attention and of the cross-attention; the other
        arguments are those of :class:`~lessons.blocks.attention_layer.Attention`.
        """
        own, other = caches
        look = partial(self.attention, visible=visible, bias=bias, cache=own)
        consult = partial(self.cross, memory=memory, visible=memory_visible, cache=other)
        tokens = self.attended(self.residual(tokens, self.attention_norm, look))
        tokens = self.crossed(self.residual(tokens, self.cross_norm, consult))
        return self.out(self.residual(tokens, self.feed_norm, self.feed_forward))
