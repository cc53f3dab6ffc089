import functools
import math
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from lessons.attention.multi_head.grouped import (
    GroupedQueryAttention,
    group_size,
    grouped_query_attention,
)
from lessons.attention.multi_head.heads import MultiHeadAttention, merge_heads, split_heads
from lessons.attention.multi_head.masks import causal_mask
from lessons.attention.scaled_dot import scaled_dot_product_attention
from support import proofs, same


class Sizes(NamedTuple):
    seed: int
    batch: int
    kv_heads: int
    group: int
    queries: int
    keys: int
    d_head: int
    d_value: int

    @property
    def heads(self):
        return self.kv_heads * self.group

    @property
    def d_model(self):
        return self.heads * self.d_head

    @property
    def generator(self):
        return torch.Generator().manual_seed(self.seed)

    def draw(self):
        """Return queries, keys and values."""
        generator = self.generator
        shapes = (
            (self.batch, self.heads, self.queries, self.d_head),
            (self.batch, self.kv_heads, self.keys, self.d_head),
            (self.batch, self.kv_heads, self.keys, self.d_value),
        )
        return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]

    def draw_tokens(self):
        shape = self.batch, self.queries, self.d_model
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def draw_visible(self):
        visible = torch.rand(self.queries, self.keys, generator=self.generator) < 0.5
        visible[torch.arange(self.queries), torch.arange(self.queries) % self.keys] = True
        return visible

    def build(self, layer_class):
        """Build a layer whose weights are drawn anew."""
        layer = layer_class(self.d_model, self.heads, self.kv_heads).double()
        generator = self.generator
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.normal_(generator=generator)
        return layer


size = st.integers(1, 4)
any_sizes = st.builds(
    Sizes, st.integers(0, 2**32), st.integers(1, 2), st.integers(1, 3), *[size] * 5
)
MUTANT_SIZES = Sizes(seed=0, batch=2, kv_heads=2, group=3, queries=4, keys=4, d_head=3, d_value=3)


# The function


def check_agrees_with_torch(attention, sizes):
    query, key, value = sizes.draw()
    for visible in (None, sizes.draw_visible()):
        mixed, weights = attention(query, key, value, visible=visible)
        oracle = functools.partial(
            F.scaled_dot_product_attention, query, key, attn_mask=visible, enable_gqa=True
        )
        same(mixed, oracle(value))
        # Reading from the unit vectors returns the weights themselves.
        units = torch.eye(sizes.keys, dtype=torch.float64)
        same(weights, oracle(units.expand(sizes.batch, sizes.kv_heads, -1, -1)))


def check_one_group_each_is_multi_head(attention, sizes):
    query, key, value = sizes._replace(kv_heads=sizes.heads, group=1).draw()
    expected = scaled_dot_product_attention(query, key, value)
    same(attention(query, key, value), expected)


def check_one_group_for_all_is_multi_query(attention, sizes):
    sizes = sizes._replace(kv_heads=1, group=sizes.heads)
    query, key, value = sizes.draw()
    mixed, weights = attention(query, key, value)
    for head in range(sizes.heads):
        expected = scaled_dot_product_attention(query[:, head], key[:, 0], value[:, 0])
        same((mixed[:, head], weights[:, head]), expected)


def check_neighbors_share_keys_and_values(attention, sizes):
    query, key, value = sizes.draw()
    mixed, weights = attention(query, key, value)
    for head in range(sizes.heads):
        shared = head * sizes.kv_heads // sizes.heads
        expected = scaled_dot_product_attention(query[:, head], key[:, shared], value[:, shared])
        same((mixed[:, head], weights[:, head]), expected)


def check_one_group_stays_apart(attention, sizes):
    """Changing the first key–value head changes what its group reads, and nothing else."""
    query, key, value = sizes.draw()
    other_value = value.clone()
    other_value[:, 0] += 1
    before, _ = attention(query, key, value)
    after, _ = attention(query, key, other_value)
    same(after[:, : sizes.group], before[:, : sizes.group] + 1)
    same(after[:, sizes.group :], before[:, sizes.group :])


def repeats_the_wrong_way(query, key, value, *, visible=None):
    """Let head h read key–value head h mod kv_heads: heads far apart share."""
    group = query.shape[-3] // key.shape[-3]
    key, value = key.repeat(1, group, 1, 1), value.repeat(1, group, 1, 1)
    return scaled_dot_product_attention(query, key, value, visible=visible)


