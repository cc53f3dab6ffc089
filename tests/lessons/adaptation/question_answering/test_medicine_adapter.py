"""The adapter: what trains, its file, what it refuses, and that a killed training goes on."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from lessons.adaptation import (
    Prompts,
    adapter_of,
    lit_llama,
    load_adapter,
    lower_states,
    save_adapter,
    some_of,
    teach,
)
from support import same


@pytest.fixture
def converted(small_llama, small_sizes):
    def convert(*, rank=4, first=2):
        return lit_llama(small_llama, first=first, rank=rank, config=small_sizes)

    return convert


def prompts_for(gpt):
    """Return 12 texts of 6 tokens with an answer that the first token tells."""
    ids = torch.randint(10, 90, (12, 6), generator=torch.Generator().manual_seed(2))
    answers = ids[:, 0] % 5
    places = torch.tensor([[4, 5]] * 12)
    labels = torch.stack([answers, torch.full((12,), 7)], dim=1)
    return Prompts(lower_states(gpt, ids, first=2), places, labels)


@pytest.fixture(autouse=True)
def upper_half(monkeypatch):
    """Let the last two of four blocks train, in place of the last ten of thirty."""
    from lessons.adaptation.question_answering import lit_llama as module, medicine_adapter

    def upper(gpt, states, places):
        return module.upper_logits(gpt, states, places, first=2)

    monkeypatch.setattr(medicine_adapter, "upper_logits", upper)


def taught(gpt, checkpoint, *, steps=30, stop=None):
    def report(step, loss):
        if step == stop:
            raise KeyboardInterrupt

    return teach(
        gpt, prompts_for(gpt), rows=6, steps=steps, learning_rate=0.02, warm_up=3,
        seed=0, checkpoint=checkpoint, every=4, report=report,
    )  # fmt: skip


def test_it_learns_and_the_base_stays(converted, tmp_path):
    gpt = converted()
    base = {n: one.clone() for n, one in gpt.state_dict().items() if "lora_" not in n}
    progress = taught(gpt, tmp_path / "checkpoint.pt", steps=60)
    assert progress.losses[-1] < progress.losses[0] / 3
    assert all(torch.equal(gpt.state_dict()[name], one) for name, one in base.items())
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["model"]
    assert set(state) == set(adapter_of(gpt))


def test_a_killed_training_goes_on_with_the_same_bits(converted, tmp_path):
    whole, killed = converted(), converted()
    expected = taught(whole, tmp_path / "whole.pt").losses
    with pytest.raises(KeyboardInterrupt):
        taught(killed, tmp_path / "killed.pt", stop=14)
    again = converted()
    assert taught(again, tmp_path / "killed.pt").losses == expected
    for name, one in adapter_of(again).items():
        assert torch.equal(one, adapter_of(whole)[name])


def test_a_diverging_training_is_told_and_its_checkpoint_stays(converted, tmp_path):
    """One sentence, before the broken weights are written over those that were good."""
    gpt, path = converted(), tmp_path / "checkpoint.pt"
    taught(gpt, path, steps=8)
    before = path.read_bytes()
    settings = torch.load(path, weights_only=True)["settings"] | {"steps": 30}
    state = torch.load(path, weights_only=True) | {"settings": settings}
    state["model"] = {name: one * float("inf") for name, one in state["model"].items()}
    torch.save(state, path)
    spoilt = path.read_bytes()
    with pytest.raises(ValueError, match=r"the loss is nan in step 8: lower the learning rate"):
        taught(converted(), path)
    assert path.read_bytes() == spoilt != before


def test_a_checkpoint_of_another_configuration_or_a_damaged_one_is_told(converted, tmp_path):
    """One sentence, before anything is set; torch's own has several lines, or names no file."""
    taught(converted(), path := tmp_path / "checkpoint.pt", steps=8)
    whole = path.read_bytes()
    others = {"rank": converted(rank=2), "fewer": converted(first=3), "more": converted(first=1)}
    for content in (whole, whole[:2000], b"step,loss"):
        path.write_bytes(content)
        for gpt in others.values() if content is whole else [converted()]:
            before = {name: one.clone() for name, one in adapter_of(gpt).items()}
            with pytest.raises(ValueError, match=r"^checkpoint\.pt is no whole .* another file"):
                taught(gpt, path, steps=8)
            assert path.read_bytes() == content
            assert all(torch.equal(one, before[name]) for name, one in adapter_of(gpt).items())
    with pytest.raises(ValueError, match="belongs to a training with"):  # of other settings
        path.write_bytes(whole)
        taught(converted(), path, steps=9)


def test_written_and_read_it_says_the_same(converted, tmp_path):
    gpt = converted()
    taught(gpt, tmp_path / "checkpoint.pt")
    save_adapter(gpt, tmp_path / "adapter.safetensors")
    assert {one.dtype for one in load_file(tmp_path / "adapter.safetensors").values()} == {
        torch.float16
    }
    for one in adapter_of(gpt).values():
        one.copy_(one.half())  # as it is kept
    other = load_adapter(converted(), tmp_path / "adapter.safetensors")
    ids = torch.arange(8)[None]
    with torch.no_grad():
        same(other(ids), gpt(ids), atol=0)
        assert (other(ids) - converted()(ids)).abs().max() > 0.1


def test_an_adapter_for_another_base_is_refused(converted, tmp_path):
    path = tmp_path / "adapter.safetensors"
    save_adapter(converted(), path)
    other = converted()
    other.transformer.h[-1].attn.qkv.linear.weight.data[0, 0] += 1e-6
    with pytest.raises(ValueError, match="learned for another base"):
        load_adapter(other, path)
    with pytest.raises(ValueError, match="other layers or another rank"):
        load_adapter(converted(rank=2), path)
    with pytest.raises(ValueError, match="other layers or another rank"):
        load_adapter(converted(first=1), path)
    save_file(load_file(path), path)  # without the mark
    with pytest.raises(ValueError, match="learned for another base"):
        load_adapter(converted(), path)


def test_no_question_is_drawn_twice_in_a_batch(converted):
    import random

    prompts = prompts_for(converted())
    batch = some_of(prompts._replace(labels=torch.arange(24).view(12, 2)), 12)(random.Random(0))
    assert sorted(batch["labels"][:, 0].tolist()) == list(range(0, 24, 2))


def test_a_damaged_and_a_missing_adapter_are_told(converted, tmp_path):
    path = tmp_path / "adapter.safetensors"
    with pytest.raises(OSError, match=r"adapter\.safetensors in .* cannot be read"):
        load_adapter(converted(), path)
    save_adapter(converted(), path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(OSError, match="restore it, or train it again"):
        load_adapter(converted(), path)
