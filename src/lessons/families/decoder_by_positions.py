"""A small decoder for experiments: everything is fixed but the way it learns about order.

It stands with the families, because it is made of blocks, which stand above positions.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.blocks import (
    Attention,
    EncoderBlock,
    FeedForward,
    LayerNorm,
    Remembered,
    gelu,
    pre_norm,
)
from lessons.blocks.attention_layer import unplaced
from lessons.families.decoder_only import DecoderOnly
from lessons.families.input_embedding import Embedding


class BiasedBlock(nn.Module):
    """A block whose scores get a bias from the positions of query and key.

    Args:
        block: What is biased.
        bias: Called with the numbers of queries and keys, such as
            :class:`~lessons.positions.alibi.Alibi`.
    """

    def __init__(self, block: EncoderBlock, bias: nn.Module):
        super().__init__()
        self.block, self.bias = block, bias

    @property
    def attention(self) -> Attention:
        """The block's attention."""
        return self.block.attention

    def forward(
        self,
        tokens: Float[Tensor, "batch tokens d_model"],
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        cache: Remembered | None = None,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Look at the others with the bias, then think."""
        queries = tokens.shape[-2]
        bias = self.bias(queries, queries + (cache.length if cache else 0))
        return self.block(tokens, visible=visible, bias=bias, cache=cache)


def placed_decoder(
    vocab: int,
    *,
    d_model: int = 32,
    heads: int = 4,
    layers: int = 1,
    positions: nn.Module | None = None,
    bias: nn.Module | None = None,
    place: Callable = unplaced,
) -> DecoderOnly:
    """Return an untrained decoder of pre-norm blocks, with any way to learn about order, or none.

    Args:
        vocab: How many tokens there are.
        d_model: The numbers in a token's vector.
        heads: The heads of each layer.
        layers: The number of blocks.
        positions: Adds positions to the embedded tokens: sinusoidal or learned.
        bias: Adds a bias to the scores of every layer: T5's, shared by the layers, or ALiBi's.
        place: Turns queries and keys: rotary.

    >>> from lessons.positions import Rotary
    >>> import torch
    >>> placed_decoder(10, place=Rotary())(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 10])
    """

    def block() -> nn.Module:
        made = EncoderBlock(
            Attention(d_model, heads, place=place),
            FeedForward(d_model, 2 * d_model, gelu),
            norm=lambda: LayerNorm(d_model),
            residual=pre_norm,
        )
        return made if bias is None else BiasedBlock(made, bias)

    return DecoderOnly(
        Embedding(vocab, d_model, positions=positions),
        [block() for _ in range(layers)],
        LayerNorm(d_model),
        nn.Linear(d_model, vocab, bias=False),
    )


def placed_anew(model: DecoderOnly, place: Callable) -> DecoderOnly:
    """Return a copy of a model whose queries and keys are turned in another way.

    Args:
        model: It keeps what it has; the copy has the same weights.
        place: Turns queries and keys, such as
            :class:`~lessons.positions.longer_contexts.rotary_scaling.ScaledRotary`.

    >>> from lessons.positions import Rotary
    >>> model = placed_decoder(10, place=Rotary())
    >>> placed_anew(model, Rotary(base=500.0)).layers[0].attention.place.base
    500.0
    """
    made = copy.deepcopy(model)
    for part in made.modules():
        if isinstance(part, Attention):
            part.place = place
    return made


@contextmanager
def turned(model: DecoderOnly, place: Callable) -> Iterator[DecoderOnly]:
    """Turn the queries and keys of a model in another way in a `with` block; nothing is copied.

    Args:
        model: It may be large.
        place: As for :func:`placed_anew`.

    >>> from lessons.positions import Rotary
    >>> model = placed_decoder(10, place=Rotary())
    >>> with turned(model, Rotary(base=500.0)):
    ...     model.layers[0].attention.place.base
    500.0
    >>> model.layers[0].attention.place.base
    10000.0
    """
    before = [(part, part.place) for part in model.modules() if isinstance(part, Attention)]
    try:
        for part, _ in before:
            _turn(part, place)
        yield model
    finally:
        for part, usual in before:
            _turn(part, usual)


def _turn(attention: Attention, place: Callable) -> None:
    del attention.place  # torch lets no function follow a module under the same name
    attention.place = place
