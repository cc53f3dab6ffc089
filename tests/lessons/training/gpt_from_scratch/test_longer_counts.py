"""Counting longer runs: by hand, as a whole, and against pairs."""

import math
from collections import Counter

import pytest
import torch

from lessons.training import kept_runs, kneser_ney_loss, read_prose, rows_of

TEXT = torch.randint(6, (200,), generator=torch.Generator().manual_seed(0))


def test_by_hand():
    """Learned 0 0 1 0 1 1. Pairs 00, 01, 10, 01, 11; before 0 came 0 and 1, before 1 came 0 and 1.

    So alone each token has half of the kinds: (2 - d) / 4, and 2 d / 4 of the even share 1/2.
    After 0 came 0 once and 1 twice.
    """
    learned, d = torch.tensor([0, 0, 1, 0, 1, 1]), 0.5
    alone = (2 - d) / 4 + d * 2 / 4 * 1 / 2
    after = (2 - d) / 3 + d * 2 / 3 * alone
    loss = kneser_ney_loss(learned, torch.tensor([[0, 1]]), 2, before=1, discount=d)
    assert alone == 0.5 and loss == pytest.approx(-math.log(after), abs=1e-12)


@pytest.mark.parametrize("before", [1, 2, 3])
@pytest.mark.parametrize("start", [[2], [2, 5], [3, 1, 4, 1]])
def test_chances_sum_to_one(before, start):
    """The loss of a row less that of its beginning is that of its last token."""

    def lost(row):
        if len(row) < 2:
            return 0.0
        loss = kneser_ney_loss(TEXT, torch.tensor([row]), 6, before=before)
        return loss * (len(row) - 1)

    total = sum(math.exp(lost(start) - lost([*start, token])) for token in range(6))
    assert total == pytest.approx(1, abs=1e-9)


def test_a_wrong_discount_or_run_is_refused():
    rows = TEXT[None, :9]
    for before, some in ((0, rows), (200, rows), (2, rows[:, :1])):
        with pytest.raises(ValueError, match="pass runs of at least 1"):
            kneser_ney_loss(TEXT, some, 6, before=before)
    for discount in (0.0, 1.0):
        with pytest.raises(ValueError, match="between 0 and 1"):
            kneser_ney_loss(TEXT, rows, 6, before=2, discount=discount)


def test_longer_runs_pay_less_on_prose_up_to_five_before():
    prose = read_prose(vocab_size=320)
    rows = rows_of(prose.held_out, 64)[:70]
    one, two, five = (
        kneser_ney_loss(prose.learned, rows, 320, before=before) for before in (1, 2, 5)
    )
    assert one > two + 0.5 and two > five + 0.1 and 2.0 < five < 2.1
    assert 2.2 < two < 2.35


def test_the_larger_gpts_lose_to_any_fair_discount_and_win_against_a_bad_one():
    """The fair one is told by the text that is learned from: how many runs came once, and twice."""
    prose, kept = read_prose(vocab_size=320), kept_runs()
    rows = rows_of(prose.held_out, 64)[:70]
    best = min(run["losses"]["test rows, in half precision"] for run in kept)

    def lost(discount, before=5):
        loss = kneser_ney_loss(prose.learned, rows, 320, before=before, discount=discount)
        return loss - best

    often = Counter(Counter(map(tuple, prose.learned.unfold(0, 6, 1).tolist())).values())
    fair = often[1] / (often[1] + 2 * often[2])
    assert 0.85 < fair < 0.88 and lost(fair) < -0.04
    assert max(lost(discount) for discount in (0.75, 0.95)) < -0.01
    assert lost(0.9, before=3) < -0.01
    assert lost(0.7) > 0
