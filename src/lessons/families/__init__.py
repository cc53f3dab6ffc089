"""Families: whole models from the same blocks, with the weights of transformers' models."""

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
from lessons.families.patches import PatchEmbedding, cut_patches, join_patches
from lessons.families.pictures import (
    classify_loss,
    draw_batch,
    draw_pictures,
    places_of,
)
from lessons.families.transformer2017 import from_torch, transformer2017

__all__ = [
    "DecoderOnly",
    "Embedding",
    "EncoderDecoder",
    "EncoderOnly",
    "PatchEmbedding",
    "Reading",
    "captions",
    "classify_loss",
    "cut_patches",
    "draw_batch",
    "draw_pictures",
    "draw_sequences",
    "from_torch",
    "from_transformers",
    "join_patches",
    "learn_codebook",
    "nearest_codes",
    "places_of",
    "to_pictures",
    "to_sequences",
    "transformer2017",
]
