"""A small BERT from scratch, which gives one answer for a text or for a pair of texts.

Its parts are BERT's, but for the norms, which stand in front of the sublayers.

Reference: :cite:t:`devlin2019`.
"""

import torch
from torch import nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, gelu, pre_norm, xavier
from lessons.families.encoder_only import EncoderOnly
from lessons.families.first_vector import FirstVectorHead
from lessons.families.input_embedding import Embedding
from lessons.positions import LearnedPositions


def small_bert(
    vocab: int, *, positions: int, d_model: int = 32, answers: int = 2, seed: int = 0
) -> EncoderOnly:
    """Return an untrained BERT of two layers and four heads, with a head on the first vector.

    Args:
        vocab: How many tokens there are.
        positions: The longest input, in tokens.
        d_model: The numbers in a token's vector.
        answers: How many answers there are.
        seed: Decides the weights.

    Source: :cite:t:`devlin2019`, section 3.

    >>> model = small_bert(10, positions=8)
    >>> ids, segments = torch.tensor([[1, 2, 3]]), torch.tensor([[0, 0, 1]])
    >>> model(ids, segments=segments).shape
    torch.Size([1, 2])
    """
    places = LearnedPositions(positions, d_model)
    norm = LayerNorm(d_model)
    embed = Embedding(vocab, d_model, positions=places, segments=2, norm=norm)
    layers = [
        EncoderBlock(
            Attention(d_model, 4),
            FeedForward(d_model, 4 * d_model, gelu),
            norm=lambda: LayerNorm(d_model),
            residual=pre_norm,
        )
        for _ in range(2)
    ]
    model = EncoderOnly(embed, layers, FirstVectorHead(d_model, answers))
    generator = torch.Generator().manual_seed(seed)
    for part in (embed.tokens, embed.segments, places.table):
        assert isinstance(part, nn.Embedding)  # there are segments
        nn.init.normal_(part.weight, std=0.5, generator=generator)
    return xavier(model, generator=generator)
