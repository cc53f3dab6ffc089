r"""The 2017 transformer: post-norm, sinusoids, ReLU, one embedding for all three uses.

Reference: :cite:t:`vaswani2017`; torch's :class:`torch.nn.Transformer` is the tests' oracle.
"""

import math
from collections.abc import Mapping

from torch import Tensor, nn

from lessons.blocks import (
    Attention,
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    LayerNorm,
    post_norm,
    relu,
)
from lessons.families.encoder_and_decoder import EncoderDecoder
from lessons.families.input_embedding import Embedding
from lessons.families.renamed_weights import fill, require
from lessons.positions import SinusoidalPositions


def transformer2017(
    vocab: int, *, d_model: int = 512, heads: int = 8, d_ff: int = 2048, layers: int = 6
) -> EncoderDecoder:
    r"""Return the transformer with random weights; the defaults are the paper's base model.

    The embedding, multiplied by :math:`\sqrt{d_\text{model}}`, serves source and target, and
    its transpose gives the logits. There is no norm after the last layer: post-norm blocks
    end with one.

    Raises:
        ValueError: `heads` does not divide `d_model`.

    Source: :cite:t:`vaswani2017`, sections 3.1 to 3.5 and table 3.

    >>> model = transformer2017(vocab=10, d_model=8, heads=2, d_ff=16, layers=1)
    >>> model.embed.tokens.weight is model.unembed.weight
    True
    """

    def norm() -> LayerNorm:
        return LayerNorm(d_model, epsilon=1e-5)

    def look() -> Attention:
        return Attention(d_model, heads)

    def think() -> FeedForward:
        return FeedForward(d_model, d_ff, relu)

    embed = Embedding(vocab, d_model, positions=SinusoidalPositions(), scale=math.sqrt(d_model))
    encoder = [EncoderBlock(look(), think(), norm=norm, residual=post_norm) for _ in range(layers)]
    decoder = [
        DecoderBlock(look(), look(), think(), norm=norm, residual=post_norm) for _ in range(layers)
    ]
    unembed = nn.Linear(d_model, vocab, bias=False)
    unembed.weight = embed.tokens.weight
    norms = nn.Identity(), nn.Identity()
    return EncoderDecoder(embed, encoder, decoder, norms=norms, unembed=unembed)


def from_torch(transformer: nn.Transformer, embedding: nn.Embedding) -> EncoderDecoder:
    """Return the transformer with the weights of torch's, and this embedding.

    Args:
        transformer: Post-norm, with ReLU, and without the norms that torch appends to the
            last layers: set `transformer.encoder.norm` and `.decoder.norm` to None.
        embedding: The vectors of the tokens.

    Raises:
        ValueError: It is pre-norm, or keeps the appended norms, or its two sides differ.

    >>> theirs = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    >>> theirs.encoder.norm = theirs.decoder.norm = None
    >>> len(from_torch(theirs, nn.Embedding(9, 8)).decoder)
    1
    """
    encoder, decoder = transformer.encoder, transformer.decoder
    first = encoder.layers[0]
    require(not first.norm_first, "this transformer is pre-norm: pass norm_first=False")
    require(
        encoder.norm is None and decoder.norm is None,
        "torch appends norms that the paper does not have: set encoder.norm and decoder.norm to "
        "None",
    )
    require(
        len(encoder.layers) == len(decoder.layers),
        "encoder and decoder have different numbers of layers: pass as many for both",
    )
    tensors = separate_projections(transformer.state_dict())
    return fill(
        lambda: transformer2017(
            embedding.num_embeddings,
            d_model=transformer.d_model,
            heads=transformer.nhead,
            d_ff=first.linear1.out_features,
            layers=len(encoder.layers),
        ),
        tensors | {"embedding.weight": embedding.weight},
        torch_names(),
    )


def torch_names() -> dict[str, str]:
    """Return torch's names of the modules, query, key and value already cut apart."""
    names = {"embed.tokens": "embedding", "unembed": "embedding"}
    for side, last in (("encoder", 2), ("decoder", 3)):
        for kind in ("attention", "cross") if side == "decoder" else ("attention",):
            theirs = f"{side}.layers.#.{'self_attn' if kind == 'attention' else 'multihead_attn'}"
            names |= {
                f"{side}.#.{kind}.to_{part}": f"{theirs}.{part}"
                for part in ("query", "key", "value")
            }
            names[f"{side}.#.{kind}.to_output"] = f"{theirs}.out_proj"
            names[f"{side}.#.{kind}_norm"] = f"{side}.layers.#.norm{1 + (kind == 'cross')}"
        names[f"{side}.#.feed_forward.to_hidden"] = f"{side}.layers.#.linear1"
        names[f"{side}.#.feed_forward.to_output"] = f"{side}.layers.#.linear2"
        names[f"{side}.#.feed_norm"] = f"{side}.layers.#.norm{last}"
    return names


def separate_projections(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Cut torch's `in_proj` tensors into query, key and value.

    >>> import torch
    >>> list(separate_projections({"a.in_proj_bias": torch.zeros(6)}))
    ['a.query.bias', 'a.key.bias', 'a.value.bias']
    """
    separate = {}
    for name, tensor in tensors.items():
        module, joined, kind = name.partition(".in_proj_")
        if not joined:
            separate[name] = tensor
            continue
        for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
            separate[f"{module}.{part}.{kind}"] = piece
    return separate
