import functools
import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from lessons.attention.multi_head.heads import (
    MultiHeadAttention,
    head_size,
    merge_heads,
    split_heads,
)
from lessons.attention.multi_head.masks import causal_mask, padding_mask
from lessons.attention.scaled_dot import scaled_dot_product_attention
from lessons.attention.scaled_dot_product.sources import cross_attention
from support import proofs, same


class Sizes(NamedTuple):
    seed: int
    batch: int
    queries: int
    keys: int
    heads: int
    d_head: int
    bias: bool

    @property
    def d_model(self):
        return self.heads * self.d_head

    @property
    def generator(self):
        return torch.Generator().manual_seed(self.seed)

    def draw(self):
        """Return tokens and a memory."""
        generator = self.generator
        return [
            torch.randn(self.batch, n, self.d_model, generator=generator, dtype=torch.float64)
            for n in (self.queries, self.keys)
        ]

    def draw_visible(self):
        visible = torch.rand(self.queries, self.keys, generator=self.generator) < 0.5
        visible[torch.arange(self.queries), torch.arange(self.queries) % self.keys] = True
        return visible

    def build(self, layer_class):
        """Build a layer whose weights and biases are all drawn anew, none of them 0."""
        layer = layer_class(self.d_model, self.heads, bias=self.bias).double()
        generator = self.generator
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.normal_(generator=generator)
        return layer


size = st.integers(1, 4)
any_sizes = st.builds(
    Sizes, st.integers(0, 2**32), size, size, size, size, size, bias=st.booleans()
)
# Every size differs from what a mutant could confuse it with, except queries and keys.
MUTANT_SIZES = Sizes(seed=0, batch=2, queries=5, keys=5, heads=3, d_head=2, bias=True)


# Splitting and merging


def check_head_is_a_slice(pair, sizes):
    split, _ = pair
    tokens, _ = sizes.draw()
    for head in range(sizes.heads):
        start = head * sizes.d_head
        same(
            split(tokens, sizes.heads)[:, head],
            tokens[..., start : start + sizes.d_head],
            atol=0,
        )


def check_merging_undoes_splitting(pair, sizes):
    split, merge = pair
    tokens, _ = sizes.draw()
    same(merge(split(tokens, sizes.heads)), tokens, atol=0)


def check_splitting_undoes_merging(pair, sizes):
    split, merge = pair
    shape = sizes.batch, sizes.heads, sizes.queries, sizes.d_head
    slices = torch.randn(shape, generator=sizes.generator, dtype=torch.float64)
    same(split(merge(slices), sizes.heads), slices, atol=0)


def check_a_token_keeps_to_itself(pair, sizes):
    """Whatever happens to other tokens, this one's slices stay what they are."""
    split, _ = pair
    tokens, _ = sizes.draw()
    changed = tokens.clone()
    changed[:, 1:] += 1
    before, after = split(tokens, sizes.heads), split(changed, sizes.heads)
    same(after[:, :, 0], before[:, :, 0], atol=0)


def split_without_transpose(vectors, heads):
    return vectors.reshape(*vectors.shape[:-2], heads, vectors.shape[-2], -1)


def split_interleaved(vectors, heads):
    """Give head 0 every `heads`-th number, as a reshape to (d_head, heads) would."""
    return vectors.unflatten(-1, (-1, heads)).movedim(-1, -3)


def split_reversed(vectors, heads):
    return split_heads(vectors, heads).flip(-3)


def merge_without_transpose(slices):
    *batch, heads, tokens, d_head = slices.shape
    return slices.reshape(*batch, tokens, heads * d_head)


def merge_interleaved(slices):
    return slices.movedim(-3, -1).flatten(-2)


SPLIT_CATCHES = {
    check_head_is_a_slice: [
        (split_without_transpose, merge_without_transpose),
        (split_interleaved, merge_interleaved),
        (split_reversed, merge_heads),
    ],
    check_merging_undoes_splitting: [
        (split_without_transpose, merge_heads),
        (split_heads, merge_without_transpose),
        (split_interleaved, merge_heads),
        (split_heads, merge_interleaved),
        (split_reversed, merge_heads),
    ],
    check_splitting_undoes_merging: [
        (split_without_transpose, merge_heads),
        (split_heads, merge_without_transpose),
        (split_interleaved, merge_heads),
        (split_heads, merge_interleaved),
        (split_reversed, merge_heads),
    ],
    check_a_token_keeps_to_itself: [(split_without_transpose, merge_without_transpose)],
}


