import functools
import math
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from lessons.attention.scaled_dot import masked_softmax, scaled_dot_product_attention
from support import proofs, same


class Sizes(NamedTuple):
    seed: int
    batch: int
    queries: int
    keys: int
    d_head: int
    d_value: int

    @property
    def generator(self):
        return torch.Generator().manual_seed(self.seed)

    def draw(self):
        generator = self.generator
        shapes = (self.queries, self.d_head), (self.keys, self.d_head), (self.keys, self.d_value)
        return [
            torch.randn(self.batch, *shape, generator=generator, dtype=torch.float64)
            for shape in shapes
        ]

    def draw_scores(self):
        shape = (self.batch, self.queries, self.keys)
        return 3 * torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def draw_visible(self, *, hide_first_query=False):
        """Hide keys by chance, but leave each query a key of its own."""
        chance = torch.rand(self.batch, self.queries, self.keys, generator=self.generator)
        visible = chance < 0.6
        own = torch.arange(self.queries) % self.keys
        visible[:, torch.arange(self.queries), own] = True
        if hide_first_query:
            visible[:, 0] = False
        return visible


size = st.integers(1, 6)
any_sizes = st.builds(Sizes, st.integers(0, 2**32), size, size, size, size, size)
# Queries and keys, d_head and d_value are alike, so that mutants do not fail by shape alone.
MUTANT_SIZES = Sizes(seed=0, batch=2, queries=5, keys=5, d_head=4, d_value=4)


def check_agrees_with_torch(attention, sizes):
    query, key, value = sizes.draw()
    mixed, weights = attention(query, key, value)
    same(mixed, F.scaled_dot_product_attention(query, key, value))
    # Reading from the unit vectors returns the weights themselves.
    units = torch.eye(sizes.keys, dtype=torch.float64).expand(sizes.batch, -1, -1)
    same(weights, F.scaled_dot_product_attention(query, key, units))


def check_agrees_with_torch_under_masks(attention, sizes):
    query, key, value = sizes.draw()
    full = sizes.draw_visible()
    padding = full[:, :1].clone()
    padding[..., 0] = True
    masks = {
        "one for each sequence": full,
        "one for all": full[0],
        "keys of each sequence": padding,
        "keys of all": padding[0, 0],
    }
    for visible in masks.values():
        mixed, _ = attention(query, key, value, visible=visible)
        same(mixed, F.scaled_dot_product_attention(query, key, value, attn_mask=visible))


def check_weights_sum_to_one(attention, sizes):
    for visible in (None, sizes.draw_visible()):
        _, weights = attention(*sizes.draw(), visible=visible)
        assert (weights >= 0).all()
        same(weights.sum(dim=-1), torch.ones(sizes.batch, sizes.queries, dtype=torch.float64))


def check_hidden_keys_weigh_nothing(attention, sizes):
    visible = sizes.draw_visible()
    _, weights = attention(*sizes.draw(), visible=visible)
    assert (weights[~visible] == 0).all()
    assert (weights[visible] > 0).all()


def check_hidden_keys_have_no_influence(attention, sizes):
    query, key, value = sizes.draw()
    visible = torch.ones(sizes.keys, dtype=torch.bool)
    visible[1:] = torch.rand(sizes.keys - 1, generator=sizes.generator) < 0.5
    # The second query makes the scores of hidden keys huge, far above those that count.
    other_key, other_value = key.clone(), value.clone()
    other_key[:, ~visible] += 1e6
    other_value[:, ~visible] -= 1e6
    before, _ = attention(query, key, value, visible=visible)
    after, _ = attention(query, other_key, other_value, visible=visible)
    same(after, before)
    alone, _ = attention(query, key[:, visible], value[:, visible])
    same(before, alone)


def check_hidden_stays_hidden_at_huge_scores(attention, sizes):
    """A finite stand-in for −∞, such as −1e9, is not low enough here."""
    query, key, value = sizes.draw()
    visible = sizes.draw_visible()
    # All the scores are far below −1e9.
    mixed, weights = attention(1e15 * query.abs(), -key.abs(), value, visible=visible)
    assert mixed.isfinite().all()
    assert (weights[~visible] == 0).all()
    same(weights.sum(dim=-1), torch.ones(sizes.batch, sizes.queries, dtype=torch.float64))


