from typing import NamedTuple

import pytest
import torch
from hypothesis import given, strategies as st
from torch.utils.flop_counter import FlopCounterMode

from lessons.attention.attention_cost import (
    attention_parameters,
    key_value_bytes,
    projection_flops,
    score_bytes,
    score_flops,
)
from lessons.attention.multi_head.grouped import GroupedQueryAttention
from lessons.attention.multi_head.heads import MultiHeadAttention, split_heads
from lessons.attention.scaled_dot import scaled_dot_product_attention
from support import few

DTYPES = (torch.float16, torch.float32, torch.float64)


class Sizes(NamedTuple):
    queries: int
    keys: int
    kv_heads: int
    group: int
    d_head: int
    bias: bool

    @property
    def heads(self):
        return self.kv_heads * self.group

    @property
    def d_model(self):
        return self.heads * self.d_head


size = st.integers(1, 5)
any_sizes = st.builds(Sizes, size, size, size, size, size, st.booleans())
# All different, so that no count is right by mistaking one for another.
MUTANT_SIZES = Sizes(queries=3, keys=5, kv_heads=2, group=3, d_head=7, bias=True)


def counted_flops(function, *inputs):
    with FlopCounterMode(display=False) as counter:
        function(*inputs)
    return counter.get_total_flops()


# Each check takes a function from the lesson, or a broken one with the same arguments.


def check_score_flops(count, sizes):
    """torch counts what the lesson's own attention does."""
    query = torch.zeros(sizes.heads, sizes.queries, sizes.d_head)
    key = torch.zeros(sizes.heads, sizes.keys, sizes.d_head)
    found = counted_flops(scaled_dot_product_attention, query, key, key)
    assert count(sizes.queries, sizes.keys, sizes.d_head, heads=sizes.heads) == found


def check_score_flops_of_one_head(count, sizes):
    query, key = torch.zeros(sizes.queries, sizes.d_head), torch.zeros(sizes.keys, sizes.d_head)
    found = counted_flops(scaled_dot_product_attention, query, key, key)
    assert count(sizes.queries, sizes.keys, sizes.d_head) == found


def check_score_flops_are_quadratic(count, sizes):
    """Twice the tokens, four times the operations; splitting into heads changes nothing."""
    once = count(sizes.queries, sizes.queries, sizes.d_model)
    assert count(2 * sizes.queries, 2 * sizes.queries, sizes.d_model) == 4 * once
    assert count(sizes.queries, sizes.queries, sizes.d_head, heads=sizes.heads) == once


def counts_multiplications_only(queries, keys, d_head, *, heads=1):
    return score_flops(queries, keys, d_head, heads=heads) // 2


def counts_one_product(queries, keys, d_head, *, heads=1):
    return 2 * heads * queries * keys * d_head


def forgets_heads(queries, keys, d_head, *, heads=1):
    return score_flops(queries, keys, d_head)


def counts_heads_twice(queries, keys, d_head, *, heads=1):
    return score_flops(queries, keys, heads * d_head, heads=heads)


def counts_queries_for_keys(queries, keys, d_head, *, heads=1):
    return score_flops(queries, queries, d_head, heads=heads)


def counts_linearly(queries, keys, d_head, *, heads=1):
    return 4 * heads * (queries + keys) * d_head


def counts_the_softmax(queries, keys, d_head, *, heads=1):
    return score_flops(queries, keys, d_head, heads=heads) + 3 * heads * queries * keys


def counts_two_heads_at_least(queries, keys, d_head, *, heads=2):
    return score_flops(queries, keys, d_head, heads=heads)


def check_projection_flops(count, sizes):
    """A whole layer costs its projections and its scores."""
    layer = MultiHeadAttention(sizes.d_model, sizes.heads, bias=sizes.bias)
    found = counted_flops(layer, torch.zeros(1, sizes.queries, sizes.d_model))
    scores = score_flops(sizes.queries, sizes.queries, sizes.d_head, heads=sizes.heads)
    assert count(sizes.queries, sizes.d_model) + scores == found


