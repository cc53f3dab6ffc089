"""LoRA: peft's own numbers, merged without a difference, and slips that are caught."""

import copy

import pytest
import torch
from hypothesis import given, strategies as st
from peft import LoraConfig, get_peft_model, inject_adapter_in_model
from torch import nn

from lessons.adaptation import (
    LowRank,
    adapt,
    adapted_layers,
    low_rank_update,
    merge,
    trained_count,
)
from lessons.families import small_decoder
from support import few, same

NAMES = ("to_query", "to_value", "to_hidden")


def drawn(model, *, seed=0):
    """Give the updates of a model numbers as if it had learned."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in adapted_layers(model).values():
            layer.up.copy_(torch.randn(layer.up.shape, generator=generator))
    return model


def adapted(*, rank=2, alpha=6.0):
    model = small_decoder(20, positions=8).double()
    return drawn(adapt(model, NAMES, rank=rank, alpha=alpha).double())


def check_as_peft_s(update):
    """Compare a layer's output, and its gradients, with those of peft."""
    ours = adapted()
    plain = small_decoder(20, positions=8).double()
    theirs = get_peft_model(plain, LoraConfig(r=2, lora_alpha=6, target_modules=list(NAMES)))
    parameters = dict(theirs.named_parameters())
    pairs = []
    for name, layer in adapted_layers(ours).items():
        for part, letter in (("down", "A"), ("up", "B")):
            other = parameters[f"base_model.model.{name}.lora_{letter}.default.weight"]
            other.data = getattr(layer, part).detach().clone()
            pairs.append((getattr(layer, part), other))
        layer.forward = lambda x, layer=layer: (
            layer.base(x) + update(x, layer.down, layer.up, scale=layer.scale)
        )
    ids = torch.randint(20, (3, 8), generator=torch.Generator().manual_seed(1))
    said, expected = ours(ids), theirs(ids)
    same(said, expected)
    said.square().mean().backward()
    expected.square().mean().backward()
    for own, other in pairs:
        same(own.grad, other.grad)
    assert trained_count(ours) == trained_count(theirs)
    same(merge(ours)(ids), theirs.merge_and_unload()(ids))


def test_as_peft_s():
    check_as_peft_s(low_rank_update)


@pytest.mark.parametrize(
    "broken",
    [
        lambda x, down, up, scale: (x @ down.mT) @ up.mT,  # scale forgotten
        lambda x, down, up, scale: scale**2 * (x @ down.mT) @ up.mT,
        lambda x, down, up, scale: scale * (x @ down.mT).relu() @ up.mT,
    ],
)
def test_broken_ones_are_caught(broken):
    with pytest.raises(AssertionError):
        check_as_peft_s(broken)


@torch.no_grad()
def test_as_peft_s_on_the_real_model(smollm2):
    """SmolLM2 with our updates says what it says with peft's, and merged the same again."""
    names, ids = ["q_proj", "v_proj"], torch.tensor([[28120, 905, 314, 253]])
    plain = smollm2.model(ids).logits
    ours = adapt(copy.deepcopy(smollm2.model), names, rank=4, alpha=8.0)
    for layer in adapted_layers(drawn(ours)).values():
        layer.up.mul_(0.02)
    config = LoraConfig(r=4, lora_alpha=8, target_modules=names)
    theirs = inject_adapter_in_model(config, copy.deepcopy(smollm2.model))
    parameters = dict(theirs.named_parameters())
    for name, layer in adapted_layers(ours).items():
        for part, letter in ((layer.down, "A"), (layer.up, "B")):
            parameters[f"{name}.lora_{letter}.default.weight"].copy_(part)
    said, size = ours(ids).logits, plain.abs().max()
    assert (said - theirs(ids).logits).abs().max() < 1e-5 * size
    assert (said - merge(ours)(ids).logits).abs().max() < 1e-4 * size
    assert (said - plain).abs().max() > 1e-2 * size


def test_by_hand():
    """The numbers of the chapter: two in, two out, rank 1."""
    x, down, up = torch.tensor([3.0, 1.0]), torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0], [0]])
    assert low_rank_update(x, down, up, scale=0.5).tolist() == [2.0, 0.0]


@few
@given(st.integers(1, 6), st.integers(1, 6), st.floats(0.5, 8), st.booleans())
def test_merged_says_the_same(d_in, d_out, alpha, bias):
    layer = LowRank(nn.Linear(d_in, d_out, bias=bias).double(), rank=1, alpha=alpha).double()
    layer.up.data = torch.randn(d_out, 1).double()
    x = torch.randn(4, d_in).double()
    same(layer.merged()(x), layer(x))
    assert not layer.merged().weight.equal(layer.base.weight)


def test_a_merged_model_has_no_update_to_merge():
    model = adapted()
    ids = torch.tensor([[1, 2, 3]])
    before = model(ids)
    same(merge(model)(ids), before)
    with pytest.raises(ValueError, match="no layer has an update"):
        merge(model)
    assert not any(isinstance(one, LowRank) for one in model.modules())


def test_nothing_is_changed_at_first_and_only_updates_learn():
    model = small_decoder(20, positions=8)
    ids = torch.tensor([[1, 2, 3]])
    before, weights = model(ids), copy.deepcopy(model.state_dict())
    adapt(model, NAMES, rank=2, alpha=2.0)
    assert torch.equal(model(ids), before)
    model(ids).square().mean().backward()
    moved = {name for name, one in model.named_parameters() if one.grad is not None}
    assert moved == {f"{name}.{part}" for name in adapted_layers(model) for part in ("down", "up")}
    own = {name.replace(".base.", "."): one for name, one in model.state_dict().items()}
    assert all(torch.equal(own[name], one) for name, one in weights.items())


def test_the_seed_decides():
    first, again, other = (
        adapt(small_decoder(9, positions=4), NAMES, rank=1, alpha=1.0, seed=seed)
        for seed in (0, 0, 1)
    )
    downs = [
        [layer.down for layer in adapted_layers(one).values()] for one in (first, again, other)
    ]
    assert all(map(torch.equal, downs[0], downs[1]))
    assert not any(map(torch.equal, downs[0], downs[2]))


def test_it_refuses():
    for rank in (0, -1, 4):
        with pytest.raises(ValueError, match="pass a rank from 1 to 3"):
            LowRank(nn.Linear(3, 5), rank=rank, alpha=1.0)
    model = small_decoder(9, positions=4)
    with pytest.raises(
        ValueError, match=r"no linear layer is named 'q_proj': pass some of .*to_qu"
    ):
        adapt(model, ["to_query", "q_proj"], rank=1, alpha=1.0)
    with pytest.raises(ValueError, match="no layer has an update"):
        adapted_layers(model)
