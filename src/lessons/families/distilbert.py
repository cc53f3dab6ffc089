r"""DistilBERT: BERT's architecture with half the layers, and without segments.

Reference: :cite:t:`sanh2019`; transformers' DistilBERT is the tests' oracle.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, post_norm
from lessons.families.encoder_only import EncoderOnly, MaskedTokenHead
from lessons.families.input_embedding import Embedding
from lessons.families.renamed_weights import activation, fill
from lessons.positions import LearnedPositions

EPSILON = 1e-12  # fixed in DistilBERT's code, not part of its configuration
BODY = {
    "embed.tokens": "embeddings.word_embeddings",
    "embed.positions.table": "embeddings.position_embeddings",
    "embed.norm": "embeddings.LayerNorm",
    "layers.#.attention.to_query": "transformer.layer.#.attention.q_lin",
    "layers.#.attention.to_key": "transformer.layer.#.attention.k_lin",
    "layers.#.attention.to_value": "transformer.layer.#.attention.v_lin",
    "layers.#.attention.to_output": "transformer.layer.#.attention.out_lin",
    "layers.#.attention_norm": "transformer.layer.#.sa_layer_norm",
    "layers.#.feed_forward.to_hidden": "transformer.layer.#.ffn.lin1",
    "layers.#.feed_forward.to_output": "transformer.layer.#.ffn.lin2",
    "layers.#.feed_norm": "transformer.layer.#.output_layer_norm",
}
HEAD = {
    "head.to_hidden": "vocab_transform",
    "head.norm": "vocab_layer_norm",
    "head.unembed": "vocab_projector",
}


def distilbert(config: Any, tensors: Mapping[str, Tensor]) -> EncoderOnly:
    """Return DistilBERT with these weights: with its head for masked tokens, if they have one.

    Args:
        config: A `DistilBertConfig` of transformers.
        tensors: The state dict of a `DistilBertForMaskedLM` or a `DistilBertModel`.

    Raises:
        ValueError: A tensor is missing, superfluous or of another shape.

    Source: :cite:t:`sanh2019`, section 3.
    """
    d_model = config.dim
    bend = activation(config.activation)
    with_head = any(name.startswith("vocab_") for name in tensors)
    prefix = "distilbert." if with_head else ""

    def norm() -> LayerNorm:
        return LayerNorm(d_model, epsilon=EPSILON)

    def block() -> EncoderBlock:
        feed = FeedForward(d_model, config.hidden_dim, bend)
        attention = Attention(d_model, config.n_heads)
        return EncoderBlock(attention, feed, norm=norm, residual=post_norm)

    def build() -> EncoderOnly:
        positions = LearnedPositions(config.max_position_embeddings, d_model)
        embed = Embedding(config.vocab_size, d_model, positions=positions, norm=norm())
        head = MaskedTokenHead(d_model, config.vocab_size, activation=bend, norm=norm())
        layers = [block() for _ in range(config.n_layers)]
        return EncoderOnly(embed, layers, head if with_head else nn.Identity())

    names = {ours: prefix + theirs for ours, theirs in BODY.items()} | HEAD
    return fill(build, tensors, names)
