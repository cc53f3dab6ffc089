"""The kept places are those that the code of today leads to, and say so of another code."""

import json
import shutil
from functools import partial

import pytest

from lessons.alignment import (
    Place,
    Scored,
    bernoulli_kl,
    kept_places,
    success,
    trained_by,
)
from lessons.alignment.kept_seeds import places_in
from lessons.alignment.preferences import plane_of_seeds
from lessons.alignment.preferences.plane_of_seeds import (
    CODE,
    FILE,
    LESSONS,
    SEEDS,
    WAYS,
    WEIGHTS,
    made_from,
    places_of_seed,
)
from support.places import strays as farther_off

strays = partial(farther_off, within=0.04)


def of_seed(seed: int) -> dict[str, Place]:
    return {way: some[SEEDS.index(seed)] for way, some in kept_places().items()}


def test_the_file_is_of_this_code():
    kept = json.loads(FILE.read_text("utf8"))
    assert kept["made from"] == made_from(), (
        "what decides the places has changed: "
        "run `python -m lessons.alignment.preferences.plane_of_seeds`, and read the chapter again"
    )
    assert tuple(kept["seeds"]) == SEEDS and tuple(kept["places"]) == WAYS
    assert 0 not in SEEDS  # it is the page's


def test_a_digest_sees_code_and_weights_but_no_words(tmp_path):
    for name in (*(f"alignment/{one}.py" for one in CODE), WEIGHTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(LESSONS / name, tmp_path / name)
    before = made_from(tmp_path)
    assert before == made_from()
    pairs = tmp_path / "alignment" / "pairs.py"
    source = pairs.read_text("utf8")
    pairs.write_text(source.replace('"""Pairs', '"""Some pairs') + "# a remark\n", "utf8")
    assert made_from(tmp_path) == before
    pairs.write_text(source.replace("3e-4", "3e-3"), "utf8")
    assert made_from(tmp_path) != before
    pairs.write_text(source, "utf8")
    (tmp_path / WEIGHTS).write_bytes(b"others")
    assert made_from(tmp_path) != before


def test_a_way_that_there_is_not_is_refused(reference, playground):
    with pytest.raises(ValueError, match="'TRPO' is no way of training: pass one of 'PPO, true'"):
        trained_by("TRPO", reference, playground, Scored(reference), seed=0)


def test_places_of_other_ways_or_nowhere_are_noticed():
    kept = of_seed(1)
    assert strays(kept, kept) == []
    assert strays(kept | {"DPO": kept["DPO, likelihood"]}, kept) == ["DPO"]
    swapped = kept | {"GRPO, judge": kept["DPO"], "PPO, judge": kept["PPO, true"]}
    assert strays(swapped, kept) == ["PPO, judge", "GRPO, judge"]
    others = strays(of_seed(2), kept)
    assert {"PPO, judge", "DPO", "GRPO, judge"} <= set(others)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_training_ends_where_it_was_kept(seed, reference, playground):
    assert strays(of_seed(seed), places_of_seed(reference, playground, seed=seed)) == []


def test_what_the_chapter_says_of_five_seeds():
    kept = kept_places()
    best = {way: max(one.reward for one in some) for way, some in kept.items()}
    worst = {way: min(one.reward for one in some) for way, some in kept.items()}
    assert worst["PPO, true"] > 0.95 and worst["GRPO, true"] > 0.95
    assert worst["DPO, likelihood"] > 0.9 and worst["PPO, judge"] > 0.8
    assert best["DPO"] < 0.3 and min(one.kl for one in kept["DPO"]) > 5
    assert worst["GRPO, judge"] < 0.1 and sum(one.kl > 5 for one in kept["GRPO, judge"]) == 4
    assert worst["PPO, no price"] < 0.1 < 0.9 < sorted(kept["PPO, no price"])[1].reward


def test_how_far_the_kept_seeds_go_beyond_the_distance_that_would_do(reference, playground):
    start = success(reference, playground)
    times = {
        way: sorted(one.kl / bernoulli_kl(one.reward, start) for one in some)
        for way, some in kept_places().items()
    }
    for way in ("DPO, likelihood", "PPO, judge", "GRPO, true"):
        assert 1.25 < times[way][0] and times[way][-1] < 1.95
    assert 1.04 < times["PPO, true"][0] and times["PPO, true"][-1] < 1.12


def test_the_command_writes_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(plane_of_seeds, "FILE", tmp_path / "places.json")
    one = dict.fromkeys(WAYS, Place(0.51239, 1.0))
    monkeypatch.setattr(plane_of_seeds, "places_of_seed", lambda *_, seed: one)
    plane_of_seeds.main()
    assert kept_places() == dict.fromkeys(WAYS, [Place(0.5124, 1.0)] * 5)
    places_in.cache_clear()