test_split_and_merge, test_broken_split_or_merge_is_caught = proofs(
    (split_heads, merge_heads), SPLIT_CATCHES, MUTANT_SIZES, any_sizes
)


# The layer


def to_torch(layer):
    """Copy a layer into torch's own, which stacks the three projections of the input."""
    projections = layer.to_query, layer.to_key, layer.to_value
    bias = layer.to_query.bias is not None
    copy = torch.nn.MultiheadAttention(
        layer.to_query.in_features, layer.heads, bias=bias, batch_first=True
    ).double()
    with torch.no_grad():
        copy.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
        copy.out_proj.weight.copy_(layer.to_output.weight)
        if bias:
            copy.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
            copy.out_proj.bias.copy_(layer.to_output.bias)
    return copy


def check_self_agrees_with_torch(layer_class, sizes):
    layer, (tokens, _) = sizes.build(layer_class), sizes.draw()
    oracle = to_torch(layer)
    same(layer(tokens), oracle(tokens, tokens, tokens, average_attn_weights=False))


def check_cross_agrees_with_torch(layer_class, sizes):
    layer, (tokens, memory) = sizes.build(layer_class), sizes.draw()
    oracle = to_torch(layer)
    same(layer(tokens, memory), oracle(tokens, memory, memory, average_attn_weights=False))


def check_masked_agrees_with_torch(layer_class, sizes):
    layer, (tokens, memory) = sizes.build(layer_class), sizes.draw()
    visible = sizes.draw_visible()
    # torch's layer marks what is hidden, this book's what is visible.
    expected = to_torch(layer)(
        tokens, memory, memory, attn_mask=~visible, average_attn_weights=False
    )
    same(layer(tokens, memory, visible=visible), expected)


def check_padded_agrees_with_torch(layer_class, sizes):
    layer, (tokens, memory) = sizes.build(layer_class), sizes.draw()
    lengths = [1 + b % sizes.keys for b in range(sizes.batch)]
    visible = padding_mask(lengths, sizes.keys)
    expected = to_torch(layer)(
        tokens,
        memory,
        memory,
        key_padding_mask=~visible[:, 0, 0],
        average_attn_weights=False,
    )
    same(layer(tokens, memory, visible=visible), expected)


def check_heads_are_single_lookups(layer_class, sizes):
    """Each head is one cross-attention with its slices of the weights; W_O joins them."""
    sizes = sizes._replace(bias=False)
    layer, (tokens, memory) = sizes.build(layer_class), sizes.draw()
    mixed, weights = layer(tokens, memory)
    found = []
    for head in range(sizes.heads):
        rows = slice(head * sizes.d_head, (head + 1) * sizes.d_head)
        to_query, to_key, to_value = (
            projection.weight[rows].T
            for projection in (layer.to_query, layer.to_key, layer.to_value)
        )
        read, head_weights = cross_attention(tokens, memory, to_query, to_key, to_value)
        found.append(read)
        same(weights[:, head], head_weights)
    same(mixed, torch.cat(found, dim=-1) @ layer.to_output.weight.T)


def check_permuted_tokens_permute_outputs(layer_class, sizes):
    layer, (tokens, _) = sizes.build(layer_class), sizes.draw()
    order = torch.randperm(sizes.queries, generator=sizes.generator)
    mixed, weights = layer(tokens)
    shuffled, shuffled_weights = layer(tokens[:, order])
    same(shuffled, mixed[:, order])
    same(shuffled_weights, weights[:, :, order][..., order])


def check_order_of_memory_is_irrelevant(layer_class, sizes):
    layer, (tokens, memory) = sizes.build(layer_class), sizes.draw()
    order = torch.randperm(sizes.keys, generator=sizes.generator)
    mixed, weights = layer(tokens, memory)
    shuffled, shuffled_weights = layer(tokens, memory[:, order])
    same(shuffled, mixed)
    same(shuffled_weights, weights[..., order])


