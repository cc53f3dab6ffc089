import functools
import math
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from lessons.attention.multi_head.masks import causal_mask
from lessons.attention.scaled_dot_product.sources import cross_attention, self_attention
from support import proofs, same


class Sizes(NamedTuple):
    seed: int
    batch: int
    queries: int
    keys: int
    d_model: int
    d_memory: int
    d_head: int
    d_value: int

    @property
    def generator(self):
        return torch.Generator().manual_seed(self.seed)

    def _draw(self, *shapes):
        generator = self.generator
        return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]

    def draw_cross(self):
        return self._draw(
            (self.batch, self.queries, self.d_model),
            (self.batch, self.keys, self.d_memory),
            (self.d_model, self.d_head),
            (self.d_memory, self.d_head),
            (self.d_memory, self.d_value),
        )

    def draw_self(self):
        return self._draw(
            (self.batch, self.queries, self.d_model),
            (self.d_model, self.d_head),
            (self.d_model, self.d_head),
            (self.d_model, self.d_value),
        )


size = st.integers(1, 5)
any_sizes = st.builds(Sizes, st.integers(0, 2**32), *[size] * 7)
# All vectors are equally long, and so are the sequences: no mutant fails by shape alone.
MUTANT_SIZES = Sizes(0, batch=2, queries=4, keys=4, d_model=3, d_memory=3, d_head=3, d_value=3)


def torch_multi_head(tokens, memory, to_query, to_key, to_value, visible):
    """Run nn.MultiheadAttention with one head and an output projection that does nothing."""
    d_model, d_memory = tokens.shape[-1], memory.shape[-1]
    layer = torch.nn.MultiheadAttention(
        d_model, 1, bias=False, kdim=d_memory, vdim=d_memory, batch_first=True
    ).double()
    if layer.in_proj_weight is None:
        weights = layer.q_proj_weight, layer.k_proj_weight, layer.v_proj_weight
    else:  # torch stacks the three where tokens and memory are equally wide
        weights = layer.in_proj_weight.chunk(3)
    with torch.no_grad():
        for weight, projection in zip(weights, (to_query, to_key, to_value), strict=True):
            weight.copy_(projection.T)
        layer.out_proj.weight.copy_(torch.eye(d_model))
        hidden = None if visible is None else ~visible
        return layer(tokens, memory, memory, attn_mask=hidden)


def check_agrees_with_torch(attention, sizes):
    tokens, memory, *projections = sizes.draw_cross()
    mixed, _ = attention(tokens, memory, *projections)
    query, key, value = (
        F.linear(vectors, projection.T)
        for vectors, projection in zip((tokens, memory, memory), projections, strict=True)
    )
    same(mixed, F.scaled_dot_product_attention(query, key, value))


def check_agrees_with_torch_multi_head(attention, sizes):
    """torch's layer wants d_head = d_value = d_model."""
    sizes = sizes._replace(d_head=sizes.d_model, d_value=sizes.d_model)
    inputs = sizes.draw_cross()
    visible = torch.rand(sizes.queries, sizes.keys, generator=sizes.generator) < 0.5
    visible[:, 0] = True
    for mask in (None, visible):
        same(attention(*inputs, visible=mask), torch_multi_head(*inputs, mask))


def check_order_of_memory_is_irrelevant(attention, sizes):
    tokens, memory, *projections = sizes.draw_cross()
    order = torch.randperm(sizes.keys, generator=sizes.generator)
    mixed, weights = attention(tokens, memory, *projections)
    shuffled, shuffled_weights = attention(tokens, memory[:, order], *projections)
    same(shuffled, mixed)
    same(shuffled_weights, weights[..., order])


def check_order_of_tokens_carries_over(attention, sizes):
    tokens, *rest = sizes.draw_cross()
    order = torch.randperm(sizes.queries, generator=sizes.generator)
    mixed, weights = attention(tokens, *rest)
    shuffled, shuffled_weights = attention(tokens[:, order], *rest)
    same(shuffled, mixed[:, order])
    same(shuffled_weights, weights[:, order])


