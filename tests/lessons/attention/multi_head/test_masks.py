import functools
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch.nn.attention.bias import causal_lower_right

from lessons.attention.multi_head.masks import causal_mask, padding_mask
from lessons.attention.scaled_dot import scaled_dot_product_attention
from support import proofs, same


def draw(seed, *shape):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def attend(vectors, visible):
    """Let vectors attend to each other; the last ones look where the mask has fewer rows."""
    looking = vectors[..., vectors.shape[-2] - visible.shape[-2] :, :]
    return scaled_dot_product_attention(looking, vectors, vectors, visible=visible)[0]


# Causal masks


def check_each_query_sees_up_to_itself(mask, queries, keys):
    visible = mask(queries, keys)
    assert visible.dtype == torch.bool
    rows = [[j <= i + keys - queries for j in range(keys)] for i in range(queries)]
    same(visible, torch.tensor(rows))


def check_is_end_of_square_mask(mask, queries, keys):
    same(mask(queries, keys), mask(keys, keys)[keys - queries :])


def check_counts_of_visible_keys(mask, queries, keys):
    """The last query sees all the keys, and each one before it sees one less."""
    counts = mask(queries, keys).sum(dim=-1).tolist()
    assert counts == list(range(keys - queries + 1, keys + 1))


def check_future_is_irrelevant(mask, queries, keys):
    vectors = draw(keys, keys, 3)
    before = attend(vectors, mask(queries, keys))
    for now in range(queries):
        last_seen = keys - queries + now
        changed = vectors.clone()
        changed[last_seen + 1 :] += 1e6
        after = attend(changed, mask(queries, keys))
        same(after[: now + 1], before[: now + 1])


def check_past_and_present_are_read(mask, queries, keys):
    query, key = draw(1, queries, 3), draw(2, keys, 3)
    values = draw(3, keys, 3).requires_grad_()
    mixed, _ = scaled_dot_product_attention(query, key, values, visible=mask(queries, keys))
    for i in range(queries):
        (gradient,) = torch.autograd.grad(mixed[i].sum(), values, retain_graph=True)
        assert (gradient[: keys - queries + i + 1] != 0).any(dim=-1).all()


def check_new_queries_attend_as_in_the_whole(mask, queries, keys):
    """What a key–value cache relies on: the last queries alone read what they read in full."""
    vectors = draw(keys, keys, 3)
    whole = attend(vectors, mask(keys, keys))
    same(attend(vectors, mask(queries, keys)), whole[keys - queries :])


def check_agrees_with_torch_lower_right(mask, queries, keys):
    query, key, value = draw(1, 1, 1, queries, 3), draw(2, 1, 1, keys, 3), draw(3, 1, 1, keys, 2)
    expected = F.scaled_dot_product_attention(
        query, key, value, attn_mask=causal_lower_right(queries, keys)
    )
    mixed, _ = scaled_dot_product_attention(query, key, value, visible=mask(queries, keys))
    same(mixed, expected)


def check_square_agrees_with_torch_is_causal(mask, queries, keys):
    query, key, value = draw(1, 1, 1, keys, 3), draw(2, 1, 1, keys, 3), draw(3, 1, 1, keys, 2)
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    mixed, _ = scaled_dot_product_attention(query, key, value, visible=mask(keys, keys))
    same(mixed, expected)


def one_key_too_many(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries + 1)


def blind_to_itself(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries - 1)


def upper_left(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool).tril()


def opposite_polarity(queries, keys):
    return ~causal_mask(queries, keys)


def only_the_future(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries)


def transposed(queries, keys):
    return causal_mask(keys, keys).T[:queries]


def sees_everything(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool)


def only_itself(queries, keys):
    return torch.eye(keys, dtype=torch.bool)[keys - queries :]


def of_numbers(queries, keys):
    return causal_mask(queries, keys).long()


CAUSAL_CATCHES = {
    check_each_query_sees_up_to_itself: [
        one_key_too_many,
        blind_to_itself,
        upper_left,
        opposite_polarity,
        only_the_future,
        transposed,
        sees_everything,
        only_itself,
        of_numbers,
    ],
    check_is_end_of_square_mask: [upper_left, transposed],
    check_counts_of_visible_keys: [
        one_key_too_many,
        blind_to_itself,
        upper_left,
        opposite_polarity,
        sees_everything,
        only_itself,
    ],
    check_future_is_irrelevant: [
        one_key_too_many,
        opposite_polarity,
        only_the_future,
        sees_everything,
    ],
    check_past_and_present_are_read: [
        blind_to_itself,
        upper_left,
        opposite_polarity,
        only_the_future,
        only_itself,
    ],
    check_new_queries_attend_as_in_the_whole: [upper_left, transposed],
    check_agrees_with_torch_lower_right: [
        one_key_too_many,
        blind_to_itself,
        upper_left,
        opposite_polarity,
        sees_everything,
        only_itself,
    ],
    check_square_agrees_with_torch_is_causal: [
        one_key_too_many,
        blind_to_itself,
        transposed,
        only_itself,
    ],
}