def check_heads_have_weights_of_their_own(layer_class, sizes):
    """Changing one head's slice of W_Q changes how that head looks, and no other."""
    layer, (tokens, _) = sizes.build(layer_class), sizes.draw()
    _, before = layer(tokens)
    with torch.no_grad():
        layer.to_query.weight[: sizes.d_head] += 1
    _, after = layer(tokens)
    same(after[:, 1:], before[:, 1:], atol=0)
    assert sizes.queries == 1 or (after[:, 0] != before[:, 0]).any()


def check_future_is_irrelevant(layer_class, sizes):
    layer, (tokens, _) = sizes.build(layer_class), sizes.draw()
    visible = causal_mask(sizes.queries, sizes.queries)
    before, _ = layer(tokens, visible=visible)
    for now in range(sizes.queries):
        changed = tokens.clone()
        changed[:, now + 1 :] += 1e3
        after, _ = layer(changed, visible=visible)
        same(after[:, : now + 1], before[:, : now + 1])


def check_padding_is_irrelevant(layer_class, sizes):
    layer, (tokens, memory) = sizes.build(layer_class), sizes.draw()
    lengths = [b % (sizes.keys + 1) for b in range(1, sizes.batch + 1)]
    changed = memory.clone()
    for b, length in enumerate(lengths):
        changed[b, length:] += 1e3
    visible = padding_mask(lengths, sizes.keys)
    same(layer(tokens, changed, visible=visible), layer(tokens, memory, visible=visible))


def check_blind_query_reads_the_bias_alone(layer_class, sizes):
    layer, (tokens, _) = sizes.build(layer_class), sizes.draw()
    visible = causal_mask(sizes.queries, sizes.queries)
    visible[0] = False
    mixed, weights = layer(tokens, visible=visible)
    nothing = torch.zeros_like(mixed[:, 0])
    same(mixed[:, 0], nothing + layer.to_output.bias if sizes.bias else nothing)
    assert (weights[:, :, 0] == 0).all()
    for gradient in torch.autograd.grad(mixed.square().sum(), list(layer.parameters())):
        assert gradient.isfinite().all()


class Variant(MultiHeadAttention):
    """The layer written again, with a seam at each step for a mutant to break."""

    split = staticmethod(split_heads)
    merge = staticmethod(merge_heads)
    attend = staticmethod(scaled_dot_product_attention)

    def project(self, tokens, memory):
        return self.to_query(tokens), self.to_key(memory), self.to_value(memory)

    def finish(self, mixed):
        return self.to_output(mixed)

    def forward(self, tokens, memory=None, *, visible=None):
        memory = tokens if memory is None else memory
        sliced = [self.split(vectors, self.heads) for vectors in self.project(tokens, memory)]
        mixed, weights = self.attend(*sliced, visible=visible)
        return self.finish(self.merge(mixed)), weights


class SplitsWithoutTranspose(Variant):
    split = staticmethod(split_without_transpose)
    merge = staticmethod(merge_without_transpose)


class SplitsInterleaved(Variant):
    split = staticmethod(split_interleaved)
    merge = staticmethod(merge_interleaved)


class MergesWithoutTranspose(Variant):
    merge = staticmethod(merge_without_transpose)


class ScalesByModel(Variant):
    """Divide by √d_model, where each head compares d_head numbers only."""

    @staticmethod
    def attend(query, key, value, *, visible):
        query = query / math.sqrt(query.shape[-3])
        return scaled_dot_product_attention(query, key, value, visible=visible)


class InvertsMask(Variant):
    @staticmethod
    def attend(query, key, value, *, visible):
        visible = None if visible is None else ~visible
        return scaled_dot_product_attention(query, key, value, visible=visible)


class DropsMask(Variant):
    @staticmethod
    def attend(query, key, value, *, visible):
        return scaled_dot_product_attention(query, key, value)


class MasksOneHead(Variant):
    @staticmethod
    def attend(query, key, value, *, visible):
        if visible is not None:
            shape = torch.broadcast_shapes(visible.shape, (query.shape[-3], 1, 1))
            visible = visible.expand(shape).clone()
            visible[..., 1:, :, :] = True
        return scaled_dot_product_attention(query, key, value, visible=visible)


