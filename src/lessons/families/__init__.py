"""Families: whole models from the same blocks, with the weights of transformers' models."""

from lessons.families.counting import decoder_flops, decoder_parameters, parameters_by_part
from lessons.families.decoder_only import DecoderOnly
from lessons.families.embedding import Embedding
from lessons.families.encoder_decoder import EncoderDecoder, Reading
from lessons.families.encoder_only import EncoderOnly
from lessons.families.loading import from_transformers
from lessons.families.objectives import (
    next_token_loss,
    same_token_loss,
    shifted_cross_entropy,
    unigram_entropy,
    unshifted_cross_entropy,
)
from lessons.families.optimizers import Moments, adamw_step, inverse_root_rate, no_moments
from lessons.families.placed import placed_anew, placed_decoder
from lessons.families.small import small_decoder
from lessons.families.transformer2017 import from_torch, transformer2017

__all__ = [
    "DecoderOnly",
    "Embedding",
    "EncoderDecoder",
    "EncoderOnly",
    "Moments",
    "Reading",
    "adamw_step",
    "decoder_flops",
    "decoder_parameters",
    "from_torch",
    "from_transformers",
    "inverse_root_rate",
    "next_token_loss",
    "no_moments",
    "parameters_by_part",
    "placed_anew",
    "placed_decoder",
    "same_token_loss",
    "shifted_cross_entropy",
    "small_decoder",
    "transformer2017",
    "unigram_entropy",
    "unshifted_cross_entropy",
]
