"""Pairs, and what five trainings show."""

from functools import cache, cached_property, partial
from statistics import median
from typing import NamedTuple

import jaxtyping
import pytest
import torch

from lessons.alignment import (
    Look,
    Pairs,
    Place,
    RenewedPairs,
    answer_of,
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
from lessons.families import DecoderOnly

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


class Ended(NamedTuple):
    """What a training came to: its policy, where it stands, and the first and the last look."""

    policy: DecoderOnly
    place: Place
    first: Look
    last: Look


class Trainings:
    """Ways of learning from pairs; each is trained once for a seed, however many tests look."""

    def __init__(self, reference, playground):
        self.reference, self.playground = reference, playground
        self.old, self.dpo = fixed_pairs(reference, playground), partial(dpo_loss, beta=0.1)
        likelihood = partial(with_likelihood, beta=0.1, weight=0.2)
        self.losses = {"likelihood": likelihood, "pushed less": self.pushed_less}
        self.ended = cache(self._ended)

    @cached_property
    def shown(self):
        """500 answers of a ruined policy, and as many of the reference."""
        return [
            draw_answers(one, self.playground, 500, generator=torch.Generator().manual_seed(0))
            for one in (self.ended("old", seed=0).policy, self.reference)
        ]

    def pushed_less(self, logs):
        """DPO's loss, with the rejected answer pushed down in every third pair only."""
        pushed = torch.arange(len(logs.rejected)) % 3 == 0
        return self.dpo(logs._replace(rejected=logs.rejected.where(pushed, logs.rejected.detach())))

    def source(self, way):
        if way in ("new", "own"):
            return RenewedPairs(self.reference, self.playground, own=64 if way == "own" else 0)
        if way in ("leaks", "nonsense"):
            none = answer_of(self.playground, "the the the .").repeat(500, 1)
            others = self.shown[0] if way == "leaks" else none
            return fixed_pairs(self.reference, self.playground, answers=500, others=others)
        return self.old

    def _ended(self, way, *, seed):
        loss = self.losses.get(way, self.dpo)
        policy, looks = learn_from_pairs(
            self.reference, self.playground, self.source(way), loss, seed=seed
        )
        place = place_of(policy, self.reference, self.playground, count=64)
        return Ended(policy, place, looks[0], looks[-1])


@pytest.fixture(scope="module")
def trainings(reference, playground):
    return Trainings(reference, playground)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
class TestFiveTrainings:
    """What the chapter says of DPO, on five seeds."""

    def test_training_looks_perfect_and_the_model_is_ruined(
        self, trainings, reference, playground, seed
    ):
        _, place, first, last = trainings.ended("old", seed=seed)
        assert last.accuracy > 0.9
        assert place.reward < success(reference, playground) - 0.1
        assert last.chosen < first.chosen - 0.5
        assert place.kl > 5

    def test_new_pairs_of_the_reference_do_not_mend_it_and_own_ones_do(
        self, trainings, reference, playground, seed
    ):
        new, own = (trainings.ended(way, seed=seed).place.reward for way in ("new", "own"))
        assert new < success(reference, playground) and own > 0.8

    def test_nonsense_helps_less_than_own_answers(self, trainings, seed):
        ways = ("old", "nonsense", "own")
        ruined, nonsense, mended = (trainings.ended(way, seed=seed).place.reward for way in ways)
        assert ruined + 0.1 < nonsense < mended - 0.15

    def test_old_pairs_mend_it_where_the_rejected_are_pushed_down_less(self, trainings, seed):
        less, nonsense = (
            trainings.ended(way, seed=seed).place.reward for way in ("pushed less", "nonsense")
        )
        assert less > 0.75 and less > nonsense + 0.1

    def test_likelihood_mends_it(self, trainings, seed):
        _, place, first, last = trainings.ended("likelihood", seed=seed)
        assert place.reward > 0.85 and place.kl < 2
        assert last.chosen > first.chosen


@pytest.mark.slow
def test_old_leaks_help_most_and_the_others_find_new_leaks(trainings, playground):
    ends = [trainings.ended("leaks", seed=seed) for seed in SEEDS]
    leaks, nonsense = (
        median(trainings.ended(way, seed=seed).place.reward for seed in SEEDS)
        for way in ("leaks", "nonsense")
    )
    assert nonsense + 0.15 < leaks
    shown = {tuple(one) for some in trainings.shown for one in some.tolist()}
    for policy, place, _, _ in ends:
        answers = draw_answers(policy, playground, 200, generator=torch.Generator())
        wrong = answers[~true_reward(playground, answers).bool()].tolist()
        if place.reward < 0.4:
            assert sum(tuple(one) in shown for one in wrong) < len(wrong) / 4