class AddsInfinity(Variant):
    """The outputs are right, but the gradients of a blind query are NaN."""

    @staticmethod
    def attend(query, key, value, *, visible):
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        if visible is None:
            weights = scores.softmax(dim=-1)
        else:
            hidden = torch.zeros(visible.shape).masked_fill(~visible, -math.inf)
            weights = (scores + hidden).softmax(dim=-1).masked_fill(~visible, 0.0)
        return weights @ value, weights


class AveragesHeads(Variant):
    @staticmethod
    def attend(query, key, value, *, visible):
        _, weights = scaled_dot_product_attention(query, key, value, visible=visible)
        weights = weights.mean(dim=-3, keepdim=True).expand_as(weights)
        return weights @ value, weights


class IgnoresMemory(Variant):
    def project(self, tokens, memory):
        return super().project(tokens, tokens)


class SwapsSequences(Variant):
    def project(self, tokens, memory):
        return super().project(memory, tokens)


class TakesValuesFromTokens(Variant):
    def project(self, tokens, memory):
        return self.to_query(tokens), self.to_key(memory), self.to_value(tokens)


class SharesQueryAndKey(Variant):
    def project(self, tokens, memory):
        return self.to_query(tokens), self.to_query(memory), self.to_value(memory)


class NumbersTokens(Variant):
    def project(self, tokens, memory):
        places = [
            torch.arange(vectors.shape[-2], dtype=vectors.dtype)[:, None]
            for vectors in (tokens, memory)
        ]
        return super().project(tokens + places[0], memory + places[1])


class ForgetsOutputProjection(Variant):
    def finish(self, mixed):
        return mixed


class ForgetsOutputBias(Variant):
    def finish(self, mixed):
        return mixed @ self.to_output.weight.T


class AddsResidual(Variant):
    """A transformer's block adds the input; attention alone does not."""

    def forward(self, tokens, memory=None, *, visible=None):
        mixed, weights = super().forward(tokens, memory, visible=visible)
        return tokens + mixed, weights


LAYER_CATCHES = {
    check_self_agrees_with_torch: [
        SplitsWithoutTranspose,
        SplitsInterleaved,
        MergesWithoutTranspose,
        ScalesByModel,
        AveragesHeads,
        SharesQueryAndKey,
        NumbersTokens,
        ForgetsOutputProjection,
        ForgetsOutputBias,
        AddsResidual,
    ],
    check_cross_agrees_with_torch: [
        SplitsInterleaved,
        ScalesByModel,
        IgnoresMemory,
        SwapsSequences,
        TakesValuesFromTokens,
        SharesQueryAndKey,
        ForgetsOutputProjection,
        ForgetsOutputBias,
    ],
    check_masked_agrees_with_torch: [InvertsMask, DropsMask, MasksOneHead],
    check_padded_agrees_with_torch: [InvertsMask, DropsMask, MasksOneHead],
    check_heads_are_single_lookups: [
        SplitsWithoutTranspose,
        SplitsInterleaved,
        MergesWithoutTranspose,
        ScalesByModel,
        AveragesHeads,
        IgnoresMemory,
        ForgetsOutputProjection,
    ],
    check_permuted_tokens_permute_outputs: [
        NumbersTokens,
        SplitsWithoutTranspose,
        MergesWithoutTranspose,
    ],
    check_order_of_memory_is_irrelevant: [
        NumbersTokens,
        SwapsSequences,
        TakesValuesFromTokens,
        SplitsWithoutTranspose,
    ],
    check_heads_have_weights_of_their_own: [
        AveragesHeads,
        SplitsInterleaved,
        SplitsWithoutTranspose,
    ],
    check_future_is_irrelevant: [
        DropsMask,
        InvertsMask,
        MasksOneHead,
        # Splitting without a transpose is not here: wrong as it is, it keeps the order.
        MergesWithoutTranspose,
    ],
    check_padding_is_irrelevant: [DropsMask, InvertsMask, MasksOneHead],
    check_blind_query_reads_the_bias_alone: [
        DropsMask,
        InvertsMask,
        MasksOneHead,
        AddsInfinity,
        ForgetsOutputBias,
        AddsResidual,
        MergesWithoutTranspose,
    ],
}


