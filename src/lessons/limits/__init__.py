"""Limits: what attention costs, what replaces it, where it fails, and how faults are found."""

from lessons.limits.attention_checks import (
    heeds_padding,
    reads_the_future,
    rows_miss_one,
    scores_miss_scale,
)
from lessons.limits.data_checks import (
    draw_mistyped_texts,
    drawing_from,
    overlap_share,
    repeated_share,
)
from lessons.limits.diagnosis import diagnose, diagnosis_table, smoothed, train
from lessons.limits.faults import (
    faults,
    forget_positions,
    leaky_mask,
    mask_without_padding,
    softmax_over_queries,
    unit_start,
)
from lessons.limits.finding import Finding
from lessons.limits.parts import (
    Parts,
    add_positions,
    honest_mask,
    modest_start,
    next_tokens,
    shifted_by,
)
from lessons.limits.patient import Patient, loss_of
from lessons.limits.saying_again import draw_texts, loss_floor, share_right
from lessons.limits.training_checks import (
    ignores_order,
    steps_too_far,
    sure_from_the_start,
    targets_misplaced,
)

__all__ = [
    "Finding",
    "Parts",
    "Patient",
    "add_positions",
    "diagnose",
    "diagnosis_table",
    "draw_mistyped_texts",
    "draw_texts",
    "drawing_from",
    "faults",
    "forget_positions",
    "heeds_padding",
    "honest_mask",
    "ignores_order",
    "leaky_mask",
    "loss_floor",
    "loss_of",
    "mask_without_padding",
    "modest_start",
    "next_tokens",
    "overlap_share",
    "reads_the_future",
    "repeated_share",
    "rows_miss_one",
    "scores_miss_scale",
    "share_right",
    "shifted_by",
    "smoothed",
    "softmax_over_queries",
    "steps_too_far",
    "sure_from_the_start",
    "targets_misplaced",
    "train",
    "unit_start",
]
