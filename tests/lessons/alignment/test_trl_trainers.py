"""Losses against trl's trainers: their whole way from texts to a number, on the same model.

trl 1.16 has trainers for DPO (with IPO), KTO and reward models. It has none for PPO any more.
"""

import copy
import math

import pytest
import torch
from transformers import GPT2ForSequenceClassification

from lessons.alignment import (
    Pairs,
    Scored,
    answer_scores,
    dpo_loss,
    ipo_loss,
    kto_loss,
    pair_logs,
    preference_loss,
)
from lessons.families import from_transformers

pytestmark = pytest.mark.filterwarnings("ignore")

SETTINGS = {
    "per_device_train_batch_size": 3, "report_to": [], "use_cpu": True, "disable_tqdm": True,
    "bf16": False, "gradient_checkpointing": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def pairs(playground):
    """Answers that end with the end of text, of one length: trl divides IPO's margins by it."""
    ended, good = playground.allowed[1::2], playground.good[1::2]
    return Pairs(ended[good], ended[~good])


@pytest.fixture(scope="module")
def told(playground, pairs):
    sides = [[" " + playground.told(one) for one in side] for side in pairs]
    return [
        {"prompt": "tom thanks ben because", "chosen": one, "rejected": other}
        for one, other in zip(*sides, strict=True)
    ]


@pytest.fixture
def policy(decoder):
    """The decoder, moved a little everywhere."""
    model, chance = copy.deepcopy(decoder.model), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights += 0.01 * torch.randn(weights.shape, generator=chance)
    return model.eval()


def first_batch(trainer):
    return next(iter(trainer.get_train_dataloader()))


@pytest.mark.parametrize(("kind", "loss"), [("sigmoid", dpo_loss), ("ipo", ipo_loss)])
def test_dpo_and_ipo(kind, loss, reference, playground, decoder, policy, pairs, told, tmp_path):
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    config = DPOConfig(output_dir=str(tmp_path), beta=0.1, loss_type=[kind], **SETTINGS)
    trainer = DPOTrainer(
        policy, ref_model=copy.deepcopy(decoder.model), args=config,
        train_dataset=Dataset.from_list(told), processing_class=decoder.tokenizer,
    )  # fmt: skip
    batch = first_batch(trainer)
    assert batch["completion_mask"].sum(dim=1).tolist() == [4] * 6
    expected = trainer.compute_loss(policy.eval(), batch).item()
    logs = pair_logs(from_transformers(policy), reference, playground, pairs)
    found = loss(logs, beta=0.1) if kind == "sigmoid" else loss(logs, beta=0.025) / 16
    assert abs(found.item() - expected) < 1e-4
    assert abs(dpo_loss(logs, beta=0.1).item() - math.log(2)) > 1e-2


@pytest.mark.parametrize("turned", [False, True])
def test_kto(turned, reference, playground, decoder, policy, pairs, told, tmp_path):
    """With one prompt, trl's other answers for the mean gain are those of the batch.

    Turned, the mean gain is on the other side of zero, where both cut it off or not.
    """
    from datasets import Dataset
    from trl import KTOConfig, KTOTrainer

    before, policy = (policy, decoder.model) if turned else (decoder.model, policy)
    rows = [
        {"prompt": one["prompt"], "completion": one[side], "label": side == "chosen"}
        for side in ("chosen", "rejected")
        for one in told
    ]
    settings = SETTINGS | {"per_device_train_batch_size": 6}
    config = KTOConfig(output_dir=str(tmp_path), beta=0.5, **settings)
    trainer = KTOTrainer(
        copy.deepcopy(policy), ref_model=copy.deepcopy(before), args=config,
        train_dataset=Dataset.from_list(rows), processing_class=decoder.tokenizer,
    )  # fmt: skip
    expected = trainer.compute_loss(trainer.model.eval(), first_batch(trainer)).item()
    logs = pair_logs(from_transformers(policy), from_transformers(before), playground, pairs)
    assert abs(kto_loss(logs, beta=0.5).item() - expected) < 1e-4
    swapped = logs._replace(chosen=logs.rejected, rejected=logs.chosen)
    assert abs(kto_loss(swapped, beta=0.5).item() - expected) > 5e-4


def test_reward_model(reference, playground, decoder, pairs, told, tmp_path):
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    ours = Scored(reference)
    with torch.no_grad():
        ours.head.weight.copy_(torch.randn(128, generator=torch.Generator().manual_seed(0)))
    config = copy.deepcopy(decoder.model.config)
    config.num_labels = 1
    theirs = GPT2ForSequenceClassification(config)
    theirs.transformer.load_state_dict(decoder.model.transformer.state_dict())
    theirs.score.load_state_dict({"weight": ours.head.weight})
    trainer = RewardTrainer(
        theirs, args=RewardConfig(output_dir=str(tmp_path), **SETTINGS),
        train_dataset=Dataset.from_list(told), processing_class=decoder.tokenizer,
    )  # fmt: skip
    expected = trainer.compute_loss(theirs.eval(), first_batch(trainer)).item()
    good, bad = answer_scores(ours, playground, torch.cat(pairs)).chunk(2)
    assert abs(preference_loss(good, bad).item() - expected) < 1e-4
    assert abs(preference_loss(bad, good).item() - expected) > 1e-2
