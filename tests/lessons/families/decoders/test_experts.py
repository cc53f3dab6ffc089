"""A mixture of experts against transformers' Mixtral and DeepSeek-V3, and its own properties."""

import pytest
import torch
from torch import nn
from transformers import DeepseekV3Config, MixtralConfig
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3TopkRouter
from transformers.models.mixtral.modeling_mixtral import MixtralSparseMoeBlock

from lessons.blocks import GatedFeedForward, silu
from lessons.families import MixtureOfExperts, even_out, load_of, route, route_with_offset
from support import proofs, same


class Counting(nn.Module):
    """An expert that multiplies, and notes how many tokens it was given."""

    def __init__(self, factor):
        super().__init__()
        self.factor, self.seen = factor, 0

    def forward(self, x):
        self.seen += len(x)
        return self.factor * x


def mixture(chosen=2, experts=4):
    torch.manual_seed(0)
    parts = [GatedFeedForward(8, 12, silu) for _ in range(experts)]
    return MixtureOfExperts(8, parts, chosen=chosen).double()


@torch.no_grad()
@pytest.mark.parametrize("chosen", [1, 2, 4])
def test_it_equals_transformers_mixtral(chosen):
    ours = mixture(chosen)
    config = MixtralConfig(
        hidden_size=8, intermediate_size=12, num_local_experts=4, num_experts_per_tok=chosen
    )
    theirs = MixtralSparseMoeBlock(config).double().eval()
    theirs.gate.weight.data = ours.to_scores.weight.data
    for number, expert in enumerate(ours.experts):
        both = torch.cat([expert.to_gate.weight, expert.to_hidden.weight])
        theirs.experts.gate_up_proj.data[number] = both
        theirs.experts.down_proj.data[number] = expert.to_output.weight
    x = torch.randn(2, 9, 8, dtype=torch.float64)
    # Its router takes the softmax in float32.
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-7)


@torch.no_grad()
def test_it_equals_the_sum_over_all_experts():
    ours = mixture()
    x = torch.randn(11, 8, dtype=torch.float64)
    shares, numbers = route(ours.to_scores(x), 2)
    gate = torch.zeros(11, 4, dtype=torch.float64).scatter(1, numbers, shares)
    dense = sum(gate[:, e, None] * expert(x) for e, expert in enumerate(ours.experts))
    same(ours(x), dense)
    same(shares.sum(dim=-1), torch.ones(11, dtype=torch.float64))


def test_by_hand():
    layer = MixtureOfExperts(2, [Counting(1.0), Counting(10.0), Counting(100.0)], chosen=2)
    layer.to_scores.weight.data = torch.tensor([[1.0, 0], [1.0, 0], [0.0, 1]])
    x = torch.tensor([[2.0, 0.0]])
    # Scores 2, 2, 0: the first two experts share evenly, and the third does nothing.
    same(layer(x), 5.5 * x)
    assert [expert.seen for expert in layer.experts] == [1, 1, 0]


def test_each_token_passes_through_as_many_experts_as_are_chosen():
    experts = [Counting(1.0) for _ in range(8)]
    layer = MixtureOfExperts(4, experts, chosen=2, shared=[Counting(0.0)])
    layer(torch.randn(3, 25, 4))
    assert sum(expert.seen for expert in experts) == 2 * 75
    assert layer.shared[0].seen == 3


def test_shared_experts_are_added_for_every_token():
    layer = MixtureOfExperts(4, [Counting(1.0)], chosen=1, shared=[Counting(2.0)])
    x = torch.randn(5, 4)
    same(layer(x), 3 * x)


@torch.no_grad()
def test_tokens_are_treated_one_by_one():
    ours, x = mixture(), torch.randn(1, 6, 8, dtype=torch.float64)
    order = torch.randperm(6)
    same(ours(x[:, order]), ours(x)[:, order])


def test_gradients_reach_the_chosen_experts_and_the_router():
    ours, x = mixture(chosen=1), torch.randn(1, 8, dtype=torch.float64)
    ours(x).sum().backward()
    _, numbers = route(ours.to_scores(x), 1)
    for number, expert in enumerate(ours.experts):
        assert (expert.to_output.weight.grad is not None) == (number == numbers.item())


@pytest.mark.parametrize("chosen", [0, 5])
def test_impossible_choices_are_refused(chosen):
    with pytest.raises(ValueError, match="pass 1 to 4"):
        route(torch.zeros(3, 4), chosen)


def test_load_by_hand():
    assert load_of(torch.tensor([[0, 1], [0, 3], [0, 1]]), 4).tolist() == pytest.approx(
        [3 / 6, 2 / 6, 0, 1 / 6]
    )


@torch.no_grad()
def check_offset(router):
    """DeepSeek-V3's router in transformers chooses and shares as this one does."""
    torch.manual_seed(0)
    config = DeepseekV3Config(
        hidden_size=8, n_routed_experts=6, num_experts_per_tok=2, n_group=1, topk_group=1,
        routed_scaling_factor=1.0,
    )  # fmt: skip
    theirs = DeepseekV3TopkRouter(config)
    theirs.weight.data.normal_()
    theirs.e_score_correction_bias.copy_(torch.linspace(-0.5, 0.5, 6))
    x = torch.randn(50, 8)
    scores, shares, numbers = theirs(x)
    ours, mine = router(scores, theirs.e_score_correction_bias, 2)
    expected = torch.zeros(50, 6).scatter(1, numbers, shares)
    torch.testing.assert_close(torch.zeros(50, 6).scatter(1, mine, ours), expected)


def shared_by_the_offset_too(scores, offset, chosen):
    best = (scores.sigmoid() + offset).topk(chosen, dim=-1)
    return best.values / best.values.sum(dim=-1, keepdim=True), best.indices


def deaf_to_the_offset(scores, offset, chosen):
    return route_with_offset(scores, torch.zeros_like(offset), chosen)


def by_softmax(scores, offset, chosen):
    _, numbers = route_with_offset(scores, offset, chosen)
    return scores.gather(-1, numbers).softmax(dim=-1), numbers


test_the_router_with_an_offset_equals_transformers_deepseek, test_broken_routers_are_caught = (
    proofs(
        route_with_offset,
        {check_offset: [shared_by_the_offset_too, deaf_to_the_offset, by_softmax]},
    )
)


@torch.no_grad()
@pytest.mark.parametrize("seed", range(5))
def test_the_offset_evens_out_what_a_common_direction_skewed(seed):
    """What the chapter shows for one draw."""
    torch.manual_seed(seed)
    router, varied, common = nn.Linear(64, 16, bias=False), torch.randn(2000, 64), torch.randn(64)
    even, skewed = (load_of(route(router(x), 2)[1], 16) for x in (varied, varied + common))
    assert even.max() < 0.1 < 0.2 < skewed.max() and skewed.min() < 0.01 < even.min()
    offset, scores = torch.zeros(16), router(varied + common)
    for _ in range(200):
        load = load_of(route_with_offset(scores, offset, 2)[1], 16)
        offset = even_out(offset, load, speed=0.005)
    assert 0.05 < load.min() and load.max() < 0.08