def check_memory_alone_is_read(attention, sizes):
    """With one memory, repeated, each query reads its value, whatever the weights."""
    tokens, memory, to_query, to_key, to_value = sizes.draw_cross()
    repeated = memory[:, :1].expand(-1, sizes.keys, -1)
    mixed, weights = attention(tokens, repeated, to_query, to_key, to_value)
    same(mixed, (repeated[:, :1] @ to_value).expand(-1, sizes.queries, -1))
    same(weights, torch.full_like(weights, 1 / sizes.keys))


def ignores_memory(tokens, memory, to_query, to_key, to_value, *, visible=None):
    return cross_attention(tokens, tokens, to_query, to_key, to_value, visible=visible)


def swaps_sequences(tokens, memory, to_query, to_key, to_value, *, visible=None):
    return cross_attention(memory, tokens, to_query, to_key, to_value, visible=visible)


def takes_values_from_tokens(tokens, memory, to_query, to_key, to_value, *, visible=None):
    _, weights = cross_attention(tokens, memory, to_query, to_key, to_value, visible=visible)
    return weights @ tokens @ to_value, weights


def forgets_value_projection(tokens, memory, to_query, to_key, to_value, *, visible=None):
    _, weights = cross_attention(tokens, memory, to_query, to_key, to_value, visible=visible)
    return weights @ memory, weights


def swaps_projections(tokens, memory, to_query, to_key, to_value, *, visible=None):
    return cross_attention(tokens, memory, to_key, to_query, to_value, visible=visible)


def shares_one_projection(tokens, memory, to_query, to_key, to_value, *, visible=None):
    return cross_attention(tokens, memory, to_key, to_key, to_value, visible=visible)


def transposes_projection(tokens, memory, to_query, to_key, to_value, *, visible=None):
    return cross_attention(tokens, memory, to_query.T, to_key, to_value, visible=visible)


def numbers_the_memory(tokens, memory, to_query, to_key, to_value, *, visible=None):
    places = torch.arange(memory.shape[-2], dtype=memory.dtype)[:, None]
    return cross_attention(tokens, memory + places, to_query, to_key, to_value, visible=visible)


def numbers_the_tokens(tokens, memory, to_query, to_key, to_value, *, visible=None):
    places = torch.arange(tokens.shape[-2], dtype=tokens.dtype)[:, None]
    return cross_attention(tokens + places, memory, to_query, to_key, to_value, visible=visible)


def drops_mask(tokens, memory, to_query, to_key, to_value, *, visible=None):
    return cross_attention(tokens, memory, to_query, to_key, to_value)


def inverts_mask(tokens, memory, to_query, to_key, to_value, *, visible=None):
    visible = None if visible is None else ~visible
    return cross_attention(tokens, memory, to_query, to_key, to_value, visible=visible)


CROSS_CATCHES = {
    check_agrees_with_torch: [
        ignores_memory,
        swaps_sequences,
        takes_values_from_tokens,
        forgets_value_projection,
        swaps_projections,
        shares_one_projection,
        transposes_projection,
        numbers_the_memory,
        numbers_the_tokens,
    ],
    check_agrees_with_torch_multi_head: [
        ignores_memory,
        swaps_sequences,
        takes_values_from_tokens,
        forgets_value_projection,
        swaps_projections,
        shares_one_projection,
        transposes_projection,
        drops_mask,
        inverts_mask,
    ],
    check_order_of_memory_is_irrelevant: [
        numbers_the_memory,
        swaps_sequences,
        takes_values_from_tokens,
    ],
    check_order_of_tokens_carries_over: [
        numbers_the_tokens,
        swaps_sequences,
        ignores_memory,
        takes_values_from_tokens,
    ],
    check_memory_alone_is_read: [
        ignores_memory,
        swaps_sequences,
        takes_values_from_tokens,
        forgets_value_projection,
        numbers_the_memory,
    ],
}


test_cross_attention, test_broken_cross_attention_is_caught = proofs(
    cross_attention, CROSS_CATCHES, MUTANT_SIZES, any_sizes
)


