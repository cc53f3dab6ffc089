"""The losses against trl's, on numbers, and on slips that the numbers must catch."""

import math
from types import SimpleNamespace

import pytest
import torch

from lessons.alignment import (
    PairLogs,
    dpo_loss,
    ipo_loss,
    kto_loss,
    margins,
    orpo_loss,
    with_likelihood,
)

DOUBLE = torch.float64


@pytest.fixture
def logs():
    chance = torch.Generator().manual_seed(0)
    drawn = -4 * torch.rand(4, 6, generator=chance, dtype=DOUBLE) - 0.1
    tokens = torch.randint(2, 6, (2, 6), generator=chance).double()
    return PairLogs(*drawn, *tokens)


def test_margins_by_hand():
    half, quarter = torch.tensor([0.5]).log(), torch.tensor([0.25]).log()
    found = margins(PairLogs(half, quarter, quarter, half, half, half))
    assert math.isclose(found.item(), math.log(4), abs_tol=1e-6)


def test_what_is_common_to_a_pair_cancels(logs):
    """Both answers may fall by any number of nats, and the loss does not see it."""
    fallen = logs._replace(chosen=logs.chosen - 5, rejected=logs.rejected - 5)
    torch.testing.assert_close(dpo_loss(fallen, beta=0.3), dpo_loss(logs, beta=0.3))
    assert with_likelihood(fallen, beta=0.3, weight=0.2) > with_likelihood(
        logs, beta=0.3, weight=0.2
    )


def turned(logs):
    return logs._replace(chosen=logs.rejected, rejected=logs.chosen)


def without_reference(logs):
    nothing = torch.zeros_like(logs.chosen)
    return logs._replace(reference_chosen=nothing, reference_rejected=nothing)


def means_of_tokens(logs):
    return logs._replace(
        chosen=logs.chosen / logs.chosen_tokens, rejected=logs.rejected / logs.rejected_tokens
    )


@pytest.mark.parametrize("slip", [turned, without_reference, means_of_tokens])
def test_slips_are_other_losses(logs, slip):
    assert abs(dpo_loss(slip(logs), beta=0.3) - dpo_loss(logs, beta=0.3)) > 1e-3


def test_the_gradient_has_the_sign_and_the_weight_of_equation_7(logs):
    chosen = logs.chosen.clone().requires_grad_()
    rejected = logs.rejected.clone().requires_grad_()
    moved = logs._replace(chosen=chosen, rejected=rejected)
    dpo_loss(moved, beta=0.3).backward()
    weight = 0.3 * torch.sigmoid(-0.3 * margins(logs)) / 6
    torch.testing.assert_close(chosen.grad, -weight)
    torch.testing.assert_close(rejected.grad, weight)


def test_ipo_is_lowest_at_its_margin(logs):
    beta = 0.25
    there = logs._replace(chosen=logs.chosen + 1 / (2 * beta) - margins(logs))
    assert ipo_loss(there, beta=beta).item() < 1e-12
    beyond = there._replace(chosen=there.chosen + 1)
    assert math.isclose(ipo_loss(beyond, beta=beta).item(), 1)
    assert dpo_loss(beyond, beta=beta) < dpo_loss(there, beta=beta)  # which never has enough


def test_kto_by_hand_and_without_partners(logs):
    gains = [logs.chosen - logs.reference_chosen, logs.rejected - logs.reference_rejected]
    middle = max(0.0, torch.cat(gains).mean().item())
    each = [1 / (1 + math.exp(0.3 * (gain - middle))) for gain in gains[0].tolist()]
    each += [1 / (1 + math.exp(0.3 * (middle - gain))) for gain in gains[1].tolist()]
    assert math.isclose(kto_loss(logs, beta=0.3).item(), sum(each) / len(each))
    others = logs._replace(rejected=logs.rejected[[1, 2, 3, 4, 5, 0]])
    others = others._replace(reference_rejected=logs.reference_rejected[[1, 2, 3, 4, 5, 0]])
    torch.testing.assert_close(kto_loss(others, beta=0.3), kto_loss(logs, beta=0.3))


@pytest.mark.filterwarnings("ignore")
def test_orpo_as_trl(logs):
    from trl.experimental.orpo import ORPOTrainer

    means = [logs.chosen / logs.chosen_tokens, logs.rejected / logs.rejected_tokens]
    trainer = SimpleNamespace(beta=0.5, accelerator=SimpleNamespace(device="cpu"))
    theirs, *_ = ORPOTrainer.odds_ratio_loss(trainer, *means)
    expected = (-means[0] - theirs.double()).mean()
    torch.testing.assert_close(orpo_loss(logs, weight=0.5), expected, atol=1e-5, rtol=0)
