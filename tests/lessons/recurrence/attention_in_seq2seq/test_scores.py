import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, strategies as st

from lessons.recurrence import (
    ConcatScore,
    DotScore,
    GeneralScore,
    additive_scores,
    concat_scores,
    dot_scores,
    favor_center,
    general_scores,
    predicted_centers,
    read,
    window,
)
from support import few, proofs, same


class Sizes(NamedTuple):
    seed: int
    batch: int
    queries: int
    keys: int
    d_query: int
    d_key: int
    d_hidden: int

    def draw(self, *shapes):
        generator = torch.Generator().manual_seed(self.seed)
        return [torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes]

    def states(self, d_query=None):
        return self.draw(
            (self.batch, self.queries, d_query or self.d_query),
            (self.batch, self.keys, self.d_key),
        )

    def weights(self):
        both = self.d_query + self.d_key
        general, hidden, to_score = self.draw(
            (self.d_query, self.d_key), (both, self.d_hidden), (self.d_hidden,)
        )
        return general, hidden, to_score


size = st.integers(1, 4)
any_sizes = st.builds(Sizes, st.integers(0, 2**32), size, size, size, size, size, size)
MUTANT_SIZES = Sizes(seed=1, batch=2, queries=3, keys=4, d_query=5, d_key=5, d_hidden=5)


def looped(score, sizes, states, memory):
    """Score each pair of states alone, with sums of plain numbers."""
    found = torch.zeros(sizes.batch, sizes.queries, sizes.keys, dtype=torch.float64)
    for b in range(sizes.batch):
        for t in range(sizes.queries):
            for j in range(sizes.keys):
                found[b, t, j] = score(states[b, t].tolist(), memory[b, j].tolist())
    return found


def check_dot(score, sizes):
    states, memory = sizes._replace(d_query=sizes.d_key).states()
    expected = looped(
        lambda s, h: sum(a * b for a, b in zip(s, h, strict=True)), sizes, states, memory
    )
    same(score(states, memory), expected)


def check_general(score, sizes):
    states, memory = sizes.states()
    weight, _, _ = sizes.weights()
    expected = looped(
        lambda s, h: sum(
            s[a] * weight[a, b].item() * h[b] for a in range(len(s)) for b in range(len(h))
        ),
        sizes,
        states,
        memory,
    )
    same(score(states, memory, weight), expected)


def check_additive(score, sizes):
    states, memory = sizes.states()
    _, both, to_score = sizes.weights()
    to_query, to_key = both[: sizes.d_query], both[sizes.d_query :]

    def one(s, h):
        total = 0.0
        for unit in range(sizes.d_hidden):
            inner = sum(s[a] * to_query[a, unit].item() for a in range(len(s)))
            inner += sum(h[b] * to_key[b, unit].item() for b in range(len(h)))
            total += math.tanh(inner) * to_score[unit].item()
        return total

    same(score(states, memory, to_query, to_key, to_score), looped(one, sizes, states, memory))


def scaled(states, memory):
    return dot_scores(states, memory) / states.shape[-1] ** 0.5


def general_with_identity(states, memory, weight):
    return dot_scores(states, memory)


def general_with_transposed(states, memory, weight):
    return general_scores(states, memory, weight.T)


def additive_without_tanh(states, memory, to_query, to_key, to_score):
    return (states @ to_query @ to_score)[..., :, None] + (memory @ to_key @ to_score)[..., None, :]


def additive_swapped(states, memory, to_query, to_key, to_score):
    return additive_scores(states, memory, to_key, to_query, to_score)


def tanh_of_the_score(states, memory, to_query, to_key, to_score):
    return torch.tanh(additive_without_tanh(states, memory, to_query, to_key, to_score))


CATCHES = {
    check_dot: [scaled],
    check_general: [general_with_identity, general_with_transposed],
    check_additive: [additive_without_tanh, additive_swapped, tanh_of_the_score],
}
REAL = {check_dot: dot_scores, check_general: general_scores, check_additive: additive_scores}