@st.composite
def queries_and_keys(draw):
    keys = draw(st.integers(1, 8))
    return draw(st.integers(1, keys)), keys


test_causal_mask, test_broken_causal_mask_is_caught = proofs(
    causal_mask, CAUSAL_CATCHES, (3, 5), queries_and_keys()
)


# Padding masks


class Padded(NamedTuple):
    lengths: list[int]
    keys: int

    def draw(self, seed):
        """Return vectors with the axes batch, heads, tokens, d_head."""
        return draw(seed, len(self.lengths), 2, self.keys, 3)


@st.composite
def padded(draw):
    keys = draw(st.integers(1, 6))
    lengths = draw(st.lists(st.integers(0, keys), min_size=1, max_size=4))
    return Padded(lengths, keys)


MUTANT_PADDED = Padded(lengths=[2, 5, 3, 0], keys=5)


def check_real_tokens_are_visible(mask, padded):
    visible = mask(*padded)
    assert visible.dtype == torch.bool
    rows = [[[[j < length for j in range(padded.keys)]]] for length in padded.lengths]
    same(visible, torch.tensor(rows))


def check_padding_is_irrelevant(mask, padded):
    vectors, noise = padded.draw(seed=1), 1e6 * padded.draw(seed=2)
    changed = vectors.clone()
    for b, length in enumerate(padded.lengths):
        changed[b, :, length:] = noise[b, :, length:]
    read = functools.partial(scaled_dot_product_attention, vectors, visible=mask(*padded))
    same(read(changed, changed), read(vectors, vectors))


def check_padded_equals_cut(mask, padded):
    """A padded sequence reads what it would read alone, cut to its length."""
    vectors = padded.draw(seed=1)
    mixed, _ = scaled_dot_product_attention(vectors, vectors, vectors, visible=mask(*padded))
    for b, length in enumerate(padded.lengths):
        cut = vectors[b, :, :length]
        expected, _ = scaled_dot_product_attention(cut, cut, cut)
        same(mixed[b, :, :length], expected)


def check_empty_sequence_reads_zeros(mask, padded):
    padded = Padded([0, *padded.lengths], padded.keys)
    vectors = padded.draw(seed=1).requires_grad_()
    mixed, weights = scaled_dot_product_attention(vectors, vectors, vectors, visible=mask(*padded))
    assert (mixed[0] == 0).all()
    assert (weights[0] == 0).all()
    (gradient,) = torch.autograd.grad(mixed.sum(), vectors)
    assert gradient.isfinite().all()


def one_token_too_many(lengths, keys):
    return padding_mask([min(length + 1, keys) for length in lengths], keys)


def one_token_too_few(lengths, keys):
    return padding_mask([max(length - 1, 0) for length in lengths], keys)


def marks_the_padding(lengths, keys):
    return ~padding_mask(lengths, keys)


def pads_at_the_start(lengths, keys):
    return padding_mask(lengths, keys).flip(-1)


def cuts_all_alike(lengths, keys):
    return padding_mask([max(lengths)] * len(lengths), keys)


def hides_queries(lengths, keys):
    return padding_mask(lengths, keys).mT


def reverses_the_batch(lengths, keys):
    return padding_mask(lengths[::-1], keys)


PADDING_CATCHES = {
    check_real_tokens_are_visible: [
        one_token_too_many,
        one_token_too_few,
        marks_the_padding,
        pads_at_the_start,
        cuts_all_alike,
        hides_queries,
        reverses_the_batch,
    ],
    check_padding_is_irrelevant: [
        one_token_too_many,
        marks_the_padding,
        pads_at_the_start,
        cuts_all_alike,
        hides_queries,
        reverses_the_batch,
    ],
    check_padded_equals_cut: [
        one_token_too_many,
        one_token_too_few,
        marks_the_padding,
        pads_at_the_start,
        cuts_all_alike,
        hides_queries,
        reverses_the_batch,
    ],
    check_empty_sequence_reads_zeros: [one_token_too_many, marks_the_padding, cuts_all_alike],
}


test_padding_mask, test_broken_padding_mask_is_caught = proofs(
    padding_mask, PADDING_CATCHES, MUTANT_PADDED, padded()
)


