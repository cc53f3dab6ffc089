"""Pairs, and what five trainings show."""

from functools import partial

import jaxtyping
import pytest
import torch

from lessons.alignment import (
    Pairs,
    RenewedPairs,
    dpo_loss,
    draw_answers,
    fixed_pairs,
    learn_from_pairs,
    pair_logs,
    pair_up,
    place_of,
    success,
    true_reward,
    with_likelihood,
)

SEEDS = range(5)


@pytest.fixture(scope="module")
def pairs(reference, playground):
    source = fixed_pairs(reference, playground, answers=200)
    return source(reference, torch.Generator().manual_seed(0))


def test_the_chosen_one_is_the_better_one(playground, pairs):
    assert true_reward(playground, pairs.chosen).all()
    assert not true_reward(playground, pairs.rejected).any()
    assert len({tuple(one) for one in pairs.rejected.tolist()}) > 5


def test_pairs_that_teach_nothing_are_refused(reference, playground, pairs, monkeypatch):
    chance = torch.Generator().manual_seed(0)
    for rewards in (torch.ones(64), torch.zeros(64)):
        with pytest.raises(ValueError, match="all rewards are equal"):
            pair_up(pairs.chosen, rewards, 3, generator=chance)
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as readers run it
    with pytest.raises(ValueError, match=r"the rewards are torch.int64: pass decimal numbers"):
        pair_up(pairs.chosen, torch.arange(64), 3, generator=chance)
    equal = Pairs(pairs.chosen, pairs.chosen)
    with pytest.raises(ValueError, match="the answers of a pair are equal"):
        pair_logs(reference, reference, playground, equal)


def test_who_drew_the_answers(reference, playground, moved):
    chance = torch.Generator().manual_seed(3)
    source = RenewedPairs(reference, playground, own=64, every=2)
    source(moved, chance)
    first = source.answers
    again = torch.Generator().manual_seed(3)
    expected = [draw_answers(one, playground, 64, generator=again) for one in (moved, reference)]
    torch.testing.assert_close(first, torch.cat(expected))
    source(moved, chance)
    assert source.answers is first
    source(moved, chance)
    assert source.answers is not first


def test_answers_of_others_are_paired_too(reference, playground):
    good = playground.allowed[playground.good]
    source = fixed_pairs(reference, playground, answers=1, others=playground.allowed)
    chosen, rejected = source(reference, torch.Generator().manual_seed(0))
    assert {tuple(one) for one in chosen.tolist()} == {tuple(one) for one in good.tolist()}
    assert len({tuple(one) for one in rejected.tolist()}) >= len(playground.allowed) - len(good)


@pytest.fixture(scope="module")
def run(reference, playground):
    """Four ways of learning, five seeds each: where they end, and the first and the last look."""
    old, dpo = fixed_pairs(reference, playground), partial(dpo_loss, beta=0.1)
    kinds = {
        "old": (lambda: old, dpo),
        "likelihood": (lambda: old, partial(with_likelihood, beta=0.1, weight=0.2)),
        "new": (lambda: RenewedPairs(reference, playground, own=0), dpo),
        "own": (lambda: RenewedPairs(reference, playground, own=64), dpo),
    }
    ruined, _ = learn_from_pairs(reference, playground, old, dpo)
    half = draw_answers(ruined, playground, 500, generator=torch.Generator().manual_seed(0))
    whole = draw_answers(reference, playground, 500, generator=torch.Generator().manual_seed(0))
    leaks = fixed_pairs(reference, playground, answers=500, others=half)
    kinds["leaks"] = (lambda: leaks, dpo)
    ends: dict = {name: [] for name in kinds}
    policies = []
    for name, (source, loss) in kinds.items():
        for seed in SEEDS:
            policy, looks = learn_from_pairs(reference, playground, source(), loss, seed=seed)
            place = place_of(policy, reference, playground, count=64)
            ends[name].append((place, looks[0], looks[-1]))
            policies.append(policy)
    return ends | {"policies": policies[-5:], "shown": torch.cat([half, whole])}


@pytest.mark.slow
class TestFiveTrainings:
    """What the chapter says of DPO, on five seeds."""

    def test_training_looks_perfect_and_the_model_is_ruined(self, run, reference, playground):
        start = success(reference, playground)
        for place, first, last in run["old"]:
            assert last.accuracy > 0.9
            assert place.reward < start - 0.1
            assert last.chosen < first.chosen - 0.5
            assert place.kl > 5

    def test_new_pairs_of_the_reference_do_not_mend_it_and_own_ones_do(
        self, run, reference, playground
    ):
        start = success(reference, playground)
        assert max(place.reward for place, _, _ in run["new"]) < start
        assert min(place.reward for place, _, _ in run["own"]) > 0.8

    def test_old_leaks_help_most_and_the_others_find_new_leaks(self, run, reference, playground):
        rewards = sorted(place.reward for place, _, _ in run["leaks"])
        assert rewards[2] > success(reference, playground) + 0.05
        shown = {tuple(one) for one in run["shown"].tolist()}
        for policy, (place, _, _) in zip(run["policies"], run["leaks"], strict=True):
            answers = draw_answers(policy, playground, 200, generator=torch.Generator())
            wrong = answers[~true_reward(playground, answers).bool()].tolist()
            if place.reward < 0.4:
                assert sum(tuple(one) in shown for one in wrong) < len(wrong) / 4

    def test_likelihood_mends_it(self, run):
        for place, first, last in run["likelihood"]:
            assert place.reward > 0.85 and place.kl < 2
            assert last.chosen > first.chosen
