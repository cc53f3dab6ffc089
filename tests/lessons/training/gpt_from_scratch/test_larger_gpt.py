"""The weights that are kept: written and read, refused elsewhere, and what their card tells."""

import json
import signal
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from lessons.families import next_token_loss
from lessons.training import (
    Batches,
    Recipe,
    kept_losses,
    kept_runs,
    load_gpt,
    read_prose,
    recited,
    train_by_hand,
)
from lessons.training.gpt_from_scratch import larger_gpt as kept, make_gpt
from lessons.training.gpt_from_scratch.larger_gpt import FILE, FOLDER, larger_gpt, save_gpt


@pytest.fixture(scope="module")
def prose():
    return read_prose(vocab_size=320)


def test_written_and_read_it_says_the_same(prose, tmp_path):
    model, ids = larger_gpt(320, seed=3).eval(), prose.learned[None, :20]
    save_gpt(model, prose.tokenizer, tmp_path)
    assert {one.dtype for one in load_file(tmp_path / FILE).values()} == {torch.float16}
    again = load_gpt(prose.tokenizer, tmp_path)
    for one in model.parameters():
        one.data = one.half().float()  # as it is kept
    assert torch.equal(again(ids), model(ids)) and not again.training


def test_other_tokens_other_sizes_and_a_damaged_file_are_told(prose, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="is for other tokens: pass those of"):
        load_gpt(read_prose(vocab_size=319).tokenizer)
    save_file(load_file(FOLDER / FILE), tmp_path / FILE)  # without the mark
    with pytest.raises(ValueError, match="is for other tokens"):
        load_gpt(prose.tokenizer, tmp_path)
    (tmp_path / FILE).write_bytes((FOLDER / FILE).read_bytes()[:1000])
    with pytest.raises(OSError, match="restore it from the repository, or train it again"):
        load_gpt(prose.tokenizer, tmp_path)
    with pytest.raises(OSError, match="cannot be read"):
        load_gpt(prose.tokenizer, tmp_path / "nowhere")
    monkeypatch.setitem(kept.SIZES, "d_model", 32)
    with pytest.raises(ValueError, match="other sizes than"):
        load_gpt(prose.tokenizer)


def test_the_file_is_small_and_says_what_its_metrics_tell(prose):
    assert (FOLDER / FILE).stat().st_size <= 3_000_000
    own, rows = kept_runs()[0], make_gpt.parts(prose)
    model = load_gpt(prose.tokenizer)
    assert sum(one.numel() for one in model.parameters()) == own["numbers"]
    with torch.no_grad():
        loss = next_token_loss(model, rows["test"]).item()
    assert loss == pytest.approx(own["losses"]["test rows, in half precision"], abs=2e-3)
    assert make_gpt.counted(prose, rows) == pytest.approx(own["counted"], abs=1e-6)


def test_the_card_tells_the_metrics_of_all_runs(tmp_path):
    runs = kept_runs()
    assert [run["seed"] for run in runs] == list(range(len(runs)))
    assert (FOLDER / "README.md").read_text("utf8") == make_gpt.card(runs)
    (tmp_path / "metrics.json").write_text(json.dumps(runs[0] | {"seed": 7}))
    make_gpt.main(["--card", str(tmp_path)])
    assert "--seed 7`" in (tmp_path / "README.md").read_text("utf8")


def test_no_row_is_scored_twice_and_none_was_learned_from(prose):
    rows = make_gpt.parts(prose)
    assert torch.equal(torch.cat([rows["test"], rows["validation"]]).flatten(),
                       prose.held_out[: 64 * (70 + len(rows["validation"]))])  # fmt: skip
    assert len(rows["learned"]) == 70 == len(rows["test"])


def test_the_curves_are_those_of_the_training():
    curves, own = kept_losses(), kept_runs()[0]
    assert curves["step"][-1] == own["steps"] and len(curves["test"]) == own["steps"] // 100
    assert curves["test"][-1] == pytest.approx(own["losses"]["test rows"], abs=1e-3)


TINY = """
import sys
from pathlib import Path
from lessons.training.gpt_from_scratch import larger_gpt, make_gpt
from lessons.training import Recipe
larger_gpt.SIZES |= {"d_model": 8, "layers": 1}
make_gpt.VOCAB = 260  # quickly cut
make_gpt.EVERY, make_gpt.RECIPE = 2, Recipe(steps=6, learning_rate=0.01, warm_up=2)
make_gpt.SHORT = Recipe(steps=2, learning_rate=0.01, warm_up=2)
kill = sys.argv[2] == "kill"
if kill:
    import os, signal
    score, times = make_gpt.score, []
    def deadly(model, rows):
        times.append(1)
        if len(times) == 2:  # a checkpoint more than loss.csv tells
            os.kill(os.getpid(), signal.SIGKILL)
        return score(model, rows)
    make_gpt.score = deadly
make_gpt.main(["--out", sys.argv[1]])
"""


