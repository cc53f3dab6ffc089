"""Experts kept even: against transformers' router, and what an offset may not change."""

from functools import partial

import pytest
import torch
from torch import nn
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3MoE

from lessons import models
from lessons.alignment import (
    EvenExperts,
    balance_loss,
    balanced_loss,
    expert_decoder,
    experts_of,
    rise_without,
)
from lessons.blocks import GatedFeedForward, silu
from lessons.families import next_token_loss, small_decoder
from lessons.fit import fit
from support import proofs, same


def layer(speed=0.0, experts=6):
    torch.manual_seed(0)
    networks = [GatedFeedForward(8, 12, silu) for _ in range(experts + 1)]
    return EvenExperts(8, networks[1:], chosen=2, shared=networks[:1], speed=speed)


@torch.no_grad()
def test_it_equals_transformers_deepseek():
    """Router with an offset, routed experts and a shared one, without groups of experts."""
    ours = layer().double().eval()
    config = DeepseekV3Config(
        hidden_size=8, moe_intermediate_size=12, n_routed_experts=6, n_shared_experts=1,
        num_experts_per_tok=2, n_group=1, topk_group=1, routed_scaling_factor=1.0,
    )  # fmt: skip
    theirs = DeepseekV3MoE(config).double().eval()
    theirs.gate.weight.data = ours.to_scores.weight.data
    ours.offset = torch.linspace(-0.3, 0.3, 6).double()
    theirs.gate.e_score_correction_bias.copy_(ours.offset)
    for number, expert in enumerate(ours.experts):
        both = torch.cat([expert.to_gate.weight, expert.to_hidden.weight])
        theirs.experts.gate_up_proj.data[number] = both
        theirs.experts.down_proj.data[number] = expert.to_output.weight
    shared = theirs.shared_experts
    shared.gate_proj.weight.data = ours.shared[0].to_gate.weight.data
    shared.up_proj.weight.data = ours.shared[0].to_hidden.weight.data
    shared.down_proj.weight.data = ours.shared[0].to_output.weight.data
    x = torch.randn(2, 9, 8, dtype=torch.float64)
    # Its router computes in float32.
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-6)


def test_the_offset_moves_in_training_only_and_by_its_speed():
    ours, x = layer(speed=0.01), torch.randn(40, 8)
    ours(x)
    assert ((ours.offset.abs() - 0.01).abs() < 1e-6).logical_or(ours.offset == 0).all()
    assert ours.offset[ours.load.argmax()] < 0 < ours.offset[ours.load.argmin()]
    before = ours.offset.clone()
    ours.eval()(x)
    assert torch.equal(ours.offset, before)


def gradients(model, x):
    model.zero_grad()
    model(x).square().sum().backward()
    return [one.grad.clone() for one in model.parameters() if one.grad is not None]


def test_what_an_offset_does_not_change():
    """The same for all moves nothing; and where the choice stays, all gradients stay."""
    ours, x = layer().double(), torch.randn(30, 8, dtype=torch.float64)
    out, slopes = ours(x), gradients(ours, x)
    assert not ours.offset.requires_grad
    ours.offset = torch.full((6,), 5.0, dtype=torch.float64)
    same(ours(x), out)
    ours.offset = torch.full((6,), 1e-9, dtype=torch.float64) * torch.arange(6)
    for old, new in zip(slopes, gradients(ours, x), strict=True):
        same(new, old)
    ours.offset = torch.tensor([9.0, 9.0, 0, 0, 0, 0], dtype=torch.float64)
    assert not torch.allclose(ours(x), out)


def check_balance(balance):
    """One where all are alike; and its gradient asks less of the busy ones."""
    even = torch.full((4,), 0.25)
    assert balance(torch.zeros(7, 4), even).item() == pytest.approx(1.0)
    scores = torch.zeros(7, 4, requires_grad=True)
    skewed = torch.tensor([0.7, 0.1, 0.1, 0.1])
    slope = torch.autograd.grad(balance(scores, skewed), scores)[0]
    assert (slope[:, 0] > 0).all() and (slope[:, 1:] < 0).all()


def upside_down(scores, load):
    return 2 - balance_loss(scores, load)


def by_the_load_alone(scores, load):
    return len(load) * load.square().sum() + 0 * scores.sum()


test_balance, test_broken_balance_is_caught = proofs(
    balance_loss, {check_balance: [upside_down, by_the_load_alone]}
)


@torch.no_grad()
def test_an_expert_that_is_never_chosen_is_not_missed():
    model = expert_decoder(9, positions=6, experts=4).eval()
    ids = torch.randint(9, (5, 6))
    experts_of(model).offset = torch.tensor([9.0, 9.0, 0.0, 0.0])
    before = next_token_loss(model, ids)
    rises = rise_without(model, ids)
    assert rises[2] == rises[3] == 0 and rises[0] != 0
    assert next_token_loss(model, ids) == before


def test_a_model_without_experts_is_told():
    with pytest.raises(ValueError, match="pass what expert_decoder returns"):
        experts_of(small_decoder(9, positions=4))
    assert isinstance(experts_of(expert_decoder(9, positions=4)).experts, nn.ModuleList)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_what_the_chapter_says_of_loads(seed):
    """Offset and term keep the load even, at the same loss; hardly an expert is missed."""
    sentences = models.agreement_sentences(2000)
    ids = models.word_ids(sentences)
    draw = partial(models.text_rows, text=models.running_text(sentences, ids), rows=24, length=14)
    held = models.held_out_rows(ids, keep=models.one_noun_between, length=14)
    late, after = {}, {}
    for name, speed, weight in (("nothing", 0.0, 0.0), ("offset", 0.02, 0.0), ("term", 0.0, 0.1)):
        model, seen = expert_decoder(len(ids), positions=14, speed=speed, seed=seed), []
        loss = partial(balanced_loss, weight=weight, seen=seen)
        fit(model, draw, loss, steps=150, learning_rate=5e-3, seed=seed)
        late[name] = sum(seen[-20:]) / 20
        with torch.no_grad():
            after[name] = next_token_loss(model, held).item()
        assert rise_without(model, held).max() < 0.1
        for one in experts_of(model).experts.parameters():
            one.data.zero_()
        with torch.no_grad():
            assert next_token_loss(model, held).item() < after[name] + 0.1  # nor are all of them
    assert max(late["offset"], late["term"]) < 1.7 < late["nothing"]
    assert max(after.values()) - min(after.values()) < 0.05
