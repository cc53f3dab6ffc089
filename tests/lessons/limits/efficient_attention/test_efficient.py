"""Online softmax, tiled attention, patterns, linear attention: exact where they say so."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from torch.utils.flop_counter import FlopCounterMode

from lessons.attention import causal_mask, scaled_dot_product_attention, score_bytes, score_flops
from lessons.limits import (
    Partial,
    finished,
    flash_attention,
    linear_attention,
    linear_recurrence,
    merge,
    most_bytes,
    nothing_read,
    pairs_compared,
    pattern,
    positive_features,
    reach,
    read_block,
    rows_that_fit,
    sees_all,
    sees_past,
    sees_stripes,
    sees_window,
    sees_window_and_first,
    state_numbers,
    table_traffic,
    tile_traffic,
    tiled_attention,
    tiled_gradients,
)
from support import few, proofs, same

sizes = st.integers(1, 7)
RULES = {
    "all": sees_all,
    "past": sees_past,
    "window": sees_window(3),
    "stripes": sees_stripes(2),
    "window and first": sees_window_and_first(2, first=1),
}


def random(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- the online softmax


def test_the_chapter_s_three_numbers():
    """Scores 0, 1, 2 with values (0, 1), (1, 1), (1, 0), one after the other."""
    state = nothing_read(torch.zeros(3, 2).double(), queries=1)
    by_hand = [(0, 1, (0, 1)), (1, 1.3679, (1, 1.3679)), (2, 1.5032, (1.3679, 0.5032))]
    for score, value, expected in zip(
        (0.0, 1.0, 2.0), ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0)), by_hand, strict=True
    ):
        block = read_block(torch.tensor([[score]]).double(), torch.tensor([value]).double())
        state = merge(state, block)
        assert state.largest.item() == expected[0]
        assert state.total.item() == pytest.approx(expected[1], abs=1e-4)
        assert state.mixed[0].tolist() == pytest.approx(expected[2], abs=1e-4)
    mixed, _ = finished(state)
    assert mixed[0].tolist() == pytest.approx([0.91, 0.335], abs=5e-3)


def check_blocks_in_any_order(join, scores, value, cuts, order):
    """Blocks of keys, merged in any order, give the softmax over all."""
    blocks = [
        read_block(some, part)
        for some, part in zip(scores.split(cuts, -1), value.split(cuts, 0), strict=True)
    ]
    state = blocks[order[0]]
    for index in order[1:]:
        state = join(state, blocks[index])
    mixed, denominator = finished(state)
    same(mixed, torch.softmax(scores, dim=-1) @ value)
    same(denominator, torch.logsumexp(scores, dim=-1))


@few
@given(data=st.data(), queries=sizes, scale=st.sampled_from([1.0, 30.0]))
def test_blocks_in_any_order_give_the_softmax(data, queries, scale):
    cuts = data.draw(st.lists(sizes, min_size=1, max_size=4))
    order = data.draw(st.permutations(range(len(cuts))))
    scores, value = random(queries, sum(cuts)) * scale, random(sum(cuts), 3, seed=1)
    check_blocks_in_any_order(merge, scores, value, cuts, order)


def without_correction(first, second):
    return Partial(
        torch.maximum(first.largest, second.largest),
        first.total + second.total,
        first.mixed + second.mixed,
    )


def corrects_one_side(first, second):
    largest = torch.maximum(first.largest, second.largest)
    keep = (first.largest - largest).exp()
    return Partial(
        largest, keep * first.total + second.total, keep[:, None] * first.mixed + second.mixed
    )


def forgets_the_mixture(first, second):
    whole = merge(first, second)
    return whole._replace(mixed=first.mixed + second.mixed)


@pytest.mark.parametrize("join", [without_correction, corrects_one_side, forgets_the_mixture])
def test_a_wrong_merge_is_caught(join):
    scores, value = random(2, 5) * 3, random(5, 3, seed=1)
    with pytest.raises(AssertionError):
        for order in ([0, 1], [1, 0]):
            check_blocks_in_any_order(join, scores, value, [2, 3], order)


def test_hidden_blocks_change_nothing_and_nothing_seen_reads_zeros():
    scores, value = random(2, 3), random(3, 4, seed=1)
    seen, hidden = torch.ones(2, 3).bool(), torch.zeros(2, 3).bool()
    once = read_block(scores, value, seen)
    for both in (
        merge(once, read_block(scores, value, hidden)),
        merge(read_block(scores, value, hidden), once),
        merge(nothing_read(value, 2), once),
    ):
        for part, expected in zip(both, once, strict=True):
            same(part, expected)
    mixed, denominator = finished(read_block(scores, value, hidden))
    assert (mixed == 0).all() and (denominator == -math.inf).all()


def test_large_scores_do_not_overflow():
    scores = torch.tensor([[1000.0, 1001.0]], dtype=torch.float64)
    mixed, denominator = finished(read_block(scores, torch.eye(2).double()))
    same(mixed, torch.softmax(scores, dim=-1))
    assert denominator.isfinite().all()


# ---------------------------------------------------------------- tiled attention


def check_exact(attend, queries, keys, rows, columns, sees, seed=0):
    """The result is that of plain attention with the same mask, and of torch's."""
    query, key = random(2, queries, 5, seed=seed), random(2, keys, 5, seed=seed + 1)
    value = random(2, keys, 4, seed=seed + 2)
    mixed, denominator = attend(query, key, value, rows=rows, columns=columns, sees=sees)
    visible = sees(torch.arange(keys - queries, keys), torch.arange(keys))
    expected, _ = scaled_dot_product_attention(query, key, value, visible=visible)
    same(mixed, expected)
    same(mixed, F.scaled_dot_product_attention(query, key, value, attn_mask=visible))
    scores = (query @ key.mT / 5**0.5).masked_fill(~visible, -math.inf)
    same(denominator, scores.logsumexp(dim=-1))