def check_blind_query_reads_zeros(attention, sizes):
    visible = sizes.draw_visible(hide_first_query=True)
    mixed, weights = attention(*sizes.draw(), visible=visible)
    assert (mixed[:, 0] == 0).all()
    assert (weights[:, 0] == 0).all()
    same(
        weights[:, 1:].sum(dim=-1),
        torch.ones(sizes.batch, sizes.queries - 1, dtype=torch.float64),
    )


def check_blind_query_has_finite_gradients(attention, sizes):
    inputs = [tensor.requires_grad_() for tensor in sizes.draw()]
    mixed, _ = attention(*inputs, visible=sizes.draw_visible(hide_first_query=True))
    for gradient in torch.autograd.grad(mixed.square().sum(), inputs):
        assert gradient.isfinite().all()


def check_gradients(attention, sizes):
    inputs = [tensor.requires_grad_() for tensor in sizes.draw()]
    for visible in (None, sizes.draw_visible(hide_first_query=True)):
        attend = functools.partial(attention, visible=visible)
        assert torch.autograd.gradcheck(attend, inputs, fast_mode=True, raise_exception=False)


def check_order_of_keys_is_irrelevant(attention, sizes):
    query, key, value = sizes.draw()
    order = torch.randperm(sizes.keys, generator=sizes.generator)
    mixed, weights = attention(query, key, value)
    shuffled, shuffled_weights = attention(query, key[:, order], value[:, order])
    same(shuffled, mixed)
    same(shuffled_weights, weights[..., order])


def check_order_of_queries_carries_over(attention, sizes):
    query, key, value = sizes.draw()
    order = torch.randperm(sizes.queries, generator=sizes.generator)
    mixed, weights = attention(query, key, value)
    shuffled, shuffled_weights = attention(query[:, order], key, value)
    same(shuffled, mixed[:, order])
    same(shuffled_weights, weights[:, order])


def check_each_query_looks_alone(attention, sizes):
    query, key, value = sizes.draw()
    mixed, _ = attention(query, key, value)
    for i in range(sizes.queries):
        same(attention(query[:, i : i + 1], key, value)[0], mixed[:, i : i + 1])


def check_each_sequence_stands_alone(attention, sizes):
    query, key, value = sizes.draw()
    mixed, _ = attention(query, key, value)
    for i in range(sizes.batch):
        same(attention(query[i], key[i], value[i])[0], mixed[i])


def check_huge_scores_stay_finite(attention, sizes):
    query, key, value = sizes.draw()
    mixed, weights = attention(1e200 * query, key, value)
    assert mixed.isfinite().all()
    same(weights.sum(dim=-1), torch.ones(sizes.batch, sizes.queries, dtype=torch.float64))


def check_scale_keeps_equal_vectors_comparable(attention, sizes):
    """Repeating every entry multiplies dot products by 4 and √d_head by 2."""
    query, key, value = sizes.draw()
    _, weights = attention(query / math.sqrt(2), key / math.sqrt(2), value)
    _, repeated = attention(query.repeat(1, 1, 4) / 2, key.repeat(1, 1, 4) / 2, value)
    same(repeated, weights)


def attention_from(weigh):
    """Make an attention from a broken way to compute the weights."""

    def attention(query, key, value, *, visible=None):
        weights = weigh(query, key, visible)
        return weights @ value, weights

    attention.__name__ = weigh.__name__
    return attention


def right_scores(query, key):
    return query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])


@attention_from
def forgets_scale(query, key, visible):
    return masked_softmax(query @ key.transpose(-2, -1), visible)


@attention_from
def scales_by_d_head(query, key, visible):
    return masked_softmax(query @ key.transpose(-2, -1) / query.shape[-1], visible)


@attention_from
def scales_by_keys(query, key, visible):
    return masked_softmax(query @ key.transpose(-2, -1) / math.sqrt(key.shape[-2]), visible)


@attention_from
def scales_after_softmax(query, key, visible):
    weights = masked_softmax(query @ key.transpose(-2, -1), visible)
    return weights / math.sqrt(query.shape[-1])


@attention_from
def softmax_over_queries(query, key, visible):
    scores = right_scores(query, key)
    if visible is not None:
        scores = scores.masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-2)


@attention_from
def softmax_over_batch(query, key, visible):
    return right_scores(query, key).softmax(dim=0)