def check_self_agrees_with_torch(attention, sizes):
    tokens, *projections = sizes.draw_self()
    mixed, _ = attention(tokens, *projections)
    query, key, value = (F.linear(tokens, projection.T) for projection in projections)
    same(mixed, F.scaled_dot_product_attention(query, key, value))


def check_self_agrees_with_torch_multi_head(attention, sizes):
    sizes = sizes._replace(d_head=sizes.d_model, d_value=sizes.d_model)
    tokens, *projections = sizes.draw_self()
    for mask in (None, causal_mask(sizes.queries, sizes.queries)):
        expected = torch_multi_head(tokens, tokens, *projections, mask)
        same(attention(tokens, *projections, visible=mask), expected)


def check_self_is_cross_with_itself(attention, sizes):
    tokens, *projections = sizes.draw_self()
    for mask in (None, causal_mask(sizes.queries, sizes.queries)):
        expected = cross_attention(tokens, tokens, *projections, visible=mask)
        same(attention(tokens, *projections, visible=mask), expected)


def check_permuted_tokens_permute_outputs(attention, sizes):
    """Without positions, a sequence is a set."""
    tokens, *projections = sizes.draw_self()
    order = torch.randperm(sizes.queries, generator=sizes.generator)
    mixed, weights = attention(tokens, *projections)
    shuffled, shuffled_weights = attention(tokens[:, order], *projections)
    same(shuffled, mixed[:, order])
    same(shuffled_weights, weights[:, order][..., order])


def check_future_is_irrelevant(attention, sizes):
    tokens, *projections = sizes.draw_self()
    visible = causal_mask(sizes.queries, sizes.queries)
    before, _ = attention(tokens, *projections, visible=visible)
    for now in range(sizes.queries):
        changed = tokens.clone()
        changed[:, now + 1 :] += 1e6
        after, _ = attention(changed, *projections, visible=visible)
        same(after[:, : now + 1], before[:, : now + 1])


def adds_positions(tokens, to_query, to_key, to_value, *, visible=None):
    places = torch.arange(tokens.shape[-2], dtype=tokens.dtype)[:, None]
    return self_attention(tokens + places, to_query, to_key, to_value, visible=visible)


def always_causal(tokens, to_query, to_key, to_value, *, visible=None):
    visible = causal_mask(tokens.shape[-2], tokens.shape[-2])
    return self_attention(tokens, to_query, to_key, to_value, visible=visible)


def skips_itself(tokens, to_query, to_key, to_value, *, visible=None):
    others = ~torch.eye(tokens.shape[-2], dtype=torch.bool)
    visible = others if visible is None else visible & others
    return self_attention(tokens, to_query, to_key, to_value, visible=visible)


def looks_with_keys(tokens, to_query, to_key, to_value, *, visible=None):
    return self_attention(tokens, to_key, to_key, to_value, visible=visible)


def never_masked(tokens, to_query, to_key, to_value, *, visible=None):
    return self_attention(tokens, to_query, to_key, to_value)


def inversely_masked(tokens, to_query, to_key, to_value, *, visible=None):
    visible = None if visible is None else ~visible
    return self_attention(tokens, to_query, to_key, to_value, visible=visible)


def centers_tokens(tokens, to_query, to_key, to_value, *, visible=None):
    """Subtracting the mean over the sequence leaks the future into the past."""
    centered = tokens - tokens.mean(dim=-2, keepdim=True)
    return self_attention(centered, to_query, to_key, to_value, visible=visible)


SELF_CATCHES = {
    check_self_agrees_with_torch: [
        adds_positions,
        always_causal,
        skips_itself,
        looks_with_keys,
        centers_tokens,
    ],
    check_self_agrees_with_torch_multi_head: [
        adds_positions,
        always_causal,
        skips_itself,
        looks_with_keys,
        never_masked,
        inversely_masked,
    ],
    check_self_is_cross_with_itself: [
        adds_positions,
        always_causal,
        skips_itself,
        looks_with_keys,
        never_masked,
        inversely_masked,
    ],
    check_permuted_tokens_permute_outputs: [adds_positions, always_causal],
    check_future_is_irrelevant: [never_masked, inversely_masked, centers_tokens],
}


