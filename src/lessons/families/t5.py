r"""T5: an encoder–decoder with relative biases, RMSNorm, unscaled scores and no bias anywhere.

Reference: :cite:t:`raffel2020`; transformers' T5 is the tests' oracle.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from lessons.blocks import (
    Attention,
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    GatedFeedForward,
    RMSNorm,
    dot_scores,
    pre_norm,
)
from lessons.families.encoder_and_decoder import EncoderDecoder
from lessons.families.input_embedding import Embedding
from lessons.families.renamed_weights import activation, fill
from lessons.positions import RelativeBias


def side_names(side: str, feed: int) -> dict[str, str]:
    """Return the names of what encoder and decoder have in common.

    Args:
        side: "encoder" or "decoder".
        feed: The number of the feed-forward sublayer: 1, or 2 after cross-attention.
    """
    theirs = f"{side}.block.#.layer"
    names = {
        f"{side}.#.attention.to_{part}": f"{theirs}.0.SelfAttention.{part[0]}"
        for part in ("query", "key", "value", "output")
    }
    for ours, hidden in (("hidden", "wi"), ("output", "wo")):
        names[f"{side}.#.feed_forward.to_{ours}"] = f"{theirs}.{feed}.DenseReluDense.{hidden}"
    return names | {
        f"{side}.#.attention_norm": f"{theirs}.0.layer_norm",
        f"{side}.#.feed_norm": f"{theirs}.{feed}.layer_norm",
        f"{side}_norm": f"{side}.final_layer_norm",
        f"{side}_bias.table": f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias",
    }


def t5_names(*, gated: bool) -> dict[str, str]:
    """Return transformers' names of a T5's modules; a gated one has one matrix more."""
    names = {"embed.tokens": "shared", "unembed.linear": "lm_head"}
    for side, feed in (("encoder", 1), ("decoder", 2)):
        names |= side_names(side, feed)
        if gated:
            dense = f"{side}.block.#.layer.{feed}.DenseReluDense"
            names[f"{side}.#.feed_forward.to_gate"] = f"{dense}.wi_0"
            names[f"{side}.#.feed_forward.to_hidden"] = f"{dense}.wi_1"
    cross = "decoder.block.#.layer.1"
    for part in ("query", "key", "value", "output"):
        names[f"decoder.#.cross.to_{part}"] = f"{cross}.EncDecAttention.{part[0]}"
    return names | {"decoder.#.cross_norm": f"{cross}.layer_norm"}


class ScaledUnembedding(nn.Module):
    r"""Multiply by a factor, then by the embedding: T5 1.0 shrinks by :math:`1/\sqrt{d}`."""

    def __init__(self, d_model: int, vocab: int, factor: float):
        super().__init__()
        self.linear = nn.Linear(d_model, vocab, bias=False)
        self.factor = factor

    def forward(self, stream: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocab"]:
        """Return a logit for each token of the vocabulary."""
        return self.linear(stream * self.factor)


def t5(config: Any, tensors: Mapping[str, Tensor]) -> EncoderDecoder:
    """Return T5 with these weights.

    Args:
        config: A `T5Config` of transformers.
        tensors: The state dict of a `T5ForConditionalGeneration`.

    Raises:
        ValueError: A tensor is missing, superfluous or of another shape.

    Source: :cite:t:`raffel2020`, section 2.1.
    """
    d_model, heads, bend = config.d_model, config.num_heads, activation(config.dense_act_fn)

    def norm() -> RMSNorm:
        return RMSNorm(d_model, epsilon=config.layer_norm_epsilon)

    def attention() -> Attention:
        return Attention(d_model, heads, d_head=config.d_kv, bias=False, compare=dot_scores)

    def feed() -> nn.Module:
        if config.is_gated_act:
            return GatedFeedForward(d_model, config.d_ff, bend)
        return FeedForward(d_model, config.d_ff, bend, bias=False)

    def block(kind: Callable, attentions: int) -> nn.Module:
        parts = [attention() for _ in range(attentions)]
        return kind(*parts, feed(), norm=norm, residual=pre_norm)

    def bias(causal: bool) -> RelativeBias:
        return RelativeBias(
            heads,
            buckets=config.relative_attention_num_buckets,
            max_distance=config.relative_attention_max_distance,
            causal=causal,
        )

    def build() -> EncoderDecoder:
        factor = d_model**-0.5 if config.scale_decoder_outputs else 1.0
        return EncoderDecoder(
            Embedding(config.vocab_size, d_model),
            [block(EncoderBlock, 1) for _ in range(config.num_layers)],
            [block(DecoderBlock, 2) for _ in range(config.num_decoder_layers)],
            norms=(norm(), norm()),
            unembed=ScaledUnembedding(d_model, config.vocab_size, factor),
            biases=(bias(causal=False), bias(causal=True)),
        )

    names = t5_names(gated=config.is_gated_act)
    return fill(build, tensors, names, unused=r"\.embed_tokens\.")
