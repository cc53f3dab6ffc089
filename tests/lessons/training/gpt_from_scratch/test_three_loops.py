"""Three loops, one training: the same bits, also after a kill; and what cannot be is told."""

import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from lessons.families import small_decoder
from lessons.training import (
    Batches,
    DroppedResidual,
    LanguageModel,
    Recipe,
    StopAfter,
    Text,
    checkpoints,
    losses_by_seed,
    read_prose,
    rows_of,
    train_by_hand,
    train_with_fabric,
    train_with_lightning,
)
from lessons.training.gpt_from_scratch.lightning_loop import quiet

TEXT = torch.randint(20, (500,), generator=torch.Generator().manual_seed(0))
RECIPE = Recipe(steps=12, learning_rate=0.01, warm_up=4, parts=2)
LOOPS = [train_by_hand, train_with_lightning, train_with_fabric]


def model(seed=0):
    return small_decoder(20, positions=8, d_model=16, layers=1, seed=seed)


def batches(count=24, **options):
    return Batches(TEXT, rows=4, length=8, count=count, **options)


def bits(trained):
    return torch.cat([one.flatten() for one in trained.state_dict().values()])


@pytest.fixture(scope="module")
def whole():
    trained = model()
    return trained, train_by_hand(trained, batches(), RECIPE)


@pytest.mark.parametrize("loop", LOOPS[1:])
@pytest.mark.parametrize(
    "change", [{}, {"clip": 0.0}, {"clip": 0.01}, {"decay": False}, {"parts": 1}, {"warm_up": 0}]
)
def test_the_loops_reach_the_same_bits(loop, change):
    recipe, by_hand, other = replace(RECIPE, **change), model(), model()
    losses = train_by_hand(by_hand, batches(), recipe)
    assert loop(other, batches(), recipe) == losses
    assert len(losses) == 12 * recipe.parts
    assert torch.equal(bits(by_hand), bits(other)) and not other.training


def test_each_part_of_the_recipe_changes_the_bits(whole):
    for change in ({"clip": 0.01}, {"decay": False}, {"warm_up": 3}, {"learning_rate": 0.011}):
        other = model()
        train_by_hand(other, batches(), replace(RECIPE, **change))
        assert not torch.equal(bits(other), bits(whole[0]))


def test_a_step_by_hand_is_torchs(whole):
    """The first step, written out: two batches as one, cut, and a quarter of the rate."""
    one, other, recipe = model(), model(), replace(RECIPE, steps=12, clip=0.01)
    train_by_hand(one, batches(), recipe, until=1)
    optimizer = torch.optim.AdamW(other.parameters(), lr=0.01 / 4, betas=(0.9, 0.98))
    rows = torch.cat([batches()[0], batches()[1]])
    logits = other(rows)[:, :-1].flatten(0, 1)
    torch.nn.functional.cross_entropy(logits, rows[:, 1:].flatten()).backward()
    torch.nn.utils.clip_grad_norm_(other.parameters(), 0.01)
    optimizer.step()
    torch.testing.assert_close(bits(one), bits(other), atol=1e-4, rtol=0)


@pytest.mark.parametrize("until", [0, 3, 4, 9, 12])
def test_a_stopped_training_by_hand_goes_on_with_the_same_bits(tmp_path, whole, until):
    file, resumed = tmp_path / "gpt.pt", model(seed=1)
    train_by_hand(model(), batches(), RECIPE, file=file, every=4, until=until)
    assert file.exists() == (until >= 4)
    if not file.exists():
        resumed = model()
    assert train_by_hand(resumed, batches(), RECIPE, file=file, every=4) == whole[1]
    assert torch.equal(bits(resumed), bits(whole[0]))


def test_a_stopped_lightning_training_goes_on_with_the_same_bits(tmp_path, whole):
    callbacks = [checkpoints(tmp_path, every=4), StopAfter(9)]
    assert len(train_with_lightning(model(), batches(), RECIPE, callbacks=callbacks)) == 18
    (file,) = tmp_path.iterdir()
    assert file.name == "step=8.ckpt"
    inside = torch.load(file, weights_only=True)
    assert {"state_dict", "optimizer_states", "lr_schedulers", "loops", "losses"} <= set(inside)
    assert not [key for key in inside if "rng" in key]  # chance is not saved, as the chapter says
    resumed = model(seed=1)
    losses = train_with_lightning(resumed, batches(), RECIPE, callbacks=callbacks[:1], resume=file)
    assert losses == whole[1] and torch.equal(bits(resumed), bits(whole[0]))


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_three_loops import *