@few
@given(
    queries=sizes,
    more=st.integers(0, 4),
    rows=sizes,
    columns=sizes,
    rule=st.sampled_from(sorted(RULES)),
)
def test_tiled_attention_is_exact(queries, more, rows, columns, rule):
    check_exact(tiled_attention, queries, queries + more, rows, columns, RULES[rule])


def drops_the_last_tile(query, key, value, *, rows, columns, sees):
    cut = (key.shape[-2] - 1) // columns * columns or 1
    start = key.shape[-2] - query.shape[-2]
    return tiled_attention(
        query, key[:, :cut], value[:, :cut], rows=rows, columns=columns,
        sees=lambda q, k: sees(q + start - cut + query.shape[-2], k),
    )  # fmt: skip


def without_scale(query, key, value, **tile):
    return tiled_attention(query * 5**0.5, key, value, **tile)


def with_the_mask_of_the_upper_left(query, key, value, *, rows, columns, sees):
    ahead = key.shape[-2] - query.shape[-2]
    return tiled_attention(
        query, key, value, rows=rows, columns=columns, sees=lambda q, k: sees(q - ahead, k)
    )


CATCHES = {check_exact: [drops_the_last_tile, without_scale, with_the_mask_of_the_upper_left]}


test_tiling, test_a_wrong_tiling_is_caught = proofs(
    tiled_attention, CATCHES, (5, 7, 2, 3, sees_past)
)


@pytest.mark.parametrize("tile", [{"rows": 0}, {"columns": 0}])
def test_an_empty_tile_is_refused(tile):
    with pytest.raises(ValueError, match="pass at least 1 × 1"):
        tiled_attention(random(2, 2), random(2, 2), random(2, 2), **tile)


@few
@given(
    queries=sizes,
    more=st.integers(0, 3),
    rows=sizes,
    columns=sizes,
    rule=st.sampled_from(sorted(RULES)),
)
def test_the_tiled_gradients_are_autograd_s(queries, more, rows, columns, rule):
    keys, sees = queries + more, RULES[rule]
    parts = [random(2, n, 3, seed=n).requires_grad_() for n in (queries, keys, keys)]
    visible = sees(torch.arange(more, keys), torch.arange(keys))
    weight = random(2, queries, 3, seed=9)
    plain, _ = scaled_dot_product_attention(*parts, visible=visible)
    expected = torch.autograd.grad((plain * weight).sum(), parts)
    tiled = flash_attention(*parts, rows=rows, columns=columns, sees=sees)
    for found, wanted in zip(
        torch.autograd.grad((tiled * weight).sum(), parts), expected, strict=True
    ):
        same(found, wanted)


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize(("queries", "keys"), [(0, 3), (3, 0), (0, 0)])
def test_no_query_or_no_key_gives_gradients_of_zero(queries, keys, rule):
    parts = [random(2, n, 3).requires_grad_() for n in (queries, keys, keys)]
    read = flash_attention(*parts, rows=2, columns=2, sees=RULES[rule])
    assert read.shape == (2, queries, 3) and not read.any()
    for part, gradient in zip(parts, torch.autograd.grad(read.sum(), parts), strict=True):
        assert gradient.shape == part.shape and not gradient.any()


