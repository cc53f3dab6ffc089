"""LitGPT's model says what transformers' says, and ours; updates merge; parts make the whole."""

import copy
from dataclasses import replace

import pytest
import torch
from litgpt.lora import merge_lora_weights

from lessons import families
from lessons.adaptation import adapter_of, lit_llama, lower_states, upper_logits
from support import same

IDS = torch.randint(90, (3, 11), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def converted(small_llama, small_sizes):
    def convert(*, first=2, seed=0):
        return lit_llama(small_llama, first=first, rank=4, seed=seed, config=small_sizes)

    return convert


def learned(gpt):
    """Give the updates numbers as if they had been learned."""
    generator = torch.Generator().manual_seed(3)
    for name, one in gpt.named_parameters():
        if "lora_B" in name:
            one.data = torch.randn(one.shape, generator=generator) / 10
    return gpt


@torch.no_grad()
def test_converted_it_says_the_same(converted, small_llama):
    expected = small_llama.model(IDS).logits
    same(converted()(IDS), expected, atol=1e-5)
    same(families.from_transformers(small_llama.model)(IDS), expected, atol=1e-5)
    assert (learned(converted())(IDS) - expected).abs().max() > 0.1


@torch.no_grad()
def test_the_real_one_converted_says_the_same(smollm2):
    ids = torch.randint(49152, (1, 9), generator=torch.Generator().manual_seed(0))
    expected = smollm2.model(ids).logits
    assert (lit_llama(smollm2)(ids) - expected).abs().max() < 1e-3 < expected.abs().max() / 1e3
    assert lit_llama(smollm2)(ids).argmax(-1).equal(expected.argmax(-1))


@torch.no_grad()
def test_merged_it_says_the_same(converted):
    gpt = learned(converted())
    before = gpt(IDS)
    merge_lora_weights(merged := copy.deepcopy(gpt))
    same(merged(IDS), before, atol=1e-5)
    merge_lora_weights(merged)  # a second time adds nothing
    same(merged(IDS), before, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("first", [0, 2, 4])
def test_the_two_parts_are_the_whole(converted, first):
    gpt = learned(converted(first=first))
    states = lower_states(gpt, IDS, first=first)
    places = torch.tensor([[0, 10], [4, 5], [7, 7]])
    expected = gpt(IDS)[torch.arange(3)[:, None], places]
    same(upper_logits(gpt, states, places, first=first), expected, atol=1e-5)


def test_only_upper_updates_train(converted):
    gpt = converted(first=3)
    trained = {name for name, one in gpt.named_parameters() if one.requires_grad}
    assert trained == set(adapter_of(gpt)) and len(trained) == 10
    assert all(name.startswith("transformer.h.3.") for name in trained)


def test_the_base_is_not_copied(converted, small_llama):
    weight = small_llama.model.model.embed_tokens.weight
    gpt = converted()
    assert gpt.transformer.wte.weight.data_ptr() == weight.data_ptr()
    assert gpt.lm_head.linear.weight.data_ptr() == weight.data_ptr()


def test_seeds_decide_the_first_weights(converted):
    downs = [adapter_of(converted(seed=seed)) for seed in (0, 0, 1)]
    name = next(name for name in downs[0] if name.endswith("lora_A"))
    assert torch.equal(downs[0][name], downs[1][name])
    assert not torch.equal(downs[0][name], downs[2][name])


def test_another_configuration_is_refused(small_llama, small_sizes):
    with pytest.raises(ValueError, match=r"layers, width and words \(4, 48, 90\)"):
        lit_llama(small_llama)
    with pytest.raises(ValueError, match="or the configuration of your model"):
        lit_llama(small_llama, config=replace(small_sizes, n_layer=5))


def test_a_text_longer_than_the_model_is_told(converted):
    gpt = converted()
    places = len(gpt.cos)
    assert lower_states(gpt, torch.ones(1, places).long()).shape[1] == places
    with pytest.raises(ValueError, match=f"{places + 1} tokens, the model {places} places"):
        lower_states(gpt, torch.ones(1, places + 1).long())