@attention_from
def reshapes_keys(query, key, visible):
    flipped = key.reshape(*key.shape[:-2], key.shape[-1], key.shape[-2])
    return masked_softmax(query @ flipped / math.sqrt(query.shape[-1]), visible)


@attention_from
def flips_scores(query, key, visible):
    return masked_softmax(right_scores(query, key).transpose(-2, -1), visible)


@attention_from
def ignores_mask(query, key, visible):
    return right_scores(query, key).softmax(dim=-1)


@attention_from
def inverts_mask(query, key, visible):
    return masked_softmax(right_scores(query, key), None if visible is None else ~visible)


@attention_from
def masks_after_softmax(query, key, visible):
    weights = right_scores(query, key).softmax(dim=-1)
    return weights if visible is None else weights * visible


@attention_from
def masks_one_key_late(query, key, visible):
    shifted = None if visible is None else visible.roll(1, dims=-1)
    return masked_softmax(right_scores(query, key), shifted)


@attention_from
def multiplies_scores_by_mask(query, key, visible):
    """A score of 0 is no −∞: it weighs e⁰ = 1."""
    scores = right_scores(query, key)
    return (scores if visible is None else scores * visible).softmax(dim=-1)


@attention_from
def hides_with_a_large_number(query, key, visible):
    scores = right_scores(query, key)
    return (scores if visible is None else scores.masked_fill(~visible, -1e9)).softmax(dim=-1)


@attention_from
def leaves_nan(query, key, visible):
    scores = right_scores(query, key)
    if visible is not None:
        scores = scores.masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-1)


@attention_from
def adds_infinity(query, key, visible):
    """The outputs are right, but the gradients of a blind query are NaN."""
    scores = right_scores(query, key)
    if visible is None:
        return scores.softmax(dim=-1)
    scores = scores + torch.zeros(visible.shape).masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-1).masked_fill(~visible, 0.0)


@attention_from
def overflows(query, key, visible):
    powers = right_scores(query, key).exp()
    powers = powers if visible is None else powers * visible
    return powers / powers.sum(dim=-1, keepdim=True)


@attention_from
def prefers_late_keys(query, key, visible):
    return masked_softmax(right_scores(query, key) + torch.arange(key.shape[-2]), visible)


@attention_from
def prefers_its_own_place(query, key, visible):
    near = torch.eye(query.shape[-2], key.shape[-2], dtype=query.dtype)
    return masked_softmax(right_scores(query, key) + near, visible)


@attention_from
def centers_queries(query, key, visible):
    """Which other queries look must not matter; here each is compared with their mean."""
    centered = query - query.mean(dim=-2, keepdim=True)
    return masked_softmax(right_scores(centered, key), visible)


@attention_from
def detaches_weights(query, key, visible):
    return masked_softmax(right_scores(query, key), visible).detach()


@attention_from
def normalizes_twice(query, key, visible):
    return masked_softmax(masked_softmax(right_scores(query, key), visible), visible)


def mixes_keys(query, key, value, *, visible=None):
    return scaled_dot_product_attention(query, key, key, visible=visible)


def compares_values(query, key, value, *, visible=None):
    return scaled_dot_product_attention(query, value, value, visible=visible)


def swaps_query_and_key(query, key, value, *, visible=None):
    return scaled_dot_product_attention(key, query, value, visible=visible)