def repeats_values_the_wrong_way(query, key, value, *, visible=None):
    group = query.shape[-3] // key.shape[-3]
    key, value = key.repeat_interleave(group, dim=-3), value.repeat(1, group, 1, 1)
    return scaled_dot_product_attention(query, key, value, visible=visible)


def reads_first_head_only(query, key, value, *, visible=None):
    key, value = key[:, :1].expand_as(key), value[:, :1].expand_as(value)
    return grouped_query_attention(query, key, value, visible=visible)


def averages_key_value_heads(query, key, value, *, visible=None):
    key = key.mean(dim=-3, keepdim=True).expand_as(key)
    value = value.mean(dim=-3, keepdim=True).expand_as(value)
    return grouped_query_attention(query, key, value, visible=visible)


def reverses_key_value_heads(query, key, value, *, visible=None):
    return grouped_query_attention(query, key.flip(-3), value.flip(-3), visible=visible)


def averages_queries(query, key, value, *, visible=None):
    """Share the queries too, so that all the heads of a group read the same."""
    shared = query.unflatten(-3, (key.shape[-3], -1)).mean(dim=-3)
    group = query.shape[-3] // key.shape[-3]
    mixed, weights = scaled_dot_product_attention(shared, key, value, visible=visible)
    return mixed.repeat_interleave(group, dim=-3), weights.repeat_interleave(group, dim=-3)


def scales_by_group(query, key, value, *, visible=None):
    group = query.shape[-3] // key.shape[-3]
    return grouped_query_attention(query / math.sqrt(group), key, value, visible=visible)


def drops_mask(query, key, value, *, visible=None):
    return grouped_query_attention(query, key, value)


def inverts_mask(query, key, value, *, visible=None):
    visible = None if visible is None else ~visible
    return grouped_query_attention(query, key, value, visible=visible)


CATCHES = {
    check_agrees_with_torch: [
        repeats_the_wrong_way,
        repeats_values_the_wrong_way,
        reads_first_head_only,
        averages_key_value_heads,
        reverses_key_value_heads,
        averages_queries,
        scales_by_group,
        drops_mask,
        inverts_mask,
    ],
    check_one_group_each_is_multi_head: [
        reads_first_head_only,
        averages_key_value_heads,
        reverses_key_value_heads,
    ],
    check_one_group_for_all_is_multi_query: [averages_queries, scales_by_group],
    check_neighbors_share_keys_and_values: [
        repeats_the_wrong_way,
        repeats_values_the_wrong_way,
        reads_first_head_only,
        averages_key_value_heads,
        reverses_key_value_heads,
        averages_queries,
    ],
    check_one_group_stays_apart: [
        repeats_the_wrong_way,
        repeats_values_the_wrong_way,
        reads_first_head_only,
        averages_key_value_heads,
        reverses_key_value_heads,
    ],
}


test_grouped_query_attention, test_broken_grouping_is_caught = proofs(
    grouped_query_attention, CATCHES, MUTANT_SIZES, any_sizes
)


# The layer


def check_layer_agrees_with_torch(layer_class, sizes):
    """Repeat the rows of W_K and W_V for each head of a group: that is torch's layer."""
    layer, tokens = sizes.build(layer_class), sizes.draw_tokens()
    oracle = torch.nn.MultiheadAttention(
        sizes.d_model, sizes.heads, bias=False, batch_first=True
    ).double()
    with torch.no_grad():
        repeated = [
            projection.weight.unflatten(0, (sizes.kv_heads, sizes.d_head))
            .repeat_interleave(sizes.group, dim=0)
            .flatten(0, 1)
            for projection in (layer.to_key, layer.to_value)
        ]
        oracle.in_proj_weight.copy_(torch.cat([layer.to_query.weight, *repeated]))
        oracle.out_proj.weight.copy_(layer.to_output.weight)
    for visible in (None, causal_mask(sizes.queries, sizes.queries)):
        expected = oracle(
            tokens,
            tokens,
            tokens,
            attn_mask=None if visible is None else ~visible,
            average_attn_weights=False,
        )
        same(layer(tokens, visible=visible), expected)