def check_projection_flops_are_linear_in_tokens(count, sizes):
    """Unlike those of the scores; but four times as many for vectors twice as wide."""
    once = count(sizes.queries, sizes.d_model)
    assert count(2 * sizes.queries, sizes.d_model) == 2 * once
    assert count(sizes.queries, 2 * sizes.d_model) == 4 * once


def projects_three_times(tokens, d_model):
    return 6 * tokens * d_model**2


def multiplies_without_adding(tokens, d_model):
    return 4 * tokens * d_model**2


def counts_biases(tokens, d_model):
    return projection_flops(tokens, d_model) + 4 * tokens * d_model


def projects_pairs(tokens, d_model):
    return 8 * tokens**2 * d_model


def check_score_bytes(count, sizes):
    for dtype in DTYPES:
        query = torch.zeros(sizes.heads, sizes.queries, sizes.d_head, dtype=dtype)
        key = torch.zeros(sizes.heads, sizes.keys, sizes.d_head, dtype=dtype)
        _, weights = scaled_dot_product_attention(query, key, key)
        found = count(sizes.queries, sizes.keys, heads=sizes.heads, bytes_per_number=dtype.itemsize)
        assert found == weights.nbytes


def check_score_bytes_by_default(count, sizes):
    """One head in torch's default type."""
    assert count(sizes.queries, sizes.keys) == torch.zeros(sizes.queries, sizes.keys).nbytes


def forgets_heads_of_table(queries, keys, *, heads=1, bytes_per_number=4):
    return score_bytes(queries, keys, bytes_per_number=bytes_per_number)


def always_takes_four_bytes(queries, keys, *, heads=1, bytes_per_number=4):
    return score_bytes(queries, keys, heads=heads)


def halves_the_default(queries, keys, *, heads=1, bytes_per_number=2):
    return score_bytes(queries, keys, heads=heads, bytes_per_number=bytes_per_number)


def counts_bits(queries, keys, *, heads=1, bytes_per_number=4):
    return 8 * score_bytes(queries, keys, heads=heads, bytes_per_number=bytes_per_number)


def stores_square_table(queries, keys, *, heads=1, bytes_per_number=4):
    return score_bytes(keys, keys, heads=heads, bytes_per_number=bytes_per_number)


def check_key_value_bytes(count, sizes):
    """A layer's real keys and values, as a cache would hold them."""
    layer = GroupedQueryAttention(sizes.d_model, sizes.heads, sizes.kv_heads)
    for dtype in DTYPES:
        tokens = torch.zeros(1, sizes.keys, sizes.d_model)
        held = [
            split_heads(projection(tokens), sizes.kv_heads).to(dtype).nbytes
            for projection in (layer.to_key, layer.to_value)
        ]
        found = count(
            sizes.keys,
            sizes.d_model,
            sizes.heads,
            kv_heads=sizes.kv_heads,
            bytes_per_number=dtype.itemsize,
        )
        assert found == sum(held)


def check_key_value_bytes_by_default(count, sizes):
    """With all the heads, two float32 vectors of d_model for each token."""
    found = count(sizes.keys, sizes.d_model, sizes.heads, kv_heads=sizes.heads)
    assert found == torch.zeros(2, sizes.keys, sizes.d_model).nbytes


def check_groups_shrink_the_cache(count, sizes):
    all_heads = count(sizes.keys, sizes.d_model, sizes.heads, kv_heads=sizes.heads)
    grouped = count(sizes.keys, sizes.d_model, sizes.heads, kv_heads=sizes.kv_heads)
    assert all_heads == sizes.group * grouped


def keeps_all_heads(tokens, d_model, heads, *, kv_heads, bytes_per_number=4):
    return 2 * tokens * d_model * bytes_per_number


