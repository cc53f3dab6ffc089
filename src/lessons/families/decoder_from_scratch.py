r"""A small decoder from scratch: the machine that chapters train in seconds.

Its parts are GPT-2's, but for the output layer, which has weights of its own here.
"""

from collections.abc import Callable

import torch
from torch import nn

from lessons.blocks import (
    Attention,
    EncoderBlock,
    FeedForward,
    LayerNorm,
    gelu_tanh,
    pre_norm,
    xavier,
)
from lessons.families.decoder_only import DecoderOnly
from lessons.families.input_embedding import Embedding
from lessons.positions import LearnedPositions


def small_decoder(
    vocab: int,
    *,
    positions: int,
    d_model: int = 64,
    heads: int = 4,
    layers: int = 2,
    residual: Callable = pre_norm,
    seed: int = 0,
) -> DecoderOnly:
    """Return an untrained decoder-only model with learned positions.

    Linear layers are drawn by Xavier's rule, the rows of both tables from a normal distribution
    with a standard deviation of 0.5.

    Args:
        vocab: How many tokens there are: the rows of the embedding.
        positions: The longest text, in tokens: the rows of the table of positions.
        d_model: The numbers in a token's vector.
        heads: The heads of each layer; must divide `d_model`.
        layers: The number of blocks.
        residual: How a sublayer meets the stream. The last norm, which post-norm models don't
            have, changes nothing in them at first.
        seed: Decides the weights.

    Raises:
        ValueError: `heads` does not divide `d_model`.

    Source: :cite:t:`radford2019`, section 2.3, for the parts.

    >>> small_decoder(10, positions=8)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 10])
    """
    generator = torch.Generator().manual_seed(seed)
    blocks = [
        EncoderBlock(
            Attention(d_model, heads),
            FeedForward(d_model, 4 * d_model, gelu_tanh),
            norm=lambda: LayerNorm(d_model),
            residual=residual,
        )
        for _ in range(layers)
    ]
    places = LearnedPositions(positions, d_model)
    embed = Embedding(vocab, d_model, positions=places)
    unembed = nn.Linear(d_model, vocab, bias=False)
    model = DecoderOnly(embed, blocks, LayerNorm(d_model), unembed, positions=positions)
    for table in (embed.tokens, places.table):
        nn.init.normal_(table.weight, std=0.5, generator=generator)
    return xavier(model, generator=generator)