def check_layer_with_all_heads_is_multi_head(layer_class, sizes):
    sizes = sizes._replace(kv_heads=sizes.heads, group=1)
    layer, tokens = sizes.build(layer_class), sizes.draw_tokens()
    twin = MultiHeadAttention(sizes.d_model, sizes.heads, bias=False).double()
    # Also says that the two layers name their projections alike.
    twin.load_state_dict(layer.state_dict())
    same(layer(tokens), twin(tokens))


def check_layer_keeps_few_keys_and_values(layer_class, sizes):
    layer = sizes.build(layer_class)
    assert layer.to_key.weight.shape == (sizes.kv_heads * sizes.d_head, sizes.d_model)
    assert layer.to_value.weight.shape == (sizes.kv_heads * sizes.d_head, sizes.d_model)
    assert layer.to_query.weight.shape == (sizes.d_model, sizes.d_model)
    assert layer.to_output.weight.shape == (sizes.d_model, sizes.d_model)


def check_permuted_tokens_permute_outputs(layer_class, sizes):
    layer, tokens = sizes.build(layer_class), sizes.draw_tokens()
    order = torch.randperm(sizes.queries, generator=sizes.generator)
    mixed, weights = layer(tokens)
    shuffled, shuffled_weights = layer(tokens[:, order])
    same(shuffled, mixed[:, order])
    same(shuffled_weights, weights[:, :, order][..., order])


def check_future_is_irrelevant(layer_class, sizes):
    layer, tokens = sizes.build(layer_class), sizes.draw_tokens()
    visible = causal_mask(sizes.queries, sizes.queries)
    before, _ = layer(tokens, visible=visible)
    for now in range(sizes.queries):
        changed = tokens.clone()
        changed[:, now + 1 :] += 1e3
        after, _ = layer(changed, visible=visible)
        same(after[:, : now + 1], before[:, : now + 1])


def check_blind_query_reads_zeros(layer_class, sizes):
    layer, tokens = sizes.build(layer_class), sizes.draw_tokens()
    visible = causal_mask(sizes.queries, sizes.queries)
    visible[0] = False
    mixed, _ = layer(tokens, visible=visible)
    assert (mixed[:, 0] == 0).all()
    for gradient in torch.autograd.grad(mixed.square().sum(), list(layer.parameters())):
        assert gradient.isfinite().all()


class Variant(GroupedQueryAttention):
    """The layer written again, with a seam at each step for a mutant to break."""

    attend = staticmethod(grouped_query_attention)

    def finish(self, mixed):
        return self.to_output(mixed)

    def forward(self, tokens, *, visible=None):
        query = split_heads(self.to_query(tokens), self.heads)
        key = split_heads(self.to_key(tokens), self.kv_heads)
        value = split_heads(self.to_value(tokens), self.kv_heads)
        mixed, weights = self.attend(query, key, value, visible=visible)
        return self.finish(merge_heads(mixed)), weights


class RepeatsTheWrongWay(Variant):
    attend = staticmethod(repeats_the_wrong_way)


class ReversesKeyValueHeads(Variant):
    attend = staticmethod(reverses_key_value_heads)


class AveragesQueries(Variant):
    attend = staticmethod(averages_queries)


class DropsMask(Variant):
    attend = staticmethod(drops_mask)


class InvertsMask(Variant):
    attend = staticmethod(inverts_mask)


class LeavesNan(Variant):
    @staticmethod
    def attend(query, key, value, *, visible):
        group = query.shape[-3] // key.shape[-3]
        key, value = (vectors.repeat_interleave(group, dim=-3) for vectors in (key, value))
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        weights = scores.masked_fill(~visible, -math.inf).softmax(dim=-1)
        return weights @ value, weights


class NumbersTokens(Variant):
    def forward(self, tokens, *, visible=None):
        places = torch.arange(tokens.shape[-2], dtype=tokens.dtype)[:, None]
        return super().forward(tokens + places, visible=visible)


class KeepsAllHeads(GroupedQueryAttention):
    """Multi-head attention under another name: it saves nothing."""

    def __init__(self, d_model, heads, kv_heads):
        super().__init__(d_model, heads, heads)


class ForgetsOutputProjection(Variant):
    def finish(self, mixed):
        return mixed


