"""Recurrence: cells that read one token after another, how they forget, and what they cost."""

from lessons.recurrence.additive import ConcatScore, additive_scores, concat_scores
from lessons.recurrence.alignment import aligned, diagonal, moved_words, strongest, words_of
from lessons.recurrence.bahdanau import BahdanauDecoder
from lessons.recurrence.batches import Batch, batch_of, draw_batch
from lessons.recurrence.bleu import bleu, clipped_precision
from lessons.recurrence.cells import Cell, RNNCell, rnn_step
from lessons.recurrence.cost import longest_chain, recurrent_flops, state_bytes
from lessons.recurrence.encoder_decoder import Decoder, Encoder, EncoderDecoder, Memory
from lessons.recurrence.gradients import (
    gradients_through_time,
    linear_gradients,
    mean_gradients,
    orthogonal_matrix,
    spectral_radius,
)
from lessons.recurrence.gru import GRUCell, gru_step
from lessons.recurrence.linear import scan, step_by_step
from lessons.recurrence.local import (
    MonotonicReader,
    PredictiveReader,
    favor_center,
    predicted_centers,
    window,
)
from lessons.recurrence.lstm import LSTMCell, lstm_step
from lessons.recurrence.luong import LuongDecoder
from lessons.recurrence.movies import draw_reviews, ids_of, negations, reviews_of, truth
from lessons.recurrence.multiplicative import DotScore, GeneralScore, dot_scores, general_scores
from lessons.recurrence.phrases import Pair, chain, joined, noun_phrase, sentences, small_talk
from lessons.recurrence.reader import Reader, chances, review_loss, share_right
from lessons.recurrence.reading import GlobalReader, read
from lessons.recurrence.recall import (
    draw_mixed,
    draw_recall,
    learned_recall,
    recall_loss,
    recall_rate,
)
from lessons.recurrence.translation import (
    exact_match,
    forced_right,
    free_right,
    teacher_forcing_loss,
    translate,
    write,
)
from lessons.recurrence.unroll import unroll
from lessons.recurrence.vocabulary import Vocabulary, fragment, join, split

__all__ = [
    "BahdanauDecoder",
    "Batch",
    "Cell",
    "ConcatScore",
    "Decoder",
    "DotScore",
    "Encoder",
    "EncoderDecoder",
    "GRUCell",
    "GeneralScore",
    "GlobalReader",
    "LSTMCell",
    "LuongDecoder",
    "Memory",
    "MonotonicReader",
    "Pair",
    "PredictiveReader",
    "RNNCell",
    "Reader",
    "Vocabulary",
    "additive_scores",
    "aligned",
    "batch_of",
    "bleu",
    "chain",
    "chances",
    "clipped_precision",
    "concat_scores",
    "diagonal",
    "dot_scores",
    "draw_batch",
    "draw_mixed",
    "draw_recall",
    "draw_reviews",
    "exact_match",
    "favor_center",
    "forced_right",
    "fragment",
    "free_right",
    "general_scores",
    "gradients_through_time",
    "gru_step",
    "ids_of",
    "join",
    "joined",
    "learned_recall",
    "linear_gradients",
    "longest_chain",
    "lstm_step",
    "mean_gradients",
    "moved_words",
    "negations",
    "noun_phrase",
    "orthogonal_matrix",
    "predicted_centers",
    "read",
    "recall_loss",
    "recall_rate",
    "recurrent_flops",
    "review_loss",
    "reviews_of",
    "rnn_step",
    "scan",
    "sentences",
    "share_right",
    "small_talk",
    "spectral_radius",
    "split",
    "state_bytes",
    "step_by_step",
    "strongest",
    "teacher_forcing_loss",
    "translate",
    "truth",
    "unroll",
    "window",
    "words_of",
    "write",
]
