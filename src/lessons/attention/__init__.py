"""Attention: soft lookup, scaled dot-product, masks, heads, and who attends to whom."""

from lessons.attention.cost import (
    attention_parameters,
    key_value_bytes,
    projection_flops,
    score_bytes,
    score_flops,
)
from lessons.attention.grouped import (
    GroupedQueryAttention,
    group_size,
    grouped_query_attention,
)
from lessons.attention.heads import MultiHeadAttention, head_size, merge_heads, split_heads
from lessons.attention.lookup import soft_lookup
from lessons.attention.masks import causal_mask, padding_mask
from lessons.attention.scaled_dot import masked_softmax, scaled_dot_product_attention
from lessons.attention.scaling import entropy, random_scores, softmax_gradient
from lessons.attention.sources import cross_attention, self_attention

__all__ = [
    "GroupedQueryAttention",
    "MultiHeadAttention",
    "attention_parameters",
    "causal_mask",
    "cross_attention",
    "entropy",
    "group_size",
    "grouped_query_attention",
    "head_size",
    "key_value_bytes",
    "masked_softmax",
    "merge_heads",
    "padding_mask",
    "projection_flops",
    "random_scores",
    "scaled_dot_product_attention",
    "score_bytes",
    "score_flops",
    "self_attention",
    "soft_lookup",
    "softmax_gradient",
    "split_heads",
]
