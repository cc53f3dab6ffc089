r"""Llama: a decoder with rotary positions, RMSNorm, SwiGLU and grouped-query attention.

The last came with Llama 2's larger models.

References: :cite:t:`touvron2023`, :cite:t:`ainslie2023`; transformers' Llama is the tests'
oracle. Its pairs of numbers are halves, not neighbors: the published weights were permuted to fit.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, GatedFeedForward, RMSNorm, pre_norm
from lessons.families.decoder_only import DecoderOnly
from lessons.families.input_embedding import Embedding
from lessons.families.renamed_weights import activation, fill, require
from lessons.positions import Rotary, rotate_halves

NAMES = {
    "embed.tokens": "model.embed_tokens",
    "layers.#.attention_norm": "model.layers.#.input_layernorm",
    "layers.#.attention.to_query": "model.layers.#.self_attn.q_proj",
    "layers.#.attention.to_key": "model.layers.#.self_attn.k_proj",
    "layers.#.attention.to_value": "model.layers.#.self_attn.v_proj",
    "layers.#.attention.to_output": "model.layers.#.self_attn.o_proj",
    "layers.#.feed_norm": "model.layers.#.post_attention_layernorm",
    "layers.#.feed_forward.to_gate": "model.layers.#.mlp.gate_proj",
    "layers.#.feed_forward.to_hidden": "model.layers.#.mlp.up_proj",
    "layers.#.feed_forward.to_output": "model.layers.#.mlp.down_proj",
    "norm": "model.norm",
    "unembed": "lm_head",
}


def llama(config: Any, tensors: Mapping[str, Tensor]) -> DecoderOnly:
    """Return Llama with these weights.

    Args:
        config: A `LlamaConfig` of transformers.
        tensors: The state dict of a `LlamaForCausalLM`.

    Raises:
        ValueError: A tensor is missing, superfluous or of another shape, or the
            configuration stretches the rotary positions.

    Source: :cite:t:`touvron2023`, section 2.2.
    """
    rope = config.rope_parameters
    require(
        rope["rope_type"] == "default",
        f"rotary positions of type {rope['rope_type']!r} are not loaded here: pass a model with "
        "the default ones",
    )
    require(
        not config.attention_bias and not config.mlp_bias,
        "this Llama has biases in its linear layers: pass one without",
    )

    def norm() -> RMSNorm:
        return RMSNorm(config.hidden_size, epsilon=config.rms_norm_eps)

    def block() -> EncoderBlock:
        attention = Attention(
            config.hidden_size,
            config.num_attention_heads,
            kv_heads=config.num_key_value_heads,
            d_head=config.head_dim,
            bias=False,
            place=Rotary(base=rope["rope_theta"], rotate=rotate_halves),
        )
        feed = GatedFeedForward(
            config.hidden_size, config.intermediate_size, activation(config.hidden_act)
        )
        return EncoderBlock(attention, feed, norm=norm, residual=pre_norm)

    def build() -> DecoderOnly:
        return DecoderOnly(
            Embedding(config.vocab_size, config.hidden_size),
            [block() for _ in range(config.num_hidden_layers)],
            norm(),
            nn.Linear(config.hidden_size, config.vocab_size, bias=False),
            positions=config.max_position_embeddings,
        )

    return fill(build, tensors, NAMES)
