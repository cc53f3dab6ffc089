r"""BERT: an encoder with learned positions, two segments, post-norm and GELU.

Reference: :cite:t:`devlin2019`; transformers' BERT is the tests' oracle.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, post_norm
from lessons.families.encoder_only import EncoderOnly, MaskedTokenHead
from lessons.families.input_embedding import Embedding
from lessons.families.renamed_weights import activation, fill, require
from lessons.positions import LearnedPositions

BODY = {
    "embed.tokens": "embeddings.word_embeddings",
    "embed.segments": "embeddings.token_type_embeddings",
    "embed.positions.table": "embeddings.position_embeddings",
    "embed.norm": "embeddings.LayerNorm",
    "layers.#.attention.to_query": "encoder.layer.#.attention.self.query",
    "layers.#.attention.to_key": "encoder.layer.#.attention.self.key",
    "layers.#.attention.to_value": "encoder.layer.#.attention.self.value",
    "layers.#.attention.to_output": "encoder.layer.#.attention.output.dense",
    "layers.#.attention_norm": "encoder.layer.#.attention.output.LayerNorm",
    "layers.#.feed_forward.to_hidden": "encoder.layer.#.intermediate.dense",
    "layers.#.feed_forward.to_output": "encoder.layer.#.output.dense",
    "layers.#.feed_norm": "encoder.layer.#.output.LayerNorm",
}
HEAD = {
    "head.to_hidden": "cls.predictions.transform.dense",
    "head.norm": "cls.predictions.transform.LayerNorm",
    "head.unembed": "cls.predictions.decoder",
}


def bert(config: Any, tensors: Mapping[str, Tensor]) -> EncoderOnly:
    """Return BERT with these weights: with its head for masked tokens, if they have one.

    Args:
        config: A `BertConfig` of transformers.
        tensors: The state dict of a `BertForMaskedLM` or a `BertModel`. The pooler and the
            head for sentence pairs are left out.

    Raises:
        ValueError: A tensor is missing, superfluous or of another shape.

    Source: :cite:t:`devlin2019`, section 3.
    """
    require(not config.is_decoder, "this BERT is a decoder: pass an encoder")
    d_model, epsilon = config.hidden_size, config.layer_norm_eps
    bend = activation(config.hidden_act)
    with_head = any(name.startswith("cls.") for name in tensors)
    prefix = "bert." if with_head else ""

    def norm() -> LayerNorm:
        return LayerNorm(d_model, epsilon=epsilon)

    def block() -> EncoderBlock:
        attention = Attention(d_model, config.num_attention_heads)
        feed = FeedForward(d_model, config.intermediate_size, bend)
        return EncoderBlock(attention, feed, norm=norm, residual=post_norm)

    def build() -> EncoderOnly:
        embed = Embedding(
            config.vocab_size,
            d_model,
            positions=LearnedPositions(config.max_position_embeddings, d_model),
            segments=config.type_vocab_size,
            norm=norm(),
        )
        head = MaskedTokenHead(d_model, config.vocab_size, activation=bend, norm=norm())
        layers = [block() for _ in range(config.num_hidden_layers)]
        return EncoderOnly(embed, layers, head if with_head else nn.Identity())

    names = {ours: prefix + theirs for ours, theirs in BODY.items()} | HEAD
    return fill(build, tensors, names, unused=r"pooler|seq_relationship|predictions\.bias")