test_scores, test_broken_scores_are_caught = proofs(REAL, CATCHES, MUTANT_SIZES, any_sizes)


@few
@given(sizes=any_sizes)
def test_concat_is_additive_with_its_matrices_stacked(sizes):
    states, memory = sizes.states()
    _, both, to_score = sizes.weights()
    to_query, to_key = both[: sizes.d_query], both[sizes.d_query :]
    expected = additive_scores(states, memory, to_query, to_key, to_score)
    same(concat_scores(states, memory, both, to_score), expected)
    if sizes.d_query == sizes.d_key and not to_query.equal(to_key):
        stacked_wrongly = torch.cat([to_key, to_query])
        wrong = concat_scores(states, memory, stacked_wrongly, to_score)
        assert not torch.allclose(wrong, expected, rtol=0, atol=1e-12)


def test_general_with_the_identity_is_dot():
    states, memory = MUTANT_SIZES.states()
    same(
        general_scores(states, memory, torch.eye(5, dtype=torch.float64)),
        dot_scores(states, memory),
    )


def test_the_modules_use_the_functions():
    states, memory = MUTANT_SIZES.states()
    general, concat = GeneralScore(5).double(), ConcatScore(5).double()
    same(DotScore(5)(states, memory), dot_scores(states, memory))
    same(general(states, memory), general_scores(states, memory, general.weight))
    same(concat(states, memory), concat_scores(states, memory, concat.weight, concat.to_score))
    counted = [sum(p.numel() for p in m.parameters()) for m in (DotScore(5), general, concat)]
    assert counted == [0, 25, 55]


def test_gradients():
    sizes = Sizes(seed=0, batch=1, queries=2, keys=3, d_query=2, d_key=2, d_hidden=2)
    states, memory = (x.requires_grad_() for x in sizes.states())
    general, both, to_score = (x.requires_grad_() for x in sizes.weights())
    visible = torch.tensor([True, True, False])
    assert torch.autograd.gradcheck(dot_scores, (states, memory))
    assert torch.autograd.gradcheck(general_scores, (states, memory, general))
    assert torch.autograd.gradcheck(concat_scores, (states, memory, both, to_score))
    additive = (states, memory, both[:2], both[2:], to_score)
    assert torch.autograd.gradcheck(additive_scores, additive)
    assert torch.autograd.gradcheck(
        lambda s, m: read(dot_scores(s, m), m, visible), (states, memory)
    )
    lengths = torch.tensor([3.0], dtype=torch.float64)

    def local(states, memory, general, both, to_score):
        centers = predicted_centers(states, lengths, both[:2], to_score)
        _, weights = read(general_scores(states, memory, general), memory, visible)
        return favor_center(weights, centers, 2)

    assert torch.autograd.gradcheck(local, (states, memory, general, both, to_score))


def test_the_chapters_three_words():
    """The state (1, 0) asks (2, 0), (0, 2), (1, 1); e² = 7.39, e = 2.72, tanh 1 = 0.76."""
    state = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    memory = torch.tensor([[2.0, 0], [0, 2], [1, 1]], dtype=torch.float64)
    seen = torch.ones(3, dtype=torch.bool)
    same(dot_scores(state, memory)[0].tolist(), [2.0, 0.0, 1.0])
    context, weights = read(dot_scores(state, memory), memory, seen)
    whole = math.e**2 + 1 + math.e
    same(weights[0].tolist(), [math.e**2 / whole, 1 / whole, math.e / whole])
    same(context[0, 0].item(), (2 * math.e**2 + math.e) / whole)
    turned = torch.tensor([[0.0, 1], [1, 0]], dtype=torch.float64)
    same(general_scores(state, memory, turned)[0].tolist(), [0.0, 2.0, 1.0])
    eye, ones = torch.eye(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64)
    expected = [math.tanh(3), math.tanh(1) + math.tanh(2), math.tanh(2) + math.tanh(1)]
    same(additive_scores(state, memory, eye, eye, ones)[0].tolist(), expected)


