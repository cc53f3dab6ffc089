r"""Counting: parameters and operations of encoders, from the sizes in their configurations.

Without a download: what an encoder costs is decided by a few numbers. Counted is the body that
gives a vector a token, without BERT's pooler and without heads.

References: :cite:t:`devlin2019`; :cite:t:`liu2019`; :cite:t:`lan2020`; :cite:t:`sanh2019`;
:cite:t:`wang2020`.
"""

from typing import NamedTuple


class EncoderSizes(NamedTuple):
    """The numbers that decide what an encoder of BERT's kind costs.

    `d_embedding` is the width of the embeddings: ALBERT's is narrower than d_model, and a matrix
    widens it. `distinct` is the number of layers with parameters of their own: ALBERT uses one
    layer's parameters in all of its layers. `longest` is the longest text; RoBERTa's table of
    positions has two rows that no token uses.
    """

    vocab: int
    positions: int
    segments: int
    d_embedding: int
    d_model: int
    d_ff: int
    layers: int
    distinct: int
    longest: int = 512


BASE = {
    "BERT": EncoderSizes(30_522, 512, 2, 768, 768, 3072, 12, 12),
    "RoBERTa": EncoderSizes(50_265, 514, 1, 768, 768, 3072, 12, 12),
    "ALBERT": EncoderSizes(30_000, 512, 2, 128, 768, 3072, 12, 1),
    "DistilBERT": EncoderSizes(30_522, 512, 0, 768, 768, 3072, 6, 6),
    "MiniLM": EncoderSizes(30_522, 512, 2, 384, 384, 1536, 6, 6),
}


def embedding_parameters(sizes: EncoderSizes) -> int:
    """Count the tables of tokens, positions and segments, the norm, and what widens them.

    >>> embedding_parameters(BASE["BERT"])
    23837184
    """
    width = sizes.d_embedding
    tables = (sizes.vocab + sizes.positions + sizes.segments) * width + 2 * width
    return tables if width == sizes.d_model else tables + (width + 1) * sizes.d_model


def layer_parameters(sizes: EncoderSizes) -> int:
    """Count one layer: four projections, two feed-forward matrices, their biases, two norms.

    >>> layer_parameters(BASE["BERT"])
    7087872
    """
    d, d_ff = sizes.d_model, sizes.d_ff
    return 4 * (d * d + d) + (2 * d * d_ff + d_ff + d) + 4 * d


def encoder_parameters(sizes: EncoderSizes) -> int:
    """Count the parameters of the whole body; a layer used twice counts once.

    >>> encoder_parameters(BASE["BERT"])
    108891648
    """
    return embedding_parameters(sizes) + sizes.distinct * layer_parameters(sizes)


def encoder_flops(sizes: EncoderSizes, tokens: int) -> int:
    r"""Count the operations of reading a text; a layer used twice works twice.

    .. math:: \text{layers} \cdot (8 n d^2 + 4 n^2 d + 4 n d\, d_\text{ff})

    and, where the embeddings are narrower, :math:`2 n\, d_\text{embedding}\, d` to widen them.

    Args:
        sizes: The encoder's.
        tokens: :math:`n`, the tokens of the text.

    Raises:
        ValueError: The text is empty, or longer than the encoder's positions.

    >>> encoder_flops(BASE["BERT"], tokens=128)
    22347251712
    """
    if not 1 <= tokens <= sizes.longest:
        raise ValueError(f"tokens is {tokens}: pass at least 1, at most {sizes.longest}")
    n, d = tokens, sizes.d_model
    layer = 8 * n * d * d + 4 * n * n * d + 4 * n * d * sizes.d_ff
    widen = 0 if sizes.d_embedding == d else 2 * n * sizes.d_embedding * d
    return sizes.layers * layer + widen
