import math
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from lessons.attention.scaled_dot_product.lookup import soft_lookup
from support import proofs, same


class Sizes(NamedTuple):
    seed: int
    keys: int
    d_head: int
    d_value: int

    def draw(self):
        generator = torch.Generator().manual_seed(self.seed)
        shapes = (self.d_head,), (self.keys, self.d_head), (self.keys, self.d_value)
        return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


any_sizes = st.builds(
    Sizes, st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)
)
# Values are as long as keys here, so that a mutant may confuse the two without a shape error.
MUTANT_SIZES = Sizes(seed=0, keys=5, d_head=4, d_value=4)


def check_agrees_with_torch(lookup, sizes):
    query, keys, values = sizes.draw()
    for temperature in (0.5, 1.0, 3.0):
        mixed, weights = lookup(query, keys, values, temperature=temperature)
        same(weights, F.softmax(keys @ query / temperature, dim=0))
        expected = F.scaled_dot_product_attention(query[None], keys, values, scale=1 / temperature)
        same(mixed, expected[0])


def check_weights_sum_to_one(lookup, sizes):
    _, weights = lookup(*sizes.draw())
    assert (weights >= 0).all()
    same(weights.sum(), torch.tensor(1.0, dtype=torch.float64))


def check_order_of_entries_is_irrelevant(lookup, sizes):
    query, keys, values = sizes.draw()
    order = torch.randperm(sizes.keys, generator=torch.Generator().manual_seed(sizes.seed))
    mixed, weights = lookup(query, keys, values)
    shuffled, shuffled_weights = lookup(query, keys[order], values[order])
    same(shuffled, mixed)
    same(shuffled_weights, weights[order])


def check_cold_lookup_returns_the_best_match(lookup, sizes):
    query, keys, values = sizes.draw()
    ranked = (keys @ query).sort(descending=True).values
    gap = float(ranked[0] - ranked[1]) if sizes.keys > 1 else 1.0
    # At this temperature the runner-up weighs e^-50, some 2e-22.
    mixed, _ = lookup(query, keys, values, temperature=gap / 50)
    same(mixed, values[(keys @ query).argmax()])


def check_hot_lookup_returns_the_mean(lookup, sizes):
    query, keys, values = sizes.draw()
    mixed, _ = lookup(query, keys, values, temperature=1e15)
    same(mixed, values.mean(dim=0))


def check_temperate_lookup_reads_the_query(lookup, sizes):
    """The two limits above leave room for lookups that jump between them."""
    query, keys, values = sizes.draw()
    _, weights = lookup(query, keys, values, temperature=2.0)
    # The ratio of two weights is the exponential of the difference of their scores, over T.
    scores = keys @ query
    same(weights.log().diff(), scores.diff() / 2)


def check_shifting_all_keys_changes_nothing(lookup, sizes):
    query, keys, values = sizes.draw()
    # The same vector on top of every key adds the same number to every score.
    same(lookup(query, keys + query, values)[1], lookup(query, keys, values)[1])


def check_huge_scores_stay_finite(lookup, sizes):
    query, keys, values = sizes.draw()
    mixed, weights = lookup(1e200 * query, keys, values)
    same(weights.sum(), torch.tensor(1.0, dtype=torch.float64))
    same(mixed, values[(keys @ query).argmax()])


def lookup_from(weigh):
    """Make a lookup from a broken way to turn scores and a temperature into weights."""

    def lookup(query, keys, values, *, temperature=1.0):
        weights = weigh(keys @ query, temperature)
        return weights @ values, weights

    lookup.__name__ = weigh.__name__
    return lookup


@lookup_from
def ignores_temperature(scores, temperature):
    return scores.softmax(dim=0)


@lookup_from
def multiplies_by_temperature(scores, temperature):
    return (scores * temperature).softmax(dim=0)


@lookup_from
def hard(scores, temperature):
    return F.one_hot(scores.argmax(), len(scores)).to(scores.dtype)


@lookup_from
def even(scores, temperature):
    return torch.full_like(scores, 1 / len(scores))


@lookup_from
def unnormalized(scores, temperature):
    return (scores / temperature).exp()


@lookup_from
def sigmoid(scores, temperature):
    return (scores / temperature).sigmoid()