# Both together


def check_both_conditions_hold(combine, padded):
    visible = combine(causal_mask(padded.keys, padded.keys), padding_mask(*padded))
    rows = [
        [[[j <= i and j < length for j in range(padded.keys)] for i in range(padded.keys)]]
        for length in padded.lengths
    ]
    same(visible, torch.tensor(rows))


def check_padded_equals_cut_causally(combine, padded):
    vectors = padded.draw(seed=1)
    visible = combine(causal_mask(padded.keys, padded.keys), padding_mask(*padded))
    mixed, _ = scaled_dot_product_attention(vectors, vectors, vectors, visible=visible)
    for b, length in enumerate(padded.lengths):
        cut = vectors[b, :, :length]
        expected = F.scaled_dot_product_attention(cut, cut, cut, is_causal=True)
        same(mixed[b, :, :length], expected)


def check_neither_padding_nor_future_matters(combine, padded):
    vectors = padded.draw(seed=1)
    visible = combine(causal_mask(padded.keys, padded.keys), padding_mask(*padded))
    before, _ = scaled_dot_product_attention(vectors, vectors, vectors, visible=visible)
    for now in range(padded.keys):
        changed = vectors.clone()
        changed[:, :, now + 1 :] += 1e6
        for b, length in enumerate(padded.lengths):
            changed[b, :, length:] -= 1e6
        after, _ = scaled_dot_product_attention(vectors, changed, changed, visible=visible)
        same(after[:, :, : now + 1], before[:, :, : now + 1])


def both(first, second):
    return first & second


def either(first, second):
    return first | second


def exactly_one(first, second):
    return first ^ second


def only_first(first, second):
    return first.expand(torch.broadcast_shapes(first.shape, second.shape))


def only_second(first, second):
    return second.expand(torch.broadcast_shapes(first.shape, second.shape))


COMBINED_CATCHES = {
    check_both_conditions_hold: [either, exactly_one, only_first, only_second],
    check_padded_equals_cut_causally: [either, exactly_one, only_second],
    check_neither_padding_nor_future_matters: [either, exactly_one, only_first, only_second],
}


test_combined_masks, test_broken_combination_is_caught = proofs(
    both, COMBINED_CATCHES, MUTANT_PADDED, padded()
)


def test_causal_by_hand():
    # All queries and keys are 0, so visible values are averaged evenly:
    # 3, then (3 + 6) / 2 = 4.5, then (3 + 6 + 12) / 3 = 7.
    zeros = torch.zeros(3, 1, dtype=torch.float64)
    values = torch.tensor([[3], [6], [12]], dtype=torch.float64)
    mixed, weights = scaled_dot_product_attention(zeros, zeros, values, visible=causal_mask(3, 3))
    same(mixed, torch.tensor([[3], [4.5], [7]], dtype=torch.float64))
    rows = [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]
    same(weights, torch.tensor(rows, dtype=torch.float64))


def test_padding_by_hand():
    # The same values, of which the sequences have 2 and 1: 4.5 and 3, for every query.
    zeros = torch.zeros(2, 1, 3, 1, dtype=torch.float64)
    values = torch.tensor([3, 6, 12], dtype=torch.float64)[:, None].expand(2, 1, 3, 1)
    mixed, _ = scaled_dot_product_attention(zeros, zeros, values, visible=padding_mask([2, 1], 3))
    same(mixed.squeeze(), torch.tensor([[4.5] * 3, [3] * 3], dtype=torch.float64))


def test_one_new_query_sees_all_keys():
    assert causal_mask(1, 4).tolist() == [[True, True, True, True]]


def test_torch_multi_head_attention_has_the_opposite_polarity():
    """The reason why the masks of this book are inverted before they go there."""
    layer = torch.nn.MultiheadAttention(4, 1, dtype=torch.float64)
    tokens, visible = draw(1, 3, 4), causal_mask(3, 3)
    _, weights = layer(tokens, tokens, tokens, attn_mask=~visible)
    assert (weights[~visible] == 0).all()
    assert (weights[visible] > 0).all()


def test_more_queries_than_keys_are_refused():
    with pytest.raises(ValueError, match="pass keys >= queries"):
        causal_mask(3, 2)


@pytest.mark.parametrize("length", [-1, 4])
def test_length_must_fit(length):
    with pytest.raises(ValueError, match=f"length {length} is not between 0 and keys = 3"):
        padding_mask([2, length], 3)


def test_mask_without_sequences_has_no_rows():
    assert padding_mask([], 3).shape == (0, 1, 1, 3)
