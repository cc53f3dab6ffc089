"""What a training may not go on from is told in one sentence, and nothing is lost by asking."""

import pytest
import torch

from lessons.blocks import post_norm
from lessons.families import small_decoder
from lessons.training import (
    Batches,
    DroppedResidual,
    Recipe,
    StopAfter,
    checkpoints,
    train_by_hand,
    train_with_lightning,
)
from lessons.training.gpt_from_scratch import checkpoint_checks
from lessons.training.gpt_from_scratch.checkpoint_checks import check_plan, plan_of

TEXT = torch.randint(20, (100,), generator=torch.Generator().manual_seed(0))
RECIPE = Recipe(steps=4, learning_rate=0.01, warm_up=2)


def model(**options):
    return small_decoder(20, positions=8, **({"d_model": 16, "layers": 1} | options))


def batches():
    return Batches(TEXT, rows=4, length=8, count=4)


def by_hand(one, file):
    return train_by_hand(one, batches(), RECIPE, file=file, every=2)


def by_lightning(one, file):
    writes = [checkpoints(file.parent, every=2)]
    return train_with_lightning(one, batches(), RECIPE, callbacks=writes, resume=file)


@pytest.fixture
def files(tmp_path):
    """Return a checkpoint of two steps for each loop, in folders that were not there."""
    ours, theirs = tmp_path / "made" / "gpt.pt", tmp_path / "lightning" / "step=2.ckpt"
    train_by_hand(model(), batches(), RECIPE, file=ours, every=2, until=2)
    stops = [checkpoints(theirs.parent, every=2), StopAfter(2)]
    train_with_lightning(model(), batches(), RECIPE, callbacks=stops)
    return {by_hand: ours, by_lightning: theirs}


def told(loop, one, file):
    """Return the sentence; the file and the model's numbers stay as they are."""
    before = {name: tensor.clone() for name, tensor in one.state_dict().items()}
    inside = file.read_bytes()
    with pytest.raises(ValueError) as error:
        loop(one, file)
    assert file.read_bytes() == inside
    assert all(torch.equal(tensor, before[name]) for name, tensor in one.state_dict().items())
    assert "\n" not in str(error.value) and "another file" in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("loop", [by_hand, by_lightning])
@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"d_model": 8}, "embed.tokens.weight: 20 × 16, here 20 × 8"),
        ({"layers": 2}, "layers.1.attention_norm.gain: missing, here 16"),
        ({"heads": 2}, "layers.0.attention.heads: 4, here 2"),  # of which no tensor tells
        ({"residual": DroppedResidual(0.5)}, "layers.0.residual: pre_norm, here missing"),
        ({"residual": post_norm}, "layers.0.residual: pre_norm, here post_norm"),  # nor of this
    ],
)
def test_another_configuration_is_told(files, loop, options, difference):
    assert difference in told(loop, model(**options), files[loop])


def test_sizes_alone_would_let_another_number_of_heads_pass(files, monkeypatch):
    """And the training would end elsewhere, without a word."""
    sizes = lambda one: {name: str(it.shape) for name, it in one.state_dict().items()}  # noqa: E731
    monkeypatch.setattr(checkpoint_checks, "plan_of", sizes)
    check_plan(sizes(model()), model(heads=2), "gpt.pt")
    with pytest.raises(ValueError, match="holds another model"):
        check_plan(sizes(model()), model(d_model=8), "gpt.pt")


@pytest.mark.parametrize("loop", [by_hand, by_lightning])
@pytest.mark.parametrize("damage", ["cut", "text", "weights", "other loop"])
def test_what_is_no_checkpoint_of_the_loop_is_told(files, loop, damage):
    file = files[loop]
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:2000])
    elif damage == "text":
        file.write_text("step,loss\n1,0.5\n")
    elif damage == "weights":
        torch.save(model().state_dict(), file)
    else:
        file.write_bytes(next(other.read_bytes() for of, other in files.items() if of != loop))
    assert "is no whole checkpoint of this loop" in told(loop, model(), file)


@pytest.mark.parametrize("loop", [by_hand, by_lightning])
def test_a_whole_one_of_the_same_model_is_gone_on_from(files, loop):
    one, straight = model(seed=1), model()
    losses = loop(one, files[loop])
    assert losses == train_by_hand(straight, batches(), RECIPE)
    assert all(map(torch.equal, one.state_dict().values(), straight.state_dict().values()))


def test_a_plan_does_not_depend_on_what_the_model_does_at_the_moment():
    assert plan_of(model().train()) == plan_of(model(seed=3).eval())
