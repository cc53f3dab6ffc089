r"""GPT-2: a decoder with learned positions, pre-norm and GELU's tanh approximation.

Its weights come in two peculiar forms: query, key and value are one matrix, and all matrices
are stored input by output, the transpose of a linear layer's.

Reference: :cite:t:`radford2019`; transformers' GPT-2 is the tests' oracle.
"""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from lessons.blocks import Attention, EncoderBlock, FeedForward, LayerNorm, pre_norm
from lessons.families.decoder_only import DecoderOnly
from lessons.families.input_embedding import Embedding
from lessons.families.renamed_weights import activation, fill, require
from lessons.positions import LearnedPositions

NAMES = {
    "embed.tokens": "transformer.wte",
    "embed.positions.table": "transformer.wpe",
    "layers.#.attention_norm": "transformer.h.#.ln_1",
    "layers.#.attention.to_query": "transformer.h.#.attn.c_attn.query",
    "layers.#.attention.to_key": "transformer.h.#.attn.c_attn.key",
    "layers.#.attention.to_value": "transformer.h.#.attn.c_attn.value",
    "layers.#.attention.to_output": "transformer.h.#.attn.c_proj",
    "layers.#.feed_norm": "transformer.h.#.ln_2",
    "layers.#.feed_forward.to_hidden": "transformer.h.#.mlp.c_fc",
    "layers.#.feed_forward.to_output": "transformer.h.#.mlp.c_proj",
    "norm": "transformer.ln_f",
    "unembed": "lm_head",
}


def gpt2(config: Any, tensors: Mapping[str, Tensor]) -> DecoderOnly:
    """Return GPT-2 with these weights.

    Args:
        config: A `GPT2Config` of transformers.
        tensors: The state dict of a `GPT2LMHeadModel`.

    Raises:
        ValueError: A tensor is missing, superfluous or of another shape, or the
            configuration changes how scores are scaled, or adds cross-attention.

    Source: :cite:t:`radford2019`, section 2.3.
    """
    require(
        config.scale_attn_weights
        and not config.scale_attn_by_inverse_layer_idx
        and not config.add_cross_attention,
        "this GPT-2 scales its scores differently, or has cross-attention: pass a plain one",
    )
    d_model = config.n_embd
    d_ff = config.n_inner or 4 * d_model

    def norm() -> LayerNorm:
        return LayerNorm(d_model, epsilon=config.layer_norm_epsilon)

    def block() -> EncoderBlock:
        feed = FeedForward(d_model, d_ff, activation(config.activation_function))
        return EncoderBlock(Attention(d_model, config.n_head), feed, norm=norm, residual=pre_norm)

    def build() -> DecoderOnly:
        positions = LearnedPositions(config.n_positions, d_model)
        return DecoderOnly(
            Embedding(config.vocab_size, d_model, positions=positions),
            [block() for _ in range(config.n_layer)],
            norm(),
            nn.Linear(d_model, config.vocab_size, bias=False),
            positions=config.n_positions,
        )

    return fill(build, as_linear_layers(tensors), NAMES)


def as_linear_layers(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Transpose GPT-2's matrices, and cut query, key and value apart.

    >>> import torch
    >>> sorted(as_linear_layers({"h.0.attn.c_attn.bias": torch.arange(6.0)}).items())[0]
    ('h.0.attn.c_attn.key.bias', tensor([2., 3.]))
    """
    linear = {}
    for name, tensor in tensors.items():
        if re.search(r"\.c_(attn|proj|fc)\.weight$", name):
            tensor = tensor.T
        module, _, kind = name.rpartition(".")
        if module.endswith(".c_attn"):
            for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                linear[f"{module}.{part}.{kind}"] = piece
        else:
            linear[name] = tensor
    return linear
