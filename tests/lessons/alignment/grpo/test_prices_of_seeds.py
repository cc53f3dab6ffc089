"""The kept ends are those of today's code, and what the chapter says of the prices holds."""

import pytest

from lessons.alignment import Place, kept_prices
from lessons.alignment.grpo import prices_of_seeds
from lessons.alignment.grpo.prices_of_seeds import PRICES, SEEDS
from lessons.alignment.kept_seeds import places_in
from support.places import strays


def of_seed(seed):
    return {beta: some[SEEDS.index(seed)] for beta, some in kept_prices().items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_training_ends_where_it_was_kept(seed, reference, playground):
    found = prices_of_seeds.prices_of_seed(reference, playground, seed=seed)
    assert strays(of_seed(seed), found) == []


def test_another_end_is_noticed():
    kept = of_seed(1)
    assert strays(kept, kept) == []
    assert strays(kept, kept | {0.5: kept[0.0]}) == [0.5]


def test_low_prices_are_hacked_by_all_the_highest_by_none_and_between_chance_decides():
    kept = kept_prices()
    assert tuple(kept) == PRICES and 0 not in SEEDS  # which is the page's
    for beta in (0.0, 0.04):
        assert max(one.reward for one in kept[beta]) < 0.1
    assert min(one.reward for one in kept[0.5]) > 0.7
    ends = {beta: sorted(one.reward for one in some) for beta, some in kept.items()}
    assert all(not 0.3 < one < 0.7 for some in ends.values() for one in some)
    hacked = {beta: sum(one < 0.3 for one in some) for beta, some in ends.items()}
    assert [hacked[beta] for beta in (0.1, 0.15)] == [4, 3]
    assert hacked[0.2] + hacked[0.3] == 1
    means = {beta: sum(one.reward for one in kept[beta]) / 5 for beta in (0.2, 0.5)}
    assert means[0.5] + 0.02 < means[0.2]


def test_the_command_writes_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(prices_of_seeds, "FILE", tmp_path / "prices.json")
    one = dict.fromkeys(PRICES, Place(0.51239, 1.0))
    monkeypatch.setattr(prices_of_seeds, "prices_of_seed", lambda *_, seed: one)
    prices_of_seeds.main()
    assert kept_prices() == dict.fromkeys(PRICES, [Place(0.5124, 1.0)] * 5)
    places_in.cache_clear()