LAYER_CATCHES = {
    check_layer_agrees_with_torch: [
        RepeatsTheWrongWay,
        ReversesKeyValueHeads,
        AveragesQueries,
        DropsMask,
        InvertsMask,
        NumbersTokens,
        ForgetsOutputProjection,
    ],
    check_layer_with_all_heads_is_multi_head: [
        ReversesKeyValueHeads,
        NumbersTokens,
        ForgetsOutputProjection,
    ],
    check_layer_keeps_few_keys_and_values: [KeepsAllHeads],
    check_permuted_tokens_permute_outputs: [NumbersTokens],
    check_future_is_irrelevant: [DropsMask, InvertsMask],
    check_blind_query_reads_zeros: [DropsMask, InvertsMask, LeavesNan],
}


@pytest.mark.parametrize("check", LAYER_CATCHES)
def test_unbroken_variant_passes(check):
    """The seams are not what the mutants fail by."""
    check(Variant, MUTANT_SIZES)


test_grouped_layer, test_broken_layer_is_caught = proofs(
    GroupedQueryAttention, LAYER_CATCHES, MUTANT_SIZES, any_sizes
)


def test_shared_key_by_hand():
    # Two query heads of one number, 1 and 2, share the keys 0 and ln 3, the values 0 and 20.
    query = torch.tensor([[[1]], [[2]]], dtype=torch.float64)
    key = torch.tensor([[[0], [math.log(3)]]], dtype=torch.float64)
    value = torch.tensor([[[0], [20]]], dtype=torch.float64)
    mixed, weights = grouped_query_attention(query, key, value)
    # Head 1: scores 0 and ln 3, weights as 1 : 3, reads 20 · 3/4 = 15.
    # Head 2: scores 0 and ln 9, weights as 1 : 9, reads 20 · 9/10 = 18.
    same(weights, torch.tensor([[[1 / 4, 3 / 4]], [[1 / 10, 9 / 10]]], dtype=torch.float64))
    same(mixed, torch.tensor([[[15]], [[18]]], dtype=torch.float64))


def test_groups_by_hand():
    # Four query heads over two key–value heads with one key each: heads 1 and 2 read the
    # first value, 10, and heads 3 and 4 the second, 20.
    query, key = torch.ones(4, 1, 1), torch.ones(2, 1, 1)
    mixed, _ = grouped_query_attention(query, key, torch.tensor([[[10.0]], [[20.0]]]))
    assert mixed.flatten().tolist() == [10, 10, 20, 20]


@pytest.mark.parametrize(("heads", "kv_heads", "size"), [(8, 2, 4), (8, 8, 1), (8, 1, 8)])
def test_group_size(heads, kv_heads, size):
    assert group_size(heads, kv_heads) == size


@pytest.mark.parametrize("kv_heads", [-2, 0, 3, 16])
def test_key_value_heads_must_divide_heads(kv_heads):
    with pytest.raises(ValueError, match="divides the number of query heads"):
        group_size(8, kv_heads)
    with pytest.raises(ValueError, match="divides the number of query heads"):
        GroupedQueryAttention(16, heads=8, kv_heads=kv_heads)


def test_tensors_must_divide_too():
    query, key = torch.zeros(8, 2, 2), torch.zeros(3, 2, 2)
    with pytest.raises(ValueError, match="8 query heads cannot share 3 key–value heads"):
        grouped_query_attention(query, key, key)


def test_heads_must_divide_d_model():
    with pytest.raises(ValueError, match="pass a number of heads that divides d_model"):
        GroupedQueryAttention(10, heads=4, kv_heads=2)


def test_layer_has_no_bias():
    names = {name for name, _ in GroupedQueryAttention(8, 4, 2).named_parameters()}
    assert names == {
        f"{projection}.weight" for projection in ("to_query", "to_key", "to_value", "to_output")
    }


def test_gradients_agree_with_finite_differences():
    inputs = [tensor.requires_grad_() for tensor in MUTANT_SIZES._replace(batch=1).draw()]
    visible = causal_mask(4, 4)
    visible[0] = False
    attend = functools.partial(grouped_query_attention, visible=visible)
    assert torch.autograd.gradcheck(attend, inputs)


def test_keys_and_values_must_have_the_same_heads():
    query, key, value = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'value'"):
        grouped_query_attention(query, key, value[:, :1])


def test_queries_and_keys_must_be_equally_long():
    query, key, value = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'key'"):
        grouped_query_attention(query, key[..., 1:], value)


def test_a_batch_is_required():
    with pytest.raises(TypeCheckError, match="'tokens'"):
        GroupedQueryAttention(4, 2, 1)(torch.zeros(3, 4))