class Kill(StopAfter):
    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step >= self.step:
            os.kill(os.getpid(), signal.SIGKILL)

callbacks = [checkpoints(Path(sys.argv[1]), every=4), Kill(9)]
train_with_lightning(model(), batches(), RECIPE, callbacks=callbacks)
"""


def test_a_killed_process_goes_on_with_the_same_bits(tmp_path, whole):
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(here)])
    assert done.returncode == -signal.SIGKILL
    resumed, again = model(seed=1), [checkpoints(tmp_path, every=4)]
    train_with_lightning(
        resumed, batches(), RECIPE, callbacks=again, resume=tmp_path / "step=8.ckpt"
    )
    assert torch.equal(bits(resumed), bits(whole[0]))


class Forgetful:
    """Batches that tell nobody which comes next, as a `DataLoader` of torch does."""

    def __init__(self, batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        return iter([self.batches[number] for number in range(len(self))])


def test_batches_without_a_place_cannot_resume(tmp_path, whole, monkeypatch):
    """Lightning counts the batches, and begins with the first one again."""
    monkeypatch.setattr(Text, "train_dataloader", lambda self: Forgetful(self.batches))
    callbacks, file, other = [checkpoints(tmp_path, every=4)], tmp_path / "step=8.ckpt", model()
    train_with_lightning(model(), batches(), RECIPE, callbacks=[*callbacks, StopAfter(9)])
    with pytest.warns(UserWarning, match="dataloader is not resumable"):
        train_with_lightning(other, batches(), RECIPE, callbacks=callbacks, resume=file)
    assert not torch.equal(bits(other), bits(whole[0]))


@pytest.mark.parametrize("loop", LOOPS)
def test_a_diverging_loss_is_told(loop):
    broken = model()
    with torch.no_grad():
        broken.unembed.weight.fill_(float("inf"))
    with pytest.raises(ValueError, match="lower the learning rate"):
        loop(broken, batches(), RECIPE)


@pytest.mark.parametrize("loop", LOOPS)
def test_too_few_batches_are_told_before_the_first_step(loop):
    with pytest.raises(ValueError, match="12 steps of 2 batches need 24, and there are 23"):
        loop(model(), batches(count=23), RECIPE)


def test_a_checkpoint_of_another_recipe_is_refused_and_kept(tmp_path):
    file, other = tmp_path / "gpt.pt", replace(RECIPE, learning_rate=0.02)
    train_by_hand(model(), batches(), RECIPE, file=file, every=4, until=4)
    before = file.read_bytes()
    with pytest.raises(ValueError, match=r"gpt.pt was written with steps=12.*another file"):
        train_by_hand(model(), batches(), other, file=file)
    assert file.read_bytes() == before
    module = LanguageModel(model(), RECIPE)
    saved: dict = {}
    module.on_save_checkpoint(saved)
    with pytest.raises(ValueError, match="the checkpoint was written with"):
        LanguageModel(model(), other).on_load_checkpoint(saved)


def test_a_checkpoint_of_another_model_is_refused_and_kept(tmp_path):
    """By hand and by Lightning: one sentence, before anything is changed."""
    file, told = tmp_path / "gpt.pt", r"holds another model \(.*: 20 × 16, here 20 × 8\): pass"
    train_by_hand(model(), batches(), RECIPE, file=file, every=4, until=4)
    callbacks = [checkpoints(tmp_path / "lightning", every=4), StopAfter(4)]
    train_with_lightning(model(), batches(), RECIPE, callbacks=callbacks)
    narrow = small_decoder(20, positions=8, d_model=8, layers=1)
    before, own = file.read_bytes(), bits(narrow)
    with pytest.raises(ValueError, match=told):
        train_by_hand(narrow, batches(), RECIPE, file=file)
    with pytest.raises(ValueError, match=told):
        resume = tmp_path / "lightning" / "step=4.ckpt"
        train_with_lightning(narrow, batches(), RECIPE, resume=resume)
    assert file.read_bytes() == before and torch.equal(bits(narrow), own)


@pytest.mark.parametrize("remembered", [True, False])
def test_dropout_goes_on_where_it_stopped(tmp_path, monkeypatch, remembered):
    """A checkpoint without the state of chance goes on with other bits."""

    def dropped():
        return small_decoder(20, positions=8, d_model=16, layers=1, residual=DroppedResidual(0.5))

    if not remembered:
        monkeypatch.setattr(torch, "set_rng_state", lambda state: None)
    file, straight, stopped, resumed = tmp_path / "gpt.pt", dropped(), dropped(), dropped()
    torch.manual_seed(0)
    expected = train_by_hand(straight, batches(), RECIPE)
    torch.manual_seed(0)
    train_by_hand(stopped, batches(), RECIPE, file=file, every=4, until=9)
    losses = train_by_hand(resumed, batches(), RECIPE, file=file, every=4)
    assert (losses == expected) == remembered
    assert torch.equal(bits(resumed), bits(straight)) == remembered


def test_bfloat16_keeps_the_weights_in_float32_and_both_libraries_agree(whole):
    lightning, fabric = model(), model()
    losses = train_with_lightning(lightning, batches(), RECIPE, precision="bf16-mixed")
    assert train_with_fabric(fabric, batches(), RECIPE, precision="bf16-mixed") == losses
    assert torch.equal(bits(lightning), bits(fabric))
    assert lightning.unembed.weight.dtype == torch.float32
    apart = max(abs(one - other) for one, other in zip(losses, whole[1], strict=True))
    assert 0 < apart < 0.1


def test_quiet_puts_back_what_it_changed():
    import logging

    log = logging.getLogger("lightning.pytorch")
    before = log.level
    with pytest.raises(RuntimeError), quiet():
        assert log.level == logging.WARNING
        raise RuntimeError
    assert log.level == before


def test_seeds_decide_model_and_batches():
    build = lambda seed: model(seed)  # noqa: E731
    rows = TEXT[:80].view(-1, 8)
    both = losses_by_seed(build, batches(), RECIPE, rows, seeds=2)
    alone = model(1)
    train_by_hand(alone, batches(seed=1), RECIPE)
    from lessons.families import next_token_loss

    assert both[1] == next_token_loss(alone, rows).item() != both[0]


@pytest.fixture(scope="module")
def ends():
    """Five seeds of the chapter's comparison: what each ends with, of a rate and a change."""
    prose = read_prose(vocab_size=320)
    rows = rows_of(prose.held_out, 32)[:100]

    def build(seed):
        return small_decoder(320, positions=32, d_model=32, layers=1, seed=seed)

    @cache
    def ended(rate, **change):
        recipe = replace(Recipe(steps=100, learning_rate=rate, warm_up=20), **change)
        kind = Batches(prose.learned, rows=8, length=32, count=100)
        return losses_by_seed(build, kind, recipe, rows, seeds=5)

    return ended


@pytest.mark.slow
def test_what_a_habit_does_depends_on_the_rate(ends):
    """At 0.03, in the chapter, warm-up and decay do harm; at 0.1 they help."""
    both = ends(0.1)
    for change in ({"warm_up": 0}, {"decay": False}):
        assert all(a < b for a, b in zip(both, ends(0.1, **change), strict=True))


@pytest.mark.slow
def test_decay_does_harm_at_an_equal_sum_of_rates_too(ends):
    """All at 0.03 goes as far as no decay at 0.0169; no decay at 0.03 as far as all at 0.0532."""
    whole, flat = (
        sum(map(replace(Recipe(100, 1.0, warm_up=20), decay=decay).share, range(100)))
        for decay in (True, False)
    )
    assert sum(ends(0.03 * whole / flat, decay=False)) < sum(ends(0.03)) - 0.5
    assert sum(ends(0.03, decay=False)) < sum(ends(0.03 * flat / whole)) - 0.3


@pytest.mark.slow
def test_no_gradient_reaches_the_limit(ends):
    assert ends(0.03) == ends(0.03, clip=0.0) != ends(0.03, clip=0.5)
