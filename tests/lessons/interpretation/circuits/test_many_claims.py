"""Corrected chances: Holm's are those of closed testing, and flipped signs count all flips."""

import itertools

import pytest
import torch
from hypothesis import given, settings, strategies as st

from lessons.interpretation import flip_chances, holm

few = settings(deadline=None, max_examples=30, derandomize=True, database=None)


def closed_testing(chances):
    """A claim holds if every group of claims that it is in holds, each by Bonferroni."""
    claims = range(len(chances))
    groups = [some for size in claims for some in itertools.combinations(claims, size + 1)]
    return [
        max(min(1, len(some) * min(chances[one] for one in some)) for some in groups if at in some)
        for at in claims
    ]


def check_holm(correct, chances):
    assert correct(chances) == pytest.approx(closed_testing(chances), abs=1e-12)


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_closed_testing(chances):
    check_holm(holm, chances)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.02]) == pytest.approx([0.03, 0.04, 0.04])
    for wrong in ([-0.1], [0.5, 1.5]):
        with pytest.raises(ValueError, match="between 0 and 1"):
            holm(wrong)


def not_monotone(chances):
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    return [min(1.0, (len(chances) - order.index(at)) * chances[at]) for at in range(len(chances))]


@pytest.mark.parametrize(
    "broken",
    [
        not_monotone,
        lambda chances: chances,
        lambda chances: [min(1, len(chances) * one) for one in chances],  # Bonferroni
        lambda chances: sorted(holm(chances)),
    ],
)
def test_broken_ones_are_noticed(broken):
    with pytest.raises(AssertionError):
        check_holm(broken, [0.03, 0.012, 0.025, 0.3])


def all_flips(effects):
    """Every way to flip signs, once, and the largest of all claims' t values."""

    def t_values(table):
        return table.mean(dim=0) / (table.std(dim=0) / len(table) ** 0.5)

    seen = t_values(effects)
    counts = torch.zeros(effects.shape[1])
    ways = list(itertools.product((-1.0, 1.0), repeat=len(effects)))
    for way in ways:
        flipped = effects * torch.tensor(way, dtype=effects.dtype)[:, None]
        counts += t_values(flipped).max() >= seen - 1e-9
    return counts / len(ways)


def test_flips_draw_from_all_flips():
    chance = torch.Generator().manual_seed(0)
    effects = torch.randn(9, 3, generator=chance, dtype=torch.float64)
    effects += torch.tensor([0.9, 0.3, 0.0])
    found, wanted = flip_chances(effects, draws=20_000), all_flips(effects)
    torch.testing.assert_close(found.float(), wanted, atol=0.012, rtol=0)
    alone = torch.cat([flip_chances(effects[:, [one]], draws=20_000) for one in range(3)])
    assert not torch.allclose(alone.float(), wanted, atol=0.012)  # uncorrected
    with pytest.raises(ValueError, match="at least two"):
        flip_chances(effects[:1], draws=10)


def test_nothing_is_found_in_nothing_more_often_than_promised():
    """Twelve claims about noise, half of which hang together: one draw in twenty is fooled."""
    chance = torch.Generator().manual_seed(0)
    fooled, alone = 0, 0
    for draw in range(200):
        effects = torch.randn(30, 12, generator=chance)
        effects[:, 6:] = effects[:, :1] + 0.1 * effects[:, 6:]
        fooled += bool(flip_chances(effects, draws=199, seed=draw).min() <= 0.05)
        alone += bool(flip_chances(effects[:, :1], draws=199, seed=draw).min() <= 0.05)
    assert fooled <= 20 and alone <= 20  # 10 in the mean, and 20 is three standard deviations
