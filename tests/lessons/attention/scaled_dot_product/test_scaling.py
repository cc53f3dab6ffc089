import functools
import math
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from lessons.attention.scaled_dot_product.scaling import (
    entropy,
    follow_gradient,
    random_scores,
    softmax_gradient,
)
from support import proofs, same


class Sizes(NamedTuple):
    seed: int
    queries: int
    keys: int

    @property
    def generator(self):
        return torch.Generator().manual_seed(self.seed)

    def draw(self):
        shape = self.queries, self.keys
        return 2 * torch.randn(shape, generator=self.generator, dtype=torch.float64)


any_sizes = st.builds(Sizes, st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 6))
MUTANT_SIZES = Sizes(seed=0, queries=4, keys=4)


# Random scores. The seeds are fixed, so these tests either pass always or never; the bounds
# are five standard deviations wide, so a right implementation misses one with p < 1e-6.

WIDTHS = (1, 4, 64)


def draw_scores(scores, d_head, *, scaled, queries=2000, keys=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return scores(d_head, queries=queries, keys=keys, scaled=scaled, generator=generator)


def check_variance(scores):
    """Variance d_head without the scale, and 1 with it.

    Given its query q, a score is normal with mean 0 and variance r = |q|², a sum of d_head
    squares with mean d_head and variance 2 d_head. The square of a score thus has mean
    d_head. Squares of one row share r: the variance of their mean is
    Var(r) + E[2 r²] / keys = 2 d_head + 2 (d_head² + 2 d_head) / keys.
    """
    queries, keys = 2000, 16
    for d_head in WIDTHS:
        row_variance = 2 * d_head + 2 * (d_head**2 + 2 * d_head) / keys
        deviation = math.sqrt(row_variance / queries) / d_head
        for scaled, expected in ((False, d_head), (True, 1)):
            found = draw_scores(scores, d_head, scaled=scaled, queries=queries, keys=keys)
            ratio = float(found.square().mean()) / expected
            assert abs(ratio - 1) < 5 * deviation


def check_mean_is_zero(scores):
    """The mean of all scores has variance d_head / (queries · keys)."""
    queries, keys = 2000, 16
    for d_head in WIDTHS:
        found = draw_scores(scores, d_head, scaled=False, queries=queries, keys=keys)
        assert abs(float(found.mean())) < 5 * math.sqrt(d_head / (queries * keys))


def check_scale_is_root_of_d_head(scores):
    for d_head in WIDTHS:
        raw = draw_scores(scores, d_head, scaled=False)
        same(draw_scores(scores, d_head, scaled=True), raw / d_head**0.5)


def check_rows_are_independent(scores):
    """Where d_head = 1, two scores of a row are q k₁ and q k₂, of equal sign where k₁, k₂ are.

    With keys of their own, half of the rows have equal signs, give or take 1/(2 √queries);
    with keys that all the queries share, all rows have or none has.
    """
    queries = 2000
    found = draw_scores(scores, 1, scaled=False, queries=queries, keys=2)
    equal = float((found[:, 0].sign() == found[:, 1].sign()).double().mean())
    assert abs(equal - 1 / 2) < 5 / (2 * math.sqrt(queries))


def check_a_row_has_one_query(scores):
    """Where d_head = 1, the squares of a row's scores share the factor q², so they correlate.

    Their correlation is Cov(q² k₁², q² k₂²) / Var(q² k²) = (3 − 1) / (9 − 1) = 1/4, far
    from the 0 of independent scores, whose estimate deviates by 1/√rows, some 0.007.
    """
    found = draw_scores(scores, 1, scaled=False, queries=20_000, keys=2).square()
    assert float(torch.corrcoef(found.T)[0, 1]) > 5 / math.sqrt(20_000)


def check_chance_comes_from_the_generator(scores):
    before = torch.get_rng_state()
    first = draw_scores(scores, 4, scaled=True, seed=1)
    same(draw_scores(scores, 4, scaled=True, seed=1), first, atol=0)
    assert (draw_scores(scores, 4, scaled=True, seed=2) != first).any()
    same(torch.get_rng_state(), before, atol=0)


def check_scale_keeps_the_softmax_alive(scores):
    """The claim that the module is about, at a width that real models have.

    Unscaled, nearly all the weight goes to one or two keys; scaled, to many of the 16.
    """
    raw, scaled = (draw_scores(scores, 128, scaled=scaled, queries=500) for scaled in (False, True))
    assert softmax_gradient(raw).mean() < softmax_gradient(scaled).mean() / 2
    assert entropy(raw.softmax(dim=-1)).mean() < math.log(2)
    assert entropy(scaled.softmax(dim=-1)).mean() > math.log(8)


def never_scales(d_head, *, queries, keys, scaled, generator):
    return random_scores(d_head, queries=queries, keys=keys, scaled=False, generator=generator)


def always_scales(d_head, *, queries, keys, scaled, generator):
    return random_scores(d_head, queries=queries, keys=keys, scaled=True, generator=generator)


def scales_by_d_head(d_head, *, queries, keys, scaled, generator):
    raw = random_scores(d_head, queries=queries, keys=keys, scaled=False, generator=generator)
    return raw / d_head if scaled else raw


def inverts_the_choice(d_head, *, queries, keys, scaled, generator):
    return random_scores(d_head, queries=queries, keys=keys, scaled=not scaled, generator=generator)


def draws_uniformly(d_head, *, queries, keys, scaled, generator):
    query = torch.rand(queries, 1, d_head, generator=generator, dtype=torch.float64)
    key = torch.rand(queries, keys, d_head, generator=generator, dtype=torch.float64)
    return (query * key).sum(dim=-1) / (math.sqrt(d_head) if scaled else 1)


def shares_the_keys(d_head, *, queries, keys, scaled, generator):
    query = torch.randn(queries, d_head, generator=generator, dtype=torch.float64)
    key = torch.randn(keys, d_head, generator=generator, dtype=torch.float64)
    return query @ key.T / (math.sqrt(d_head) if scaled else 1)


def draws_a_query_for_each_key(d_head, *, queries, keys, scaled, generator):
    shape = queries, keys, d_head
    query = torch.randn(shape, generator=generator, dtype=torch.float64)
    key = torch.randn(shape, generator=generator, dtype=torch.float64)
    return (query * key).sum(dim=-1) / (math.sqrt(d_head) if scaled else 1)


def ignores_the_generator(d_head, *, queries, keys, scaled, generator):
    generator = torch.Generator().manual_seed(0)
    return random_scores(d_head, queries=queries, keys=keys, scaled=scaled, generator=generator)


def advances_global_chance(d_head, *, queries, keys, scaled, generator):
    torch.rand(1)
    return random_scores(d_head, queries=queries, keys=keys, scaled=scaled, generator=generator)


SCORES_CATCHES = {
    check_variance: [
        never_scales,
        always_scales,
        scales_by_d_head,
        inverts_the_choice,
        draws_uniformly,
    ],
    check_mean_is_zero: [draws_uniformly],
    check_scale_is_root_of_d_head: [
        never_scales,
        always_scales,
        scales_by_d_head,
        inverts_the_choice,
    ],
    check_rows_are_independent: [shares_the_keys, draws_uniformly],
    check_a_row_has_one_query: [draws_a_query_for_each_key],
    check_chance_comes_from_the_generator: [ignores_the_generator, advances_global_chance],
    check_scale_keeps_the_softmax_alive: [
        never_scales,
        always_scales,
        inverts_the_choice,
        draws_uniformly,
    ],
}


test_random_scores, test_broken_scores_are_caught = proofs(random_scores, SCORES_CATCHES)


def test_scores_have_the_asked_for_shape():
    assert draw_scores(random_scores, 2, scaled=True, queries=3, keys=5).shape == (3, 5)


def test_chance_must_be_given():
    with pytest.raises(TypeError, match="generator"):
        random_scores(2, scaled=True)


# The softmax's gradient


def check_norm_agrees_with_autograd(gradient, sizes):
    scores = sizes.draw()
    softmax = functools.partial(F.softmax, dim=-1)
    jacobians = [torch.autograd.functional.jacobian(softmax, row) for row in scores]
    expected = torch.stack([jacobian.square().sum().sqrt() for jacobian in jacobians])
    same(gradient(scores), expected)


def check_norm_ignores_a_shift(gradient, sizes):
    """So does the softmax: only differences of scores count."""
    scores = sizes.draw()
    same(gradient(scores + 10), gradient(scores))


def check_norm_ignores_order(gradient, sizes):
    scores = sizes.draw()
    same(gradient(scores.roll(1, dims=-1)), gradient(scores))


def check_each_row_counts_alone(gradient, sizes):
    scores = sizes.draw()
    same(gradient(scores), torch.cat([gradient(row[None]) for row in scores]))


def check_saturated_softmax_has_no_gradient(gradient, sizes):
    """With one score 50 above the rest, every derivative is at most e^-50 times the keys."""
    scores = sizes.draw()
    scores[:, 0] = scores.max(dim=-1).values + 50
    same(gradient(scores), torch.zeros(sizes.queries, dtype=torch.float64))


def check_equal_scores_have_the_known_norm(gradient, sizes):
    """With n equal weights the Jacobian is (1/n)(I − 1/n): its norm is √(n − 1) / n."""
    n = sizes.keys
    found = gradient(torch.zeros(sizes.queries, n, dtype=torch.float64))
    same(found, torch.full_like(found, math.sqrt(n - 1) / n))


def norm_from(measure):
    """Make a norm from a broken way to measure (weights, Jacobian)."""

    def gradient(scores):
        weights = torch.softmax(scores, dim=-1)
        products = weights[:, :, None] * weights[:, None, :]
        return measure(weights, torch.diag_embed(weights) - products)

    gradient.__name__ = measure.__name__
    return gradient


@norm_from
def diagonal_only(weights, jacobian):
    return (weights * (1 - weights)).square().sum(dim=-1).sqrt()


@norm_from
def forgets_the_diagonal(weights, jacobian):
    return torch.linalg.matrix_norm(weights[:, :, None] * weights[:, None, :])


@norm_from
def forgets_the_products(weights, jacobian):
    return torch.linalg.vector_norm(weights, dim=-1)


@norm_from
def squared(weights, jacobian):
    return jacobian.square().sum(dim=(-2, -1))


@norm_from
def largest_singular_value(weights, jacobian):
    return torch.linalg.matrix_norm(jacobian, ord=2)


@norm_from
def sum_of_sizes(weights, jacobian):
    return jacobian.abs().sum(dim=(-2, -1))


@norm_from
def first_row_only(weights, jacobian):
    return torch.linalg.vector_norm(jacobian[:, 0], dim=-1)


@norm_from
def over_all_rows(weights, jacobian):
    return torch.linalg.vector_norm(jacobian).expand(len(jacobian))


def without_softmax(scores):
    products = scores[:, :, None] * scores[:, None, :]
    return torch.linalg.matrix_norm(torch.diag_embed(scores) - products)


def over_queries(scores):
    return softmax_gradient(scores.T)


GRADIENT_CATCHES = {
    check_norm_agrees_with_autograd: [
        diagonal_only,
        forgets_the_diagonal,
        forgets_the_products,
        squared,
        largest_singular_value,
        sum_of_sizes,
        first_row_only,
        over_all_rows,
        without_softmax,
        over_queries,
    ],
    check_norm_ignores_a_shift: [without_softmax],
    check_norm_ignores_order: [first_row_only, over_queries],
    check_each_row_counts_alone: [over_all_rows, over_queries],
    check_saturated_softmax_has_no_gradient: [
        forgets_the_diagonal,
        forgets_the_products,
        without_softmax,
    ],
    check_equal_scores_have_the_known_norm: [
        diagonal_only,
        forgets_the_diagonal,
        forgets_the_products,
        squared,
        largest_singular_value,
        sum_of_sizes,
        first_row_only,
        over_all_rows,
        without_softmax,
    ],
}


test_softmax_gradient, test_broken_gradient_is_caught = proofs(
    softmax_gradient, GRADIENT_CATCHES, MUTANT_SIZES, any_sizes
)


def test_gradient_by_hand():
    # Scores 0 and ln 3 give the weights 1/4 and 3/4. All four derivatives are
    # ± 1/4 · 3/4 = ± 3/16, so the norm is √(4 · (3/16)²) = 3/8.
    scores = torch.tensor([[0, math.log(3)]], dtype=torch.float64)
    same(softmax_gradient(scores), torch.tensor([3 / 8], dtype=torch.float64))


def test_gradient_wants_rows():
    with pytest.raises(TypeCheckError, match="'scores'"):
        softmax_gradient(torch.zeros(3))


# Entropy


def check_entropy_agrees_with_torch(measure, sizes):
    weights = sizes.draw().softmax(dim=-1)
    same(measure(weights), torch.distributions.Categorical(probs=weights).entropy())


def check_entropy_stays_within_bounds(measure, sizes):
    weights = sizes.draw().softmax(dim=-1)
    found = measure(weights)
    assert found.shape == (sizes.queries,)
    assert (found >= 0).all()
    assert (found <= math.log(sizes.keys) + 1e-12).all()


def check_entropy_of_one_key_is_zero(measure, sizes):
    weights = torch.zeros(sizes.queries, sizes.keys, dtype=torch.float64)
    weights[:, 0] = 1
    same(measure(weights), torch.zeros(sizes.queries, dtype=torch.float64))


def check_entropy_of_even_weights_is_the_logarithm(measure, sizes):
    weights = torch.full((sizes.queries, sizes.keys), 1 / sizes.keys, dtype=torch.float64)
    expected = torch.full((sizes.queries,), math.log(sizes.keys), dtype=torch.float64)
    same(measure(weights), expected)


def check_hidden_keys_add_nothing(measure, sizes):
    """Masked weights are exactly 0, where 0 · ln 0 must count as 0."""
    weights = sizes.draw().softmax(dim=-1)
    hidden = torch.zeros_like(weights)
    same(measure(torch.cat([weights, hidden], dim=-1)), measure(weights))
    same(measure(hidden), torch.zeros(sizes.queries, dtype=torch.float64))


def check_entropy_ignores_order(measure, sizes):
    weights = sizes.draw().softmax(dim=-1)
    same(measure(weights.roll(1, dims=-1)), measure(weights))


def check_entropies_of_copies_add_up(measure, sizes):
    """Halving every weight into two keys adds ln 2."""
    weights = sizes.draw().softmax(dim=-1)
    halved = torch.cat([weights / 2, weights / 2], dim=-1)
    same(measure(halved), measure(weights) + math.log(2))


def naive_entropy(weights):
    return -(weights * weights.log()).sum(dim=-1)


def entropy_in_bits(weights):
    return entropy(weights) / math.log(2)


def negative_entropy(weights):
    return -entropy(weights)


def mean_entropy(weights):
    return torch.special.entr(weights).mean(dim=-1)


def entropy_over_queries(weights):
    return entropy(weights.T)


def padded_entropy(weights):
    """A small number in the logarithm avoids NaN, and is wrong by about as much."""
    return -(weights * (weights + 1e-9).log()).sum(dim=-1)


def surprise(weights):
    return -weights.log().sum(dim=-1)


def first_key_entropy(weights):
    return torch.special.entr(weights[:, 0]) * weights.shape[-1]


ENTROPY_CATCHES = {
    check_entropy_agrees_with_torch: [
        entropy_in_bits,
        negative_entropy,
        mean_entropy,
        entropy_over_queries,
        padded_entropy,
        surprise,
        first_key_entropy,
    ],
    check_entropy_stays_within_bounds: [
        entropy_in_bits,
        negative_entropy,
        surprise,
    ],
    check_entropy_of_one_key_is_zero: [naive_entropy, padded_entropy, surprise],
    check_entropy_of_even_weights_is_the_logarithm: [
        entropy_in_bits,
        negative_entropy,
        mean_entropy,
        padded_entropy,
        surprise,
    ],
    check_hidden_keys_add_nothing: [naive_entropy, mean_entropy, surprise, first_key_entropy],
    check_entropy_ignores_order: [first_key_entropy, entropy_over_queries],
    check_entropies_of_copies_add_up: [
        entropy_in_bits,
        negative_entropy,
        mean_entropy,
        padded_entropy,
        surprise,
    ],
}


test_entropy, test_broken_entropy_is_caught = proofs(
    entropy, ENTROPY_CATCHES, MUTANT_SIZES, any_sizes
)


def test_entropy_by_hand():
    # 1/2 · ln 2 + 1/4 · ln 4 + 1/4 · ln 4 = 3/2 · ln 2: between two and three keys.
    weights = torch.tensor([1 / 2, 1 / 4, 1 / 4], dtype=torch.float64)
    same(entropy(weights), torch.tensor(3 / 2 * math.log(2), dtype=torch.float64))


def test_one_step_along_the_gradient_by_hand():
    # The weights are 1/2 and 1/2, so the gradient is (k_1 - k_2) / 4, times the scale.
    query, keys = torch.zeros(1, 2, dtype=torch.float64), torch.eye(2, dtype=torch.float64)[None]
    moved = follow_gradient(query, keys, scale=0.5, rate=8.0, steps=1)
    same(moved, torch.sigmoid(torch.tensor([1.0], dtype=torch.float64)))
    same(follow_gradient(query, keys, scale=0.5, rate=8.0, steps=0), torch.tensor([0.5]).double())
    assert not query.any() and not query.requires_grad


def test_the_logarithm_climbs_by_its_own_slope():
    # The slope of ln(w_1) is that of w_1, divided by w_1 = 1/2: twice the step.
    query, keys = torch.zeros(1, 2, dtype=torch.float64), torch.eye(2, dtype=torch.float64)[None]
    moved = follow_gradient(query, keys, scale=0.5, rate=8.0, steps=1, goal=torch.log)
    same(moved, torch.sigmoid(torch.tensor([2.0], dtype=torch.float64)))
