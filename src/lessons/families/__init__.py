"""Families: whole models from the same blocks, with the weights of transformers' models."""

from lessons.families.counting import decoder_flops, decoder_parameters, parameters_by_part
from lessons.families.decoder_only import DecoderOnly
from lessons.families.embedding import Embedding
from lessons.families.encoder_decoder import EncoderDecoder, Reading
from lessons.families.encoder_only import EncoderOnly
from lessons.families.image_tokens import (
    captions,
    draw_sequences,
    learn_codebook,
    nearest_codes,
    to_pictures,
    to_sequences,
)
from lessons.families.loading import from_transformers
from lessons.families.objectives import (
    next_token_loss,
    same_token_loss,
    shifted_cross_entropy,
    unigram_entropy,
    unshifted_cross_entropy,
)
from lessons.families.optimizers import Moments, adamw_step, inverse_root_rate, no_moments
from lessons.families.patches import PatchEmbedding, cut_patches, join_patches
from lessons.families.pictures import (
    caption_numbers,
    classify_loss,
    draw_batch,
    draw_pictures,
    places_of,
)
from lessons.families.small import small_decoder
from lessons.families.transformer2017 import from_torch, transformer2017

__all__ = [
    "DecoderOnly",
    "Embedding",
    "EncoderDecoder",
    "EncoderOnly",
    "Moments",
    "PatchEmbedding",
    "Reading",
    "adamw_step",
    "caption_numbers",
    "captions",
    "classify_loss",
    "cut_patches",
    "decoder_flops",
    "decoder_parameters",
    "draw_batch",
    "draw_pictures",
    "draw_sequences",
    "from_torch",
    "from_transformers",
    "inverse_root_rate",
    "join_patches",
    "learn_codebook",
    "nearest_codes",
    "next_token_loss",
    "no_moments",
    "parameters_by_part",
    "places_of",
    "same_token_loss",
    "shifted_cross_entropy",
    "small_decoder",
    "to_pictures",
    "to_sequences",
    "transformer2017",
    "unigram_entropy",
    "unshifted_cross_entropy",
]
