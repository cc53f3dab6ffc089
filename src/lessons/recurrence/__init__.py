"""Recurrence: cells that read one token after another, how they forget, and what they cost."""

from lessons.recurrence.cells import Cell, RNNCell, rnn_step
from lessons.recurrence.cost import longest_chain, recurrent_flops, state_bytes
from lessons.recurrence.gradients import (
    gradients_through_time,
    linear_gradients,
    mean_gradients,
    orthogonal_matrix,
    spectral_radius,
)
from lessons.recurrence.gru import GRUCell, gru_step
from lessons.recurrence.linear import scan, step_by_step
from lessons.recurrence.lstm import LSTMCell, lstm_step
from lessons.recurrence.movies import draw_reviews, ids_of, negations, reviews_of, truth
from lessons.recurrence.reader import Reader, chances, review_loss, share_right
from lessons.recurrence.recall import (
    draw_mixed,
    draw_recall,
    learned_recall,
    recall_loss,
    recall_rate,
)
from lessons.recurrence.unroll import unroll

__all__ = [
    "Cell",
    "GRUCell",
    "LSTMCell",
    "RNNCell",
    "Reader",
    "chances",
    "draw_mixed",
    "draw_recall",
    "draw_reviews",
    "gradients_through_time",
    "gru_step",
    "ids_of",
    "learned_recall",
    "linear_gradients",
    "longest_chain",
    "lstm_step",
    "mean_gradients",
    "negations",
    "orthogonal_matrix",
    "recall_loss",
    "recall_rate",
    "recurrent_flops",
    "review_loss",
    "reviews_of",
    "rnn_step",
    "scan",
    "share_right",
    "spectral_radius",
    "state_bytes",
    "step_by_step",
    "truth",
    "unroll",
]
