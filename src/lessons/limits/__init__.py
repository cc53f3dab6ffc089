"""Limits: what attention costs, what replaces it, where it fails, and how faults are found."""

from lessons.limits.ambiguity import antecedent_chances, undecidable
from lessons.limits.attention_checks import (
    heeds_padding,
    reads_the_future,
    rows_miss_one,
    scores_miss_scale,
)
from lessons.limits.calibration import Reliability, calibration_error, reliability
from lessons.limits.data_checks import (
    draw_mistyped_texts,
    drawing_from,
    overlap_share,
    repeated_share,
)
from lessons.limits.diagnosis import diagnose, diagnosis_table, smoothed, train
from lessons.limits.distance import agreement_shares, attractor_chain, repetition_hits
from lessons.limits.faults import (
    faults,
    forget_positions,
    leaky_mask,
    mask_without_padding,
    softmax_over_queries,
    unit_start,
)
from lessons.limits.finding import Finding
from lessons.limits.growth import (
    decoder_state_bytes,
    decoder_step_flops,
    lstm_state_bytes,
    lstm_step_flops,
)
from lessons.limits.head_noise import chosen_and_fresh, untrained
from lessons.limits.hunger import learned_from
from lessons.limits.linear import (
    linear_attention,
    linear_recurrence,
    positive_features,
    state_numbers,
)
from lessons.limits.memory import HeldBytes, most_bytes
from lessons.limits.online import Partial, finished, merge, nothing_read, read_block
from lessons.limits.parts import (
    Parts,
    add_positions,
    honest_mask,
    modest_start,
    next_tokens,
    shifted_by,
)
from lessons.limits.patient import Patient, loss_of
from lessons.limits.recall import Asked, draw_recall, draw_recalls
from lessons.limits.recaller import (
    Recaller,
    read_by_softmax,
    read_last,
    read_linearly,
    recall_loss,
    share_recalled,
)
from lessons.limits.saying_again import draw_texts, loss_floor, share_right
from lessons.limits.tiled import sees_all, sees_past, sees_window, tiled_attention
from lessons.limits.tiled_backward import flash_attention, tiled_gradients
from lessons.limits.traffic import rows_that_fit, table_traffic, tile_traffic
from lessons.limits.training_checks import (
    ignores_order,
    steps_too_far,
    sure_from_the_start,
    targets_misplaced,
)
from lessons.limits.windows import (
    pairs_compared,
    pattern,
    reach,
    sees_stripes,
    sees_window_and_first,
)

__all__ = [
    "Asked",
    "Finding",
    "HeldBytes",
    "Partial",
    "Parts",
    "Patient",
    "Recaller",
    "Reliability",
    "add_positions",
    "agreement_shares",
    "antecedent_chances",
    "attractor_chain",
    "calibration_error",
    "chosen_and_fresh",
    "decoder_state_bytes",
    "decoder_step_flops",
    "diagnose",
    "diagnosis_table",
    "draw_mistyped_texts",
    "draw_recall",
    "draw_recalls",
    "draw_texts",
    "drawing_from",
    "faults",
    "finished",
    "flash_attention",
    "forget_positions",
    "heeds_padding",
    "honest_mask",
    "ignores_order",
    "leaky_mask",
    "learned_from",
    "linear_attention",
    "linear_recurrence",
    "loss_floor",
    "loss_of",
    "lstm_state_bytes",
    "lstm_step_flops",
    "mask_without_padding",
    "merge",
    "modest_start",
    "most_bytes",
    "next_tokens",
    "nothing_read",
    "overlap_share",
    "pairs_compared",
    "pattern",
    "positive_features",
    "reach",
    "read_block",
    "read_by_softmax",
    "read_last",
    "read_linearly",
    "reads_the_future",
    "recall_loss",
    "reliability",
    "repeated_share",
    "repetition_hits",
    "rows_miss_one",
    "rows_that_fit",
    "scores_miss_scale",
    "sees_all",
    "sees_past",
    "sees_stripes",
    "sees_window",
    "sees_window_and_first",
    "share_recalled",
    "share_right",
    "shifted_by",
    "smoothed",
    "softmax_over_queries",
    "state_numbers",
    "steps_too_far",
    "sure_from_the_start",
    "table_traffic",
    "targets_misplaced",
    "tile_traffic",
    "tiled_attention",
    "tiled_gradients",
    "train",
    "undecidable",
    "unit_start",
    "untrained",
]