def check_reads_what_is_visible(read, sizes):
    """For each query: a softmax over the visible keys alone, by a loop."""
    (scores, memory) = sizes.draw(
        (sizes.batch, sizes.queries, sizes.keys), (sizes.batch, sizes.keys, sizes.d_key)
    )
    visible = torch.rand(scores.shape, generator=torch.Generator().manual_seed(sizes.seed)) < 0.6
    visible[0, 0] = False
    context, weights = read(scores, memory, visible)
    for b in range(sizes.batch):
        for t in range(sizes.queries):
            seen = visible[b, t]
            powers = [math.exp(e) for e in scores[b, t][seen].tolist()]
            expected = torch.zeros(sizes.keys, dtype=torch.float64)
            expected[seen] = torch.tensor([p / sum(powers) for p in powers], dtype=torch.float64)
            same(weights[b, t], expected)
            same(context[b, t], (expected[:, None] * memory[b]).sum(dim=0))


def softmax_then_mask(scores, memory, visible):
    weights = scores.softmax(dim=-1) * visible
    return weights @ memory, weights


def ignores_the_mask(scores, memory, visible):
    return read(scores, memory, torch.ones_like(visible))


def inverts_the_mask(scores, memory, visible):
    return read(scores, memory, ~visible)


def softmax_over_queries(scores, memory, visible):
    weights = scores.masked_fill(~visible, -math.inf).softmax(dim=-2).nan_to_num()
    return weights @ memory, weights


def hides_with_a_number(scores, memory, visible):
    weights = scores.masked_fill(~visible, -1e9).softmax(dim=-1)
    return weights @ memory, weights


READING = {
    check_reads_what_is_visible: [
        softmax_then_mask,
        ignores_the_mask,
        inverts_the_mask,
        softmax_over_queries,
        hides_with_a_number,
    ]
}


test_reading, test_broken_reading_is_caught = proofs(read, READING, MUTANT_SIZES, any_sizes)


def test_a_mask_may_not_widen_the_scores():
    with pytest.raises(ValueError, match="broadcasts to the scores"):
        read(torch.zeros(2, 3), torch.zeros(3, 1), torch.ones(4, 2, 3, dtype=torch.bool))


@few
@given(
    center=st.floats(-1, 8, allow_nan=False, width=32),
    keys=st.integers(1, 8),
    radius=st.integers(1, 4),
)
def test_local_attention_by_its_formulas(center, keys, radius):
    centers = torch.tensor([center], dtype=torch.float64)
    seen = [abs(j - center) <= radius for j in range(keys)]
    assert window(centers, keys, radius)[0].tolist() == seen
    weights = torch.full((1, keys), 1 / keys, dtype=torch.float64)
    expected = [
        math.exp(-((j - center) ** 2) / (2 * (radius / 2) ** 2)) / keys for j in range(keys)
    ]
    same(favor_center(weights, centers, radius)[0].tolist(), expected)
    assert favor_center(weights, centers, radius).sum() < 1 + 1e-12


def test_centers_lie_in_the_sentence():
    """By hand: tanh 1 = 0.7616 and its double into a sigmoid."""
    eye, ones = torch.eye(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64)
    states = torch.tensor([[[1.0, 1.0], [-1, -1]]] * 2, dtype=torch.float64)
    centers = predicted_centers(states, torch.tensor([6.0, 3.0], dtype=torch.float64), eye, ones)
    share = 1 / (1 + math.exp(-2 * math.tanh(1)))
    same(centers.tolist(), [[6 * share, 6 * (1 - share)], [3 * share, 3 * (1 - share)]])


def test_the_window_gives_the_center_no_gradient_and_the_gaussian_does():
    centers = torch.tensor([1.4], requires_grad=True)
    weights = torch.full((1, 4), 0.25)
    assert not window(centers, 4, 1).requires_grad
    (favor_center(weights, centers, 2)[0, 0]).backward()
    assert centers.grad.abs() > 0.01
