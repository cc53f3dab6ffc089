"""Families: whole models from the same blocks, how each is trained, and what each is for."""

from lessons.families.choosing import Need, Offer, objections, shortlist, weight_bytes
from lessons.families.counting import (
    EncoderSizes,
    embedding_parameters,
    encoder_flops,
    encoder_parameters,
    layer_parameters,
)
from lessons.families.decoder_only import DecoderOnly
from lessons.families.denoising import (
    delete_some,
    draw_infilling,
    infill,
    mask_some,
    permute_sentences,
    rotate,
)
from lessons.families.embedding import Embedding
from lessons.families.encoder_decoder import EncoderDecoder, Reading
from lessons.families.encoder_only import EncoderOnly
from lessons.families.extractive import centrality, extract
from lessons.families.loading import from_transformers
from lessons.families.masking import Masked, choose_tokens, fates, mask_tokens, masked_loss
from lessons.families.nearest import bag_of_words, leave_one_out, nearest_mean
from lessons.families.next_sentence import Input, Pair, join, sentence_pairs
from lessons.families.senses import sense_examples
from lessons.families.span_corruption import corrupt_spans, draw_spans, restore, sentinel
from lessons.families.transformer2017 import from_torch, transformer2017

__all__ = [
    "DecoderOnly",
    "Embedding",
    "EncoderDecoder",
    "EncoderOnly",
    "EncoderSizes",
    "Input",
    "Masked",
    "Need",
    "Offer",
    "Pair",
    "Reading",
    "bag_of_words",
    "centrality",
    "choose_tokens",
    "corrupt_spans",
    "delete_some",
    "draw_infilling",
    "draw_spans",
    "embedding_parameters",
    "encoder_flops",
    "encoder_parameters",
    "extract",
    "fates",
    "from_torch",
    "from_transformers",
    "infill",
    "join",
    "layer_parameters",
    "leave_one_out",
    "mask_some",
    "mask_tokens",
    "masked_loss",
    "nearest_mean",
    "objections",
    "permute_sentences",
    "restore",
    "rotate",
    "sense_examples",
    "sentence_pairs",
    "sentinel",
    "shortlist",
    "transformer2017",
    "weight_bytes",
]
