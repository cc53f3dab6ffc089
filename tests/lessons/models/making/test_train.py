"""Training can be killed at any moment: it resumes with the same bits and leaves no half files."""

import copy
import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from lessons.models import load
from lessons.models.making import curve, resumable as loop, train

STEPS = 160


def tiny_model() -> GPT2LMHeadModel:
    """A model that trains in a second; its first weights are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=16, n_positions=8, n_embd=16, n_layer=1, n_head=2,
                resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                bos_token_id=0, eos_token_id=0,
            )
        )  # fmt: skip


def tiny_batch(rng: random.Random) -> dict[str, torch.Tensor]:
    """Eight rows that count upwards from a random number."""
    starts = [rng.randrange(16) for _ in range(8)]
    ids = torch.tensor([[(start + i) % 16 for i in range(8)] for start in starts])
    return {"input_ids": ids, "labels": ids}


def run(model, folder: Path, *, steps: int = STEPS, every: int = 20, seed: int = 3, **more):
    """Train the tiny model with a checkpoint in `folder`."""
    settings = dict(steps=steps, learning_rate=5e-3, seed=seed, every=every)
    return loop.train(model, tiny_batch, checkpoint=folder / "checkpoint.pt", **settings, **more)


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    """Whether two models have the same bits."""
    left, right = one.state_dict(), other.state_dict()
    return all(torch.equal(left[key], right[key]) for key in left)


class Interruption(Exception):  # noqa: N818 - it is no error
    """Stands for whatever interrupts a training."""


def stop_at(last: int):
    """A report that interrupts the training after step `last`."""

    def report(step: int, loss: float) -> None:
        if step == last:
            raise Interruption

    return report


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The model and losses of a training that nothing interrupted."""
    model = tiny_model()
    return model, run(model, tmp_path_factory.mktemp("whole")).losses


def test_it_learns(whole):
    _, losses = whole
    assert len(losses) == STEPS and losses[-1] < losses[0] / 2


def test_a_resumed_training_gives_the_same_bits(whole, tmp_path):
    with pytest.raises(Interruption):
        run(tiny_model(), tmp_path, report=stop_at(137))
    resumed = tiny_model()
    first = []
    progress = run(resumed, tmp_path, report=lambda step, loss: first.append(step))
    assert first[0] == 121, "it continues after the last checkpoint, at step 120"
    assert progress.losses == whole[1] and same(resumed, whole[0])


def test_that_check_fails_if_a_resume_forgets_the_optimizer(whole, tmp_path, monkeypatch):
    with pytest.raises(Interruption):
        run(tiny_model(), tmp_path, report=stop_at(137))
    monkeypatch.setattr(torch.optim.AdamW, "load_state_dict", lambda self, state: None)
    resumed = tiny_model()
    assert run(resumed, tmp_path).losses != whole[1] and not same(resumed, whole[0])


def test_a_training_killed_by_the_system_resumes(whole, tmp_path):
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import test_train as t, time; "
        "t.run(t.tiny_model(), pathlib.Path(sys.argv[2]), "
        "report=lambda step, loss: time.sleep(0.05))"
    )
    here = Path(__file__).parent
    paths = os.pathsep.join(map(str, [Path(train.__file__).parents[2], *sys.path]))
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(here), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
    )
    deadline = time.monotonic() + 300  # on a busy machine, importing torch alone takes a minute
    while not (tmp_path / "checkpoint.pt").exists() and time.monotonic() < deadline:
        assert child.poll() is None, "the child ended before it wrote a checkpoint"
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL, "the child was to be killed in the middle"
    done = len(torch.load(tmp_path / "checkpoint.pt", weights_only=True)["losses"])
    assert 0 < done < STEPS
    resumed = tiny_model()
    assert run(resumed, tmp_path).losses == pytest.approx(whole[1], abs=1e-5)


def test_another_training_s_checkpoint_is_refused(tmp_path):
    run(tiny_model(), tmp_path, steps=4)
    with pytest.raises(ValueError, match="delete it to start anew"):
        run(tiny_model(), tmp_path, steps=4, seed=4)


def test_a_finished_training_does_no_more_steps(tmp_path):
    model = tiny_model()
    run(model, tmp_path, steps=4)
    before = copy.deepcopy(model)
    assert len(run(model, tmp_path, steps=4).losses) == 4 and same(model, before)


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(Interruption), loop.whole_file(path) as temporary:
        temporary.write_text("ha")
        raise Interruption
    assert path.read_text() == "old"
    with loop.whole_file(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_an_interrupted_publication_leaves_the_old_weights(encoder, tmp_path, monkeypatch):
    train.publish(encoder.model, encoder.tokenizer, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def half(folder):
        (Path(folder) / "model.safetensors").write_bytes(b"half")
        raise Interruption

    monkeypatch.setattr(encoder.model, "save_pretrained", half)
    with pytest.raises(Interruption):
        train.publish(encoder.model, encoder.tokenizer, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}


@pytest.mark.parametrize("name", ["encoder", "decoder", "translator"])
def test_the_command_trains_and_leaves_a_model_that_loads(name, tmp_path, capfd):
    train.main([name, "--steps", "2", "--out", str(tmp_path), "--no-card"])
    assert load(name, where=tmp_path).model.num_parameters() < 1_100_000
    rows = list(csv.reader((tmp_path / "loss.csv").read_text().splitlines()))
    assert rows[0] == ["step", "loss"] and rows[-1][0] == "2"
    assert "nats" in (tmp_path / "loss.svg").read_text()
    assert "2/2" in capfd.readouterr().err, "the progress bar"


def test_the_loss_curve_by_hand(tmp_path):
    curve.write_losses([4.0, 2.0, 1.0], tmp_path, window=2)
    assert (tmp_path / "loss.csv").read_text() == "step,loss\n2,3.0000\n3,1.0000\n"
    curve.draw_losses(tmp_path)
    first = (tmp_path / "loss.svg").read_bytes()
    curve.draw_losses(tmp_path)
    assert (tmp_path / "loss.svg").read_bytes() == first, "the same numbers, the same file"
    with pytest.raises(ValueError, match="no loss"):
        curve.write_losses([], tmp_path)


def test_committed_vocabularies_are_the_corpus_s(encoder, decoder, translator):
    for loaded in (encoder, decoder, translator):
        _, tokenizer = train.build(loaded.name, seed=0)
        assert tokenizer.get_vocab() == loaded.tokenizer.get_vocab()


def test_the_command_refuses_nonsense(capsys):
    with pytest.raises(SystemExit):
        train.main(["sorcerer"])
    with pytest.raises(SystemExit):
        train.main(["decoder", "--plain-mlm"])
    assert "for the encoder" in capsys.readouterr().err
    with pytest.raises(ValueError, match="encoder, decoder, translator"):
        train.build("sorcerer", seed=0)