def test_gradcheck():
    parts = [random(1, n, 2, seed=n).requires_grad_() for n in (3, 4, 4)]
    assert torch.autograd.gradcheck(
        lambda q, k, v: flash_attention(q, k, v, rows=2, columns=3, sees=sees_past), parts
    )


def test_a_wrong_gradient_is_caught():
    """Without the correction by the row's own sum, gradcheck fails."""
    query, key, value, weight = (random(1, 3, 2, seed=n) for n in range(4))
    mixed, denominator = tiled_attention(query, key, value)
    right = tiled_gradients(query, key, value, mixed, denominator, weight)
    wrong = tiled_gradients(query, key, value, 0 * mixed, denominator, weight)
    assert not torch.allclose(right[0], wrong[0]) and torch.allclose(right[2], wrong[2])


# ---------------------------------------------------------------- memory, operations, traffic


def plain(x):
    return scaled_dot_product_attention(x, x, x)[0]


def tiled(x):
    return tiled_attention(x, x, x)[0]


def test_plain_memory_is_quadratic_and_tiled_memory_is_linear():
    lengths = (256, 512, 1024)
    by_plain, by_tiled = (
        [most_bytes(attend, torch.ones(1, n, 64)) for n in lengths] for attend in (plain, tiled)
    )
    for shorter, longer in itertools.pairwise(by_plain):
        assert 3.6 < longer / shorter < 4.1
    for shorter, longer in itertools.pairwise(by_tiled):
        assert longer / shorter < 2.1
    assert by_plain[-1] >= 2 * score_bytes(1024, 1024) > 10 * by_tiled[-1]


def test_the_backward_pass_is_linear_too():
    def of(attend, n):
        x = torch.ones(1, n, 64, requires_grad=True)
        return most_bytes(lambda x: attend(x).sum().backward(), x)

    assert of(plain, 1024) / of(plain, 512) > 3.6
    assert of(lambda x: flash_attention(x, x, x), 1024) < 2.1 * of(
        lambda x: flash_attention(x, x, x), 512
    )


@pytest.mark.parametrize("attend", [plain, tiled])
def test_the_operations_are_the_same(attend):
    with FlopCounterMode(display=False) as counter:
        attend(torch.ones(1, 200, 16))
    assert counter.get_total_flops() == score_flops(200, 200, 16)


def test_a_window_saves_operations_by_whole_tiles():
    counted = []
    for sees in (sees_all, sees_past, sees_window(16)):
        with FlopCounterMode(display=False) as counter:
            x = torch.ones(1, 128, 8)
            tiled_attention(x, x, x, rows=16, columns=16, sees=sees)
        counted.append(counter.get_total_flops())
    tile = score_flops(16, 16, 8)
    assert counted == [64 * tile, 36 * tile, 15 * tile]


def test_held_bytes_are_counted_and_released():
    x = torch.ones(100)
    assert most_bytes(lambda x: x + 1, x) == 400
    assert most_bytes(lambda x: (x + 1) + 1, x) == 800
    assert most_bytes(lambda x: ((x + 1) + 1) + 1, x) == 800
    assert most_bytes(lambda x: [x + n for n in range(5)], x) == 2000
    assert most_bytes(lambda x: x.view(10, 10).T, x) == 0
    assert most_bytes(lambda x: x.add_(1), x) == 0


def test_traffic_counts_what_a_loop_moves():
    for n, d, rows in itertools.product((5, 12), (2, 3), (1, 4, 12, 20)):
        moved = 0
        for start in range(0, n, rows):
            block = min(rows, n - start)
            moved += block * d  # queries
            moved += sum(2 * d for _ in range(n))  # keys and values
            moved += block * d + block  # results, and one number for the backward pass
        assert tile_traffic(n, d, rows=rows) == moved
        scores = (n * d + n * d) + n * n
        softmax, mix = n * n + n * n, (n * n + n * d) + n * d
        assert table_traffic(n, d) == scores + softmax + mix


