"""Blocks: what stands around attention, and how it is stacked."""

from lessons.blocks.activations import gelu, gelu_tanh, relu, silu
from lessons.blocks.attention import Attention, Remembered, dot_scores, scaled_scores
from lessons.blocks.counting import (
    attention_flops,
    block_flops,
    block_parameters,
    feed_forward_flops,
    feed_forward_parameters,
    gated_feed_forward_parameters,
)
from lessons.blocks.decoder import DecoderBlock
from lessons.blocks.depth import (
    deep_stack,
    gradient_norms,
    neither_norm_nor_residual,
    norm_without_residual,
    token_spread,
    xavier,
)
from lessons.blocks.encoder import EncoderBlock
from lessons.blocks.experts import MixtureOfExperts, load_of, route
from lessons.blocks.feed_forward import FeedForward, GatedFeedForward
from lessons.blocks.latent import LatentAttention, absorbed_scores, expanded_scores
from lessons.blocks.norms import LayerNorm, RMSNorm, layer_norm, rms_norm
from lessons.blocks.probes import Probe, edit, record
from lessons.blocks.residual import post_norm, pre_norm

__all__ = [
    "Attention",
    "DecoderBlock",
    "EncoderBlock",
    "FeedForward",
    "GatedFeedForward",
    "LatentAttention",
    "LayerNorm",
    "MixtureOfExperts",
    "Probe",
    "RMSNorm",
    "Remembered",
    "absorbed_scores",
    "attention_flops",
    "block_flops",
    "block_parameters",
    "deep_stack",
    "dot_scores",
    "edit",
    "expanded_scores",
    "feed_forward_flops",
    "feed_forward_parameters",
    "gated_feed_forward_parameters",
    "gelu",
    "gelu_tanh",
    "gradient_norms",
    "layer_norm",
    "load_of",
    "neither_norm_nor_residual",
    "norm_without_residual",
    "post_norm",
    "pre_norm",
    "record",
    "relu",
    "rms_norm",
    "route",
    "scaled_scores",
    "silu",
    "token_spread",
    "xavier",
]
