"""Best of n against what is counted, on answers that can be listed."""

import itertools
import math

import pytest
import torch

from lessons.alignment import bernoulli_kl, best_of_n_bound, best_of_n_share

DOUBLE = torch.float64


def chosen(chances, rewards, n):
    """Return how often each answer is kept, over all draws of n; ties are broken by chance."""
    kept = torch.zeros_like(chances)
    for drawn in itertools.product(range(len(chances)), repeat=n):
        chance = math.prod(chances[one].item() for one in drawn)
        best = max(rewards[one] for one in drawn)
        ties = [one for one in drawn if rewards[one] == best]
        for one in ties:
            kept[one] += chance / len(ties)
    return kept


@pytest.mark.parametrize("n", [1, 2, 4])
def test_share_and_divergence_of_a_reward_of_zero_or_one(n):
    chances = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=DOUBLE)
    kept = chosen(chances, [1, 0, 1, 0], n)
    share = best_of_n_share(0.4, n)
    assert math.isclose(kept[[0, 2]].sum().item(), share)
    apart = (kept * (kept / chances).log()).sum().item()
    assert math.isclose(apart, bernoulli_kl(share, 0.4), abs_tol=1e-12)
    assert apart <= best_of_n_bound(n) + 1e-12


def test_the_bound_is_nearly_reached_by_many_different_answers():
    count, n = 40, 3
    chances = torch.full((count,), 1 / count, dtype=DOUBLE)
    below = torch.arange(count + 1, dtype=DOUBLE) / count
    kept = below[1:] ** n - below[:-1] ** n  # the best of n is answer k
    torch.testing.assert_close(kept[:8], chosen(chances, list(range(count)), n)[:8])
    apart = (kept * (kept / chances).log()).sum().item()
    assert 0.9 * best_of_n_bound(n) < apart < best_of_n_bound(n)


@pytest.mark.parametrize("call", [lambda n: best_of_n_share(0.5, n), best_of_n_bound])
def test_no_draw_is_refused(call):
    with pytest.raises(ValueError, match="n is 0: pass at least 1"):
        call(0)