CATCHES = {
    check_agrees_with_torch: [
        forgets_scale,
        scales_by_d_head,
        scales_by_keys,
        scales_after_softmax,
        softmax_over_queries,
        softmax_over_batch,
        reshapes_keys,
        flips_scores,
        prefers_late_keys,
        prefers_its_own_place,
        centers_queries,
        normalizes_twice,
        mixes_keys,
        compares_values,
        swaps_query_and_key,
    ],
    check_agrees_with_torch_under_masks: [
        forgets_scale,
        scales_by_d_head,
        softmax_over_queries,
        reshapes_keys,
        ignores_mask,
        inverts_mask,
        masks_after_softmax,
        masks_one_key_late,
        multiplies_scores_by_mask,
        mixes_keys,
        compares_values,
        swaps_query_and_key,
    ],
    check_weights_sum_to_one: [
        scales_after_softmax,
        softmax_over_queries,
        softmax_over_batch,
        masks_after_softmax,
    ],
    check_hidden_keys_weigh_nothing: [
        ignores_mask,
        inverts_mask,
        masks_one_key_late,
        multiplies_scores_by_mask,
    ],
    check_hidden_keys_have_no_influence: [
        ignores_mask,
        inverts_mask,
        masks_after_softmax,
        masks_one_key_late,
        multiplies_scores_by_mask,
    ],
    check_hidden_stays_hidden_at_huge_scores: [
        hides_with_a_large_number,
        ignores_mask,
        masks_after_softmax,
        overflows,
    ],
    check_blind_query_reads_zeros: [
        ignores_mask,
        inverts_mask,
        hides_with_a_large_number,
        leaves_nan,
        overflows,
    ],
    check_blind_query_has_finite_gradients: [adds_infinity, leaves_nan, overflows],
    check_gradients: [detaches_weights, adds_infinity],
    check_order_of_keys_is_irrelevant: [
        reshapes_keys,
        flips_scores,
        prefers_late_keys,
        prefers_its_own_place,
    ],
    check_order_of_queries_carries_over: [flips_scores, prefers_its_own_place],
    check_each_query_looks_alone: [softmax_over_queries, centers_queries],
    check_each_sequence_stands_alone: [softmax_over_batch],
    check_huge_scores_stay_finite: [overflows],
    check_scale_keeps_equal_vectors_comparable: [forgets_scale, scales_by_d_head, scales_by_keys],
}


test_attention, test_broken_attention_is_caught = proofs(
    scaled_dot_product_attention, CATCHES, MUTANT_SIZES, any_sizes
)


def check_softmax_agrees_with_torch(softmax, sizes):
    scores = sizes.draw_scores()
    same(softmax(scores), F.softmax(scores, dim=-1))


def check_softmax_runs_over_visible_keys(softmax, sizes):
    """For each row: torch's softmax of the visible scores alone, and 0 elsewhere."""
    scores, visible = sizes.draw_scores(), sizes.draw_visible(hide_first_query=True)
    expected = torch.zeros_like(scores)
    for b in range(sizes.batch):
        for i in range(sizes.queries):
            seen = visible[b, i]
            expected[b, i, seen] = F.softmax(scores[b, i, seen], dim=-1)
    same(softmax(scores, visible), expected)


def check_softmax_ignores_a_shift(softmax, sizes):
    scores, visible = sizes.draw_scores(), sizes.draw_visible(hide_first_query=True)
    for mask in (None, visible):
        same(softmax(scores + 100, mask), softmax(scores, mask))


def check_softmax_survives_huge_scores(softmax, sizes):
    scores, visible = sizes.draw_scores(), sizes.draw_visible()
    ones = torch.ones(sizes.batch, sizes.queries, dtype=torch.float64)
    for mask in (None, visible):
        for factor in (1e300, -1e300):
            weights = softmax(factor * scores, mask)
            same(weights.sum(dim=-1), ones)
            assert mask is None or (weights[~mask] == 0).all()


def softmax_over_rows(scores, visible=None):
    return masked_softmax(scores.mT, None if visible is None else visible.mT).mT


def softmax_then_mask(scores, visible=None):
    weights = scores.softmax(dim=-1)
    return weights if visible is None else weights * visible


def softmax_with_a_large_number(scores, visible=None):
    return (scores if visible is None else scores.masked_fill(~visible, -1e9)).softmax(dim=-1)


def softmax_with_inverted_mask(scores, visible=None):
    return masked_softmax(scores, None if visible is None else ~visible)


def softmax_that_leaves_nan(scores, visible=None):
    hidden = scores if visible is None else scores.masked_fill(~visible, -math.inf)
    return hidden.softmax(dim=-1)


def softmax_that_overflows(scores, visible=None):
    powers = scores.exp() if visible is None else scores.exp() * visible
    return powers / powers.sum(dim=-1, keepdim=True)


def softmax_plus_one(scores, visible=None):
    """Off-by-one softmax: an invisible key with score 0 takes a share."""
    powers = scores.exp() if visible is None else scores.exp() * visible
    return powers / (1 + powers.sum(dim=-1, keepdim=True))