def test_the_tile_fits_and_the_next_larger_does_not():
    for numbers, d in itertools.product((600, 5000, 50_000), (8, 64)):
        rows = rows_that_fit(numbers, d)
        assert 4 * rows * d + rows**2 <= numbers < 4 * (rows + 1) * d + (rows + 1) ** 2
    with pytest.raises(ValueError, match="pass more"):
        rows_that_fit(10, 64)
    with pytest.raises(ValueError, match="at least 1"):
        tile_traffic(4, 4, rows=0)


# ---------------------------------------------------------------- patterns


@few
@given(tokens=st.integers(1, 9), width=st.integers(1, 4))
def test_patterns_by_hand(tokens, width):
    for i, j in itertools.product(range(tokens), repeat=2):
        assert pattern(sees_window(width), tokens)[i, j] == (0 <= i - j < width)
        assert pattern(sees_stripes(width), tokens)[i, j] == (i >= j and (i - j) % width == 0)
        both = pattern(sees_window_and_first(width, 2), tokens)[i, j]
        assert both == (i >= j and (i - j < width or j < 2))
    assert torch.equal(pattern(sees_past, tokens), causal_mask(tokens, tokens))
    assert pairs_compared(pattern(sees_past, tokens)) == tokens * (tokens + 1) // 2
    near = min(width, tokens)
    counted = pairs_compared(pattern(sees_window(width), tokens))
    assert counted == near * (near + 1) // 2 + (tokens - near) * near


def test_a_window_of_no_width_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        sees_window(0)


@few
@given(layers=st.integers(0, 4), rule=st.sampled_from(sorted(RULES)))
def test_reach_is_what_a_stack_of_layers_carries(layers, rule):
    """Change one token, and see which others move, through layers that mix all they see."""
    visible = pattern(RULES[rule], 8)
    start = random(8, 3).abs() + 1
    for place in range(8):
        changed = start.clone()
        changed[place] += 1
        both = [start, changed]
        for _ in range(layers):
            both = [x + visible.double() @ x for x in both]
        moved = (both[1] - both[0]).abs().amax(dim=-1) > 1e-9
        assert torch.equal(moved, reach(visible, layers)[:, place])


def test_a_window_reaches_further_by_its_width_with_each_layer():
    for layers in (1, 2, 3, 5):
        reached = reach(pattern(sees_window(4), 40), layers)[-1].sum()
        assert reached == 1 + layers * 3


# ---------------------------------------------------------------- linear attention


def check_two_forms(recurrence, tokens, d_head, d_value):
    query, key = random(2, tokens, d_head), random(2, tokens, d_head, seed=1)
    value = random(2, tokens, d_value, seed=2)
    features = positive_features(query) @ positive_features(key).mT
    weights = features.masked_fill(~causal_mask(tokens, tokens), 0.0)
    expected = weights / weights.sum(dim=-1, keepdim=True) @ value
    same(linear_attention(query, key, value), expected)
    same(recurrence(query, key, value), expected)


@few
@given(tokens=sizes, d_head=sizes, d_value=sizes)
def test_the_two_forms_of_linear_attention_are_equal(tokens, d_head, d_value):
    check_two_forms(linear_recurrence, tokens, d_head, d_value)


def forgets_the_denominator(query, key, value):
    ones = torch.ones_like(value)
    scale = (positive_features(query) * positive_features(key).cumsum(-2)).sum(-1, keepdim=True)
    return linear_recurrence(query, key, value) * scale * ones


def reads_before_writing(query, key, value):
    return linear_recurrence(query, key, value).roll(1, dims=-2)


def forgets_the_features(query, key, value):
    return linear_recurrence(query - 1, key, value)


@pytest.mark.parametrize(
    "mutant", [forgets_the_denominator, reads_before_writing, forgets_the_features]
)
def test_a_wrong_recurrence_is_caught(mutant):
    with pytest.raises(AssertionError):
        check_two_forms(mutant, 4, 3, 2)


def test_features_are_positive_and_bend_at_zero():
    x = torch.tensor([-20.0, -1.0, 0.0, 3.0], dtype=torch.float64)
    by_hand = torch.tensor([math.exp(-20), math.exp(-1), 1.0, 4.0], dtype=torch.float64)
    same(positive_features(x), by_hand)
    assert state_numbers(3, 5) == 3 * 5 + 3


def test_a_second_gradient_is_refused():
    """It would treat the denominators as constants, and be wrong."""
    x = torch.randn(3, 4, requires_grad=True)
    with pytest.raises(ValueError, match="no gradient of its own"):
        torch.autograd.grad(flash_attention(x, x, x).sin().sum(), x, create_graph=True)
