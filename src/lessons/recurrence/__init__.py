"""Recurrence: encoder–decoders that translate, and the attention that was added to them."""

from lessons.recurrence.additive import ConcatScore, additive_scores, concat_scores
from lessons.recurrence.alignment import aligned, diagonal, moved_words, strongest, words_of
from lessons.recurrence.bahdanau import BahdanauDecoder
from lessons.recurrence.batches import Batch, batch_of, draw_batch
from lessons.recurrence.bleu import bleu, clipped_precision
from lessons.recurrence.encoder_decoder import Decoder, Encoder, EncoderDecoder, Memory
from lessons.recurrence.local import (
    MonotonicReader,
    PredictiveReader,
    favor_center,
    predicted_centers,
    window,
)
from lessons.recurrence.luong import LuongDecoder
from lessons.recurrence.multiplicative import DotScore, GeneralScore, dot_scores, general_scores
from lessons.recurrence.phrases import Pair, chain, joined, noun_phrase, sentences, small_talk
from lessons.recurrence.reading import GlobalReader, read
from lessons.recurrence.translation import (
    exact_match,
    forced_right,
    free_right,
    teacher_forcing_loss,
    translate,
    write,
)
from lessons.recurrence.vocabulary import Vocabulary, fragment, join, split

__all__ = [
    "BahdanauDecoder",
    "Batch",
    "ConcatScore",
    "Decoder",
    "DotScore",
    "Encoder",
    "EncoderDecoder",
    "GeneralScore",
    "GlobalReader",
    "LuongDecoder",
    "Memory",
    "MonotonicReader",
    "Pair",
    "PredictiveReader",
    "Vocabulary",
    "additive_scores",
    "aligned",
    "batch_of",
    "bleu",
    "chain",
    "clipped_precision",
    "concat_scores",
    "diagonal",
    "dot_scores",
    "draw_batch",
    "exact_match",
    "favor_center",
    "forced_right",
    "fragment",
    "free_right",
    "general_scores",
    "join",
    "joined",
    "moved_words",
    "noun_phrase",
    "predicted_centers",
    "read",
    "sentences",
    "small_talk",
    "split",
    "strongest",
    "teacher_forcing_loss",
    "translate",
    "window",
    "words_of",
    "write",
]
