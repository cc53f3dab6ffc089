"""The kept ends are those of today's code, and what the chapter says of the losses holds."""

import pytest

from lessons.alignment import Place, kept_relatives, relatives_of_seeds
from lessons.alignment.kept_seeds import places_in
from lessons.alignment.relatives_of_seeds import RELATIVES, SEEDS
from support.places import strays


def of_seed(seed):
    return {name: some[SEEDS.index(seed)] for name, some in kept_relatives().items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_training_ends_where_it_was_kept(seed, reference, playground):
    found = relatives_of_seeds.relatives_of_seed(reference, playground, seed=seed)
    assert strays(of_seed(seed), found) == []


def test_another_end_is_noticed():
    kept = of_seed(1)
    assert strays(kept, kept) == []
    assert strays(kept, kept | {"KTO": kept["ORPO"]}) == ["KTO"]


def test_on_the_same_pairs_dpo_at_the_high_price_is_ahead_of_ipo():
    kept = kept_relatives()
    both = zip(kept["β 1"], kept["IPO"], strict=True)
    assert min(dpo.reward - ipo.reward for dpo, ipo in both) > 0.02


def test_the_command_writes_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(relatives_of_seeds, "FILE", tmp_path / "relatives.json")
    one = dict.fromkeys(RELATIVES, Place(0.51239, 1.0))
    monkeypatch.setattr(relatives_of_seeds, "relatives_of_seed", lambda *_, **__: one)
    relatives_of_seeds.main()
    assert kept_relatives() == dict.fromkeys(RELATIVES, [Place(0.5124, 1.0)] * 5)
    places_in.cache_clear()