def test_a_killed_command_goes_on_with_the_same_bits(tmp_path):
    """With dropout, too: the checkpoint holds what it draws from."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder, how, code in ((whole, "whole", 0), (killed, "kill", -signal.SIGKILL),
                              (killed, "again", 0)):  # fmt: skip
        done = subprocess.run([sys.executable, "-c", TINY, str(folder), how], check=False)
        assert done.returncode == code
    assert (whole / FILE).read_bytes() == (killed / FILE).read_bytes()
    curves = [kept_losses(folder) for folder in (whole, killed)]
    assert all(one.pop("seconds") for one in curves) and curves[0] == curves[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_high_rate_undoes_what_a_low_one_leaves(prose, seed):
    """With other batches and other dropout than the chapter's."""
    rows, after = make_gpt.parts(prose)["test"], {}
    before = kept_runs()[0]["losses"]["test rows, in half precision"]
    for rate in (0.002, 0.0001):
        torch.manual_seed(seed)
        model = load_gpt(prose.tokenizer)
        batches = Batches(prose.learned, rows=16, length=64, count=12, seed=100 + seed)
        plan = Recipe(steps=12, learning_rate=rate, warm_up=0, decay=False)
        train_by_hand(model, batches, plan)
        with torch.no_grad():
            after[rate] = next_token_loss(model, rows).item()
    assert after[0.002] > before + 0.05 > after[0.0001]


def test_it_recites_no_further_what_it_has_read(prose):
    rows, model = make_gpt.parts(prose), load_gpt(prose.tokenizer)
    known, new = (recited(model, rows[name], given=48) for name in ("learned", "test"))
    assert {"learned": known.tolist(), "test": new.tolist()} == kept_runs()[0]["recited"]
    assert known.max() < 16 and known.double().mean() < new.double().mean() + 1


def test_it_guesses_more_of_what_it_has_read_where_an_error_does_not_end_the_count(prose):
    rows, model, shares = make_gpt.parts(prose), load_gpt(prose.tokenizer), {}
    for name in ("learned", "test"):
        with torch.no_grad():
            guessed = model(rows[name])[:, 47:-1].argmax(-1)
        shares[name] = (guessed == rows[name][:, 48:]).double().mean().item()
    assert 0.45 < shares["learned"] < 0.55 and 0.35 < shares["test"] < 0.45
    assert shares["learned"] > shares["test"] + 0.05


def test_a_stop_on_the_way_writes_no_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(make_gpt, "RECIPE", Recipe(steps=4, learning_rate=0.01, warm_up=2))
    monkeypatch.setattr(make_gpt, "EVERY", 2)
    monkeypatch.setattr(make_gpt, "VOCAB", 260)
    monkeypatch.setitem(kept.SIZES, "d_model", 8)
    make_gpt.main(["--out", str(tmp_path), "--until", "2"])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["checkpoint.pt", "loss.csv"]


def test_wrong_arguments_are_told(capsys):
    with pytest.raises(SystemExit):
        make_gpt.main(["--seed", "first"])
    assert "invalid int value" in capsys.readouterr().err


def test_other_seeds_are_kept_with_their_curves(tmp_path):
    for run in kept_runs()[1:]:
        curves = kept_losses(seed=run["seed"])
        assert curves["step"] == kept_losses()["step"]
        assert curves["test"][-1] == pytest.approx(run["losses"]["test rows"], abs=1e-3)
        assert curves != kept_losses()
    with pytest.raises(OSError, match=r"seed7\.csv is not there: pass the seed of a run"):
        kept_losses(seed=7)


def test_each_seed_of_the_larger_one_ends_between_the_longer_counts_and_the_small_one():
    for run in (runs := kept_runs()):
        small = run["losses"]["test rows, the small GPT after as many steps"]
        assert run["counted"]["runs of up to six"] + 0.02 < run["losses"]["test rows"] < small
        assert run["counted"] == pytest.approx(runs[0]["counted"])
        assert max(run["recited"]["learned"]) < 16
    assert len(runs) == 5
