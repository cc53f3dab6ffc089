"""Families: whole models from the same blocks, with the weights of transformers' models."""

from lessons.families.decoder_only import DecoderOnly
from lessons.families.embedding import Embedding
from lessons.families.encoder_decoder import EncoderDecoder, Reading
from lessons.families.encoder_only import EncoderOnly
from lessons.families.loading import from_transformers
from lessons.families.small import placed_anew, small_decoder
from lessons.families.transformer2017 import from_torch, transformer2017

__all__ = [
    "DecoderOnly",
    "Embedding",
    "EncoderDecoder",
    "EncoderOnly",
    "Reading",
    "from_torch",
    "from_transformers",
    "placed_anew",
    "small_decoder",
    "transformer2017",
]