@lookup_from
def linear(scores, temperature):
    return scores / scores.sum()


@lookup_from
def overflows(scores, temperature):
    powers = (scores / temperature).exp()
    return powers / powers.sum()


@lookup_from
def prefers_late_entries(scores, temperature):
    return (scores / temperature + torch.arange(len(scores))).softmax(dim=0)


@lookup_from
def picks_smallest(scores, temperature):
    return (-scores / temperature).softmax(dim=0)


def returns_keys(query, keys, values, *, temperature=1.0):
    return soft_lookup(query, keys, keys, temperature=temperature)


CATCHES = {
    check_agrees_with_torch: [
        ignores_temperature,
        multiplies_by_temperature,
        hard,
        even,
        unnormalized,
        sigmoid,
        linear,
        prefers_late_entries,
        picks_smallest,
        returns_keys,
    ],
    check_weights_sum_to_one: [unnormalized, sigmoid, linear],
    check_order_of_entries_is_irrelevant: [prefers_late_entries],
    check_cold_lookup_returns_the_best_match: [
        ignores_temperature,
        multiplies_by_temperature,
        even,
        picks_smallest,
        returns_keys,
    ],
    check_hot_lookup_returns_the_mean: [
        ignores_temperature,
        multiplies_by_temperature,
        hard,
        prefers_late_entries,
        returns_keys,
    ],
    check_temperate_lookup_reads_the_query: [
        ignores_temperature,
        multiplies_by_temperature,
        hard,
        even,
        sigmoid,
    ],
    check_shifting_all_keys_changes_nothing: [unnormalized, sigmoid, linear],
    check_huge_scores_stay_finite: [overflows, even, picks_smallest],
}


test_soft_lookup, test_broken_lookup_is_caught = proofs(
    soft_lookup, CATCHES, MUTANT_SIZES, any_sizes
)


@pytest.mark.parametrize(
    ("temperature", "weights", "mixed"),
    [
        # The scores are 0 and ln 3. At temperature 1 the weights are as 1 : 3.
        (1.0, [1 / 4, 3 / 4], [10 / 4 + 20 * 3 / 4]),  # 17.5
        # Half the temperature doubles the scores, to 0 and ln 9: as 1 : 9.
        (0.5, [1 / 10, 9 / 10], [10 / 10 + 20 * 9 / 10]),  # 19
    ],
)
def test_by_hand(temperature, weights, mixed):
    query = torch.tensor([math.log(3), 0.0], dtype=torch.float64)
    keys = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    values = torch.tensor([[10.0], [20.0]], dtype=torch.float64)
    found = soft_lookup(query, keys, values, temperature=temperature)
    same(found[0], torch.tensor(mixed, dtype=torch.float64))
    same(found[1], torch.tensor(weights, dtype=torch.float64))


def test_gradients_agree_with_finite_differences():
    inputs = [tensor.requires_grad_() for tensor in MUTANT_SIZES.draw()]
    assert torch.autograd.gradcheck(soft_lookup, inputs)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match="pass a number greater than 0"):
        soft_lookup(*MUTANT_SIZES.draw(), temperature=temperature)


def test_the_smallest_temperature_finds_the_best_match():
    """Scores are not divided before the largest is taken off, or they would overflow to NaN."""
    keys, values = torch.tensor([[8.0], [0.0]]), torch.tensor([[1.0], [2.0]])
    mixed, weights = soft_lookup(torch.tensor([1.0]), keys, values, temperature=1e-38)
    assert weights.tolist() == [1.0, 0.0]
    assert mixed.tolist() == [1.0]


def test_an_empty_dictionary_is_refused():
    query, keys, values = MUTANT_SIZES.draw()
    with pytest.raises(ValueError, match="pass at least one key and its value"):
        soft_lookup(query, keys[:0], values[:0])


def test_query_and_keys_must_be_equally_long():
    query, keys, values = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'keys'"):
        soft_lookup(query[1:], keys, values)


def test_each_key_needs_a_value():
    query, keys, values = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'values'"):
        soft_lookup(query, keys, values[1:])


def test_many_queries_are_refused():
    query, keys, values = MUTANT_SIZES.draw()
    with pytest.raises(TypeCheckError, match="'query'"):
        soft_lookup(query[None], keys, values)
