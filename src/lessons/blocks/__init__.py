"""Blocks: what stands around attention, and how it is stacked."""

from lessons.blocks.activations import gelu, gelu_tanh, relu, silu
from lessons.blocks.attention import Attention, Remembered, dot_scores, scaled_scores
from lessons.blocks.decoder import DecoderBlock
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
    "dot_scores",
    "edit",
    "expanded_scores",
    "gelu",
    "gelu_tanh",
    "layer_norm",
    "load_of",
    "post_norm",
    "pre_norm",
    "record",
    "relu",
    "rms_norm",
    "route",
    "scaled_scores",
    "silu",
]