@pytest.mark.parametrize("check", LAYER_CATCHES)
def test_unbroken_variant_passes(check):
    """The seams are not what the mutants fail by."""
    check(Variant, MUTANT_SIZES)


test_multi_head_attention, test_broken_layer_is_caught = proofs(
    MultiHeadAttention, LAYER_CATCHES, MUTANT_SIZES, any_sizes
)


def test_by_hand():
    # Two heads of one number each: head 1 reads the first numbers, head 2 the second.
    layer = MultiHeadAttention(2, heads=2, bias=False).double()
    with torch.no_grad():
        layer.to_query.weight.copy_(torch.eye(2))
        layer.to_key.weight.copy_(torch.eye(2))
        # The values of the second memory become 4 for head 1 and 10 for head 2.
        layer.to_value.weight.copy_(
            torch.diag(torch.tensor([4 / math.log(3), 10 / math.log(9)], dtype=torch.float64))
        )
        layer.to_output.weight.copy_(torch.tensor([[1, 1], [1, -1]]))
    tokens = torch.ones(1, 1, 2, dtype=torch.float64)
    memory = torch.tensor([[[0, 0], [math.log(3), math.log(9)]]], dtype=torch.float64)
    mixed, weights = layer(tokens, memory)
    # Head 1: scores 0 and ln 3, weights as 1 : 3, reads 4 · 3/4 = 3.
    # Head 2: scores 0 and ln 9, weights as 1 : 9, reads 10 · 9/10 = 9.
    rows = [[[[1 / 4, 3 / 4]], [[1 / 10, 9 / 10]]]]
    same(weights, torch.tensor(rows, dtype=torch.float64))
    # The output projection returns sum and difference: 3 + 9 and 3 − 9.
    same(mixed, torch.tensor([[[12, -6]]], dtype=torch.float64))


@pytest.mark.parametrize(("d_model", "heads", "size"), [(768, 12, 64), (6, 1, 6), (6, 6, 1)])
def test_head_size(d_model, heads, size):
    assert head_size(d_model, heads) == size


@pytest.mark.parametrize("heads", [-2, 0, 4, 12])
def test_heads_must_divide_d_model(heads):
    with pytest.raises(ValueError, match="pass a number of heads that divides d_model"):
        head_size(6, heads)
    with pytest.raises(ValueError, match="pass a number of heads that divides d_model"):
        split_heads(torch.zeros(2, 6), heads)
    with pytest.raises(ValueError, match="pass a number of heads that divides d_model"):
        MultiHeadAttention(6, heads)


@pytest.mark.parametrize("bias", [True, False])
def test_only_the_asked_for_layer_has_biases(bias):
    names = {name for name, _ in MultiHeadAttention(4, 2, bias=bias).named_parameters()}
    projections = ("to_query", "to_key", "to_value", "to_output")
    kinds = ("weight", "bias") if bias else ("weight",)
    assert names == {f"{projection}.{kind}" for projection in projections for kind in kinds}


def test_gradients_agree_with_finite_differences():
    sizes = MUTANT_SIZES._replace(batch=1, queries=2, keys=3)
    layer, inputs = sizes.build(MultiHeadAttention), sizes.draw()
    visible = torch.tensor([[True, True, False], [False, False, False]])
    attend = functools.partial(layer, visible=visible)
    assert torch.autograd.gradcheck(attend, [tensor.requires_grad_() for tensor in inputs])


def test_a_batch_is_required():
    with pytest.raises(TypeCheckError, match="'tokens'"):
        MultiHeadAttention(4, 2)(torch.zeros(3, 4))


def test_memory_must_be_as_wide_as_the_tokens():
    with pytest.raises(TypeCheckError, match="'memory'"):
        MultiHeadAttention(4, 2)(torch.zeros(1, 3, 4), torch.zeros(1, 3, 2))


def test_memory_must_have_the_same_batch():
    with pytest.raises(TypeCheckError, match="'memory'"):
        MultiHeadAttention(4, 2)(torch.zeros(2, 3, 4), torch.zeros(1, 3, 4))