test_self_attention, test_broken_self_attention_is_caught = proofs(
    self_attention, SELF_CATCHES, MUTANT_SIZES, any_sizes
)


def test_cross_by_hand():
    # A memory holds (key, value) pairs; the projections pick one number each.
    memory = torch.tensor([[0, 8], [math.log(3), 4]], dtype=torch.float64)
    first = torch.tensor([[1], [0]], dtype=torch.float64)
    second = torch.tensor([[0], [1]], dtype=torch.float64)
    tokens = torch.tensor([[1], [2]], dtype=torch.float64)
    to_query = torch.tensor([[1]], dtype=torch.float64)
    mixed, weights = cross_attention(tokens, memory, to_query, first, second)
    # Query 1: scores 0 and ln 3, weights as 1 : 3, value 8/4 + 4 · 3/4 = 5.
    # Query 2: scores 0 and ln 9, weights as 1 : 9, value 8/10 + 4 · 9/10 = 4.4.
    same(weights, torch.tensor([[1 / 4, 3 / 4], [1 / 10, 9 / 10]], dtype=torch.float64))
    same(mixed, torch.tensor([[5], [4.4]], dtype=torch.float64))


def test_self_by_hand():
    # The first number is the key, the second both the query and the value.
    tokens = torch.tensor([[0, 1], [math.log(3), 2]], dtype=torch.float64)
    first = torch.tensor([[1], [0]], dtype=torch.float64)
    second = torch.tensor([[0], [1]], dtype=torch.float64)
    mixed, weights = self_attention(tokens, second, first, second)
    # Token 1: scores 0 and ln 3, so 1/4 + 2 · 3/4 = 1.75.
    # Token 2: scores 0 and ln 9, so 1/10 + 2 · 9/10 = 1.9.
    same(weights, torch.tensor([[1 / 4, 3 / 4], [1 / 10, 9 / 10]], dtype=torch.float64))
    same(mixed, torch.tensor([[1.75], [1.9]], dtype=torch.float64))


def test_gradients_agree_with_finite_differences():
    cross = [tensor.requires_grad_() for tensor in MUTANT_SIZES.draw_cross()]
    assert torch.autograd.gradcheck(cross_attention, cross)
    own = [tensor.requires_grad_() for tensor in MUTANT_SIZES.draw_self()]
    causal = functools.partial(self_attention, visible=causal_mask(4, 4))
    assert torch.autograd.gradcheck(causal, own)


def test_query_projection_must_fit_the_tokens():
    tokens, memory, to_query, to_key, to_value = MUTANT_SIZES.draw_cross()
    with pytest.raises(TypeCheckError, match="'to_query'"):
        cross_attention(tokens, memory, to_query[1:], to_key, to_value)


def test_key_projection_must_fit_the_memory():
    tokens, memory, to_query, to_key, to_value = MUTANT_SIZES.draw_cross()
    with pytest.raises(TypeCheckError, match="'to_key'"):
        cross_attention(tokens, memory, to_query, to_key[1:], to_value)


def test_queries_and_keys_must_be_equally_long():
    tokens, memory, to_query, to_key, to_value = MUTANT_SIZES.draw_cross()
    with pytest.raises(TypeCheckError, match="'to_key'"):
        cross_attention(tokens, memory, to_query, to_key[:, 1:], to_value)


def test_tokens_and_memory_must_have_one_batch():
    tokens, memory, *projections = MUTANT_SIZES.draw_cross()
    with pytest.raises(TypeCheckError, match="'memory'"):
        cross_attention(tokens, memory[:1], *projections)


def test_self_attention_needs_projections_of_the_tokens():
    tokens, to_query, to_key, to_value = MUTANT_SIZES.draw_self()
    with pytest.raises(TypeCheckError, match="'to_value'"):
        self_attention(tokens, to_query, to_key, to_value[1:])