def keeps_keys_only(tokens, d_model, heads, *, kv_heads, bytes_per_number=4):
    d_head = d_model // heads
    return tokens * kv_heads * d_head * bytes_per_number


def cuts_by_kv_heads(tokens, d_model, heads, *, kv_heads, bytes_per_number=4):
    """The error of taking d_head = d_model / kv_heads."""
    return 2 * tokens * kv_heads * (d_model // kv_heads) * bytes_per_number


def keeps_four_bytes(tokens, d_model, heads, *, kv_heads, bytes_per_number=4):
    return key_value_bytes(tokens, d_model, heads, kv_heads=kv_heads)


def keeps_two_bytes_by_default(tokens, d_model, heads, *, kv_heads, bytes_per_number=2):
    return key_value_bytes(
        tokens, d_model, heads, kv_heads=kv_heads, bytes_per_number=bytes_per_number
    )


def check_parameters_of_multi_head(count, sizes):
    for bias in (True, False):
        layer = MultiHeadAttention(sizes.d_model, sizes.heads, bias=bias)
        found = count(sizes.d_model, heads=sizes.heads, kv_heads=sizes.heads, bias=bias)
        assert found == sum(p.numel() for p in layer.parameters())


def check_parameters_of_torch(count, sizes):
    for bias in (True, False):
        layer = torch.nn.MultiheadAttention(sizes.d_model, sizes.heads, bias=bias)
        found = count(sizes.d_model, heads=sizes.heads, kv_heads=sizes.heads, bias=bias)
        assert found == sum(p.numel() for p in layer.parameters())


def check_parameters_of_grouped(count, sizes):
    layer = GroupedQueryAttention(sizes.d_model, sizes.heads, sizes.kv_heads)
    found = count(sizes.d_model, heads=sizes.heads, kv_heads=sizes.kv_heads, bias=False)
    assert found == sum(p.numel() for p in layer.parameters())


def check_number_of_heads_cancels_out(count, sizes):
    """Heads cut the same vectors into more slices; they add no weights."""
    one = count(sizes.d_model, heads=1, kv_heads=1, bias=sizes.bias)
    many = count(sizes.d_model, heads=sizes.heads, kv_heads=sizes.heads, bias=sizes.bias)
    assert many == one


def forgets_output_projection(d_model, *, heads, kv_heads, bias):
    d_key_value = kv_heads * d_model // heads
    return (d_model + bias) * (d_model + 2 * d_key_value)


def forgets_bias(d_model, *, heads, kv_heads, bias):
    return attention_parameters(d_model, heads=heads, kv_heads=kv_heads, bias=False)


def always_has_bias(d_model, *, heads, kv_heads, bias):
    return attention_parameters(d_model, heads=heads, kv_heads=kv_heads, bias=True)


def ignores_groups(d_model, *, heads, kv_heads, bias):
    return attention_parameters(d_model, heads=heads, kv_heads=heads, bias=bias)


def repeats_for_each_head(d_model, *, heads, kv_heads, bias):
    return heads * attention_parameters(d_model, heads=heads, kv_heads=kv_heads, bias=bias)


CATCHES = {
    (check_score_flops, score_flops): [
        counts_multiplications_only,
        counts_one_product,
        forgets_heads,
        counts_heads_twice,
        counts_queries_for_keys,
        counts_linearly,
        counts_the_softmax,
    ],
    (check_score_flops_of_one_head, score_flops): [
        counts_multiplications_only,
        counts_one_product,
        counts_two_heads_at_least,
        counts_queries_for_keys,
    ],
    (check_score_flops_are_quadratic, score_flops): [
        counts_linearly,
        counts_heads_twice,
        forgets_heads,
        counts_the_softmax,
    ],
    (check_projection_flops, projection_flops): [
        projects_three_times,
        multiplies_without_adding,
        counts_biases,
        projects_pairs,
    ],
    (check_projection_flops_are_linear_in_tokens, projection_flops): [
        projects_pairs,
        counts_biases,
    ],
    (check_score_bytes, score_bytes): [
        forgets_heads_of_table,
        always_takes_four_bytes,
        counts_bits,
        stores_square_table,
    ],
    (check_score_bytes_by_default, score_bytes): [halves_the_default, counts_bits],
    (check_key_value_bytes, key_value_bytes): [
        keeps_all_heads,
        keeps_keys_only,
        cuts_by_kv_heads,
        keeps_four_bytes,
    ],
    (check_key_value_bytes_by_default, key_value_bytes): [
        keeps_keys_only,
        keeps_two_bytes_by_default,
    ],
    (check_groups_shrink_the_cache, key_value_bytes): [keeps_all_heads, cuts_by_kv_heads],
    (check_parameters_of_multi_head, attention_parameters): [
        forgets_output_projection,
        forgets_bias,
        always_has_bias,
        repeats_for_each_head,
    ],
    (check_parameters_of_torch, attention_parameters): [
        forgets_output_projection,
        forgets_bias,
        always_has_bias,
        repeats_for_each_head,
    ],
    (check_parameters_of_grouped, attention_parameters): [
        forgets_output_projection,
        always_has_bias,
        ignores_groups,
        repeats_for_each_head,
    ],
    (check_number_of_heads_cancels_out, attention_parameters): [repeats_for_each_head],
}


@pytest.mark.parametrize(("check", "count"), CATCHES)
@few
@given(sizes=any_sizes)
def test_cost(check, count, sizes):
    check(count, sizes)


@pytest.mark.parametrize(
    ("check", "mutant"),
    [(check, mutant) for (check, _), mutants in CATCHES.items() for mutant in mutants],
)
def test_broken_count_is_caught(check, mutant):
    with pytest.raises(AssertionError):
        check(mutant, MUTANT_SIZES)


def test_flops_by_hand():
    # 2 queries × 3 keys = 6 dot products of 4 numbers each: 6 · 4 · 2 = 48 operations.
    # 2 queries × 4 columns = 8 sums over 3 values: 8 · 3 · 2 = 48 operations.
    assert score_flops(queries=2, keys=3, d_head=4) == 48 + 48
    # 4 projections × 5 tokens × 2 outputs, each a dot product of 2 numbers: 40 · 2 · 2.
    assert projection_flops(tokens=5, d_model=2) == 160


def test_bytes_by_hand():
    # 2 heads × 3 queries × 3 keys = 18 scores of 2 bytes.
    assert score_bytes(3, 3, heads=2, bytes_per_number=2) == 36
    # d_head = 8 / 4 = 2. A key and a value × 3 tokens × 1 head × 2 numbers × 4 bytes.
    assert key_value_bytes(3, 8, 4, kv_heads=1) == 48


def test_parameters_by_hand():
    # d_head = 4 / 2 = 2. Queries and output: 4 · 4 weights and 4 biases each, 40 together.
    # Keys and values of one head: 4 · 2 weights and 2 biases each, 20 together.
    assert attention_parameters(4, heads=2, kv_heads=1, bias=True) == 60
    assert attention_parameters(4, heads=2, kv_heads=1, bias=False) == 48


def test_heads_must_divide_d_model():
    with pytest.raises(ValueError, match="pass a number of heads that divides d_model"):
        key_value_bytes(1, 10, 4, kv_heads=4)
    with pytest.raises(ValueError, match="pass a number of heads that divides d_model"):
        attention_parameters(10, heads=4, kv_heads=4, bias=True)


@pytest.mark.parametrize("kv_heads", [0, 3])
def test_key_value_heads_must_divide_heads(kv_heads):
    with pytest.raises(ValueError, match="divides the number of query heads"):
        key_value_bytes(1, 8, 4, kv_heads=kv_heads)
    with pytest.raises(ValueError, match="divides the number of query heads"):
        attention_parameters(8, heads=4, kv_heads=kv_heads, bias=False)
