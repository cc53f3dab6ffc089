"""Families: whole models from the same blocks, with the weights of transformers' models."""

from lessons.families.choosing import Need, Offer, objections, shortlist, weight_bytes
from lessons.families.configurations import (
    EncoderSizes,
    embedding_parameters,
    encoder_flops,
    encoder_parameters,
    layer_parameters,
)
from lessons.families.counting import decoder_flops, decoder_parameters, parameters_by_part
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
from lessons.families.image_tokens import (
    captions,
    draw_sequences,
    learn_codebook,
    nearest_codes,
    to_pictures,
    to_sequences,
)
from lessons.families.loading import from_transformers
from lessons.families.masking import Masked, choose_tokens, fates, mask_tokens, masked_loss
from lessons.families.nearest import bag_of_words, leave_one_out, nearest_mean
from lessons.families.next_sentence import Input, Pair, join, sentence_pairs
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
from lessons.families.placed import placed_anew, placed_decoder
from lessons.families.senses import sense_examples
from lessons.families.small import small_decoder
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
    "Moments",
    "Need",
    "Offer",
    "Pair",
    "PatchEmbedding",
    "Reading",
    "adamw_step",
    "bag_of_words",
    "caption_numbers",
    "captions",
    "centrality",
    "choose_tokens",
    "classify_loss",
    "corrupt_spans",
    "cut_patches",
    "decoder_flops",
    "decoder_parameters",
    "delete_some",
    "draw_batch",
    "draw_infilling",
    "draw_pictures",
    "draw_sequences",
    "draw_spans",
    "embedding_parameters",
    "encoder_flops",
    "encoder_parameters",
    "extract",
    "fates",
    "from_torch",
    "from_transformers",
    "infill",
    "inverse_root_rate",
    "join",
    "join_patches",
    "layer_parameters",
    "learn_codebook",
    "leave_one_out",
    "mask_some",
    "mask_tokens",
    "masked_loss",
    "nearest_codes",
    "nearest_mean",
    "next_token_loss",
    "no_moments",
    "objections",
    "parameters_by_part",
    "permute_sentences",
    "placed_anew",
    "placed_decoder",
    "places_of",
    "restore",
    "rotate",
    "same_token_loss",
    "sense_examples",
    "sentence_pairs",
    "sentinel",
    "shifted_cross_entropy",
    "shortlist",
    "small_decoder",
    "to_pictures",
    "to_sequences",
    "transformer2017",
    "unigram_entropy",
    "unshifted_cross_entropy",
    "weight_bytes",
]