SOFTMAX_CATCHES = {
    check_softmax_agrees_with_torch: [softmax_over_rows, softmax_plus_one],
    check_softmax_runs_over_visible_keys: [
        softmax_over_rows,
        softmax_then_mask,
        softmax_with_a_large_number,
        softmax_with_inverted_mask,
        softmax_that_leaves_nan,
        softmax_that_overflows,
        softmax_plus_one,
    ],
    check_softmax_ignores_a_shift: [softmax_plus_one, softmax_that_overflows],
    check_softmax_survives_huge_scores: [
        softmax_that_overflows,
        softmax_with_a_large_number,
        softmax_then_mask,
    ],
}


test_masked_softmax, test_broken_softmax_is_caught = proofs(
    masked_softmax, SOFTMAX_CATCHES, MUTANT_SIZES, any_sizes
)


@pytest.mark.parametrize(
    ("visible", "weights", "mixed"),
    [
        # d_head = 4, so the dot products 0 and 2 ln 3 are divided by 2: scores 0 and ln 3,
        # weights as 1 : 3. The values (4, 0) and (0, 8) mix to (4/4, 8 · 3/4) = (1, 6).
        (None, [1 / 4, 3 / 4], [1.0, 6.0]),
        ([True, False], [1.0, 0.0], [4.0, 0.0]),
        ([False, True], [0.0, 1.0], [0.0, 8.0]),
        ([False, False], [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_by_hand(visible, weights, mixed):
    query = torch.tensor([[2 * math.log(3), 0, 0, 0]], dtype=torch.float64)
    key = torch.tensor([[0, 1, 0, 0], [1, 0, 0, 0]], dtype=torch.float64)
    value = torch.tensor([[4, 0], [0, 8]], dtype=torch.float64)
    mask = None if visible is None else torch.tensor([visible])
    found = scaled_dot_product_attention(query, key, value, visible=mask)
    same(found[0], torch.tensor([mixed], dtype=torch.float64))
    same(found[1], torch.tensor([weights], dtype=torch.float64))


def test_query_and_key_must_be_equally_long():
    query, key, value = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'key'"):
        scaled_dot_product_attention(query[..., 1:], key, value)


def test_each_key_needs_a_value():
    query, key, value = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'value'"):
        scaled_dot_product_attention(query, key, value[:, 1:])


def test_batches_must_agree():
    query, key, value = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'key'"):
        scaled_dot_product_attention(query, key[:1], value)


@pytest.mark.parametrize("dtype", [torch.float64, torch.int64])
def test_a_mask_of_numbers_is_refused(dtype):
    """An additive mask of 0 and −∞ would otherwise be read as its own opposite."""
    with pytest.raises(TypeCheckError, match="'visible'"):
        scaled_dot_product_attention(*MUTANT_SIZES.draw(), visible=torch.zeros(5, 5, dtype=dtype))


def test_a_mask_may_not_widen_the_scores():
    scores = torch.zeros(2, 3, dtype=torch.float64)
    with pytest.raises(ValueError, match="pass a mask that broadcasts to the scores"):
        masked_softmax(scores, torch.ones(4, 2, 3, dtype=torch.bool))


def test_the_chapters_three_tokens():
    """The numbers that the chapter works out by hand: √d_head is 2, and e² = 7.39, e = 2.72."""
    query = torch.tensor([[1.0, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1]])
    key = torch.tensor([[0.0, 1, 0, 1], [2, 0, 2, 0], [1, 1, 0, 0]])
    value = torch.tensor([[1.0, 0], [0, 1], [1, 1]])
    mixed, weights = scaled_dot_product_attention(query, key, value)
    whole = math.e**2 + 1 + math.e
    by_hand = torch.tensor([math.e**2, 1, math.e]) / whole
    torch.testing.assert_close(weights[1], by_hand)
    torch.testing.assert_close(mixed[1], torch.tensor([by_hand[0] + by_hand[2], 1 - by_hand[0]]))


def test_a_query_that_sees_nothing_has_no_nan_on_the_way():
    """Nor on the way back, where torch's own detector of anomalies stops at any."""
    visible = torch.tensor([[True, False, True], [False, False, False]])
    scores = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    with pytest.warns(UserWarning, match="Anomaly"), torch.autograd.detect_anomaly():
        weights = masked_softmax(scores, visible)
        weights.square().sum().backward()
    assert torch.equal(weights[1], torch.zeros(3))
    assert torch.equal(scores.grad[1], torch.zeros(3))
    assert scores.grad[0, 0] != 0
