"""Ablating heads is the same as zeroing their columns in the output projection."""

import copy
import re

import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from lessons.interpretation import ablate_heads, head_sites

IDS = torch.tensor([[5, 3, 8, 2, 9]])


def bert():
    return BertModel(
        BertConfig(
            vocab_size=20,
            hidden_size=12,
            num_hidden_layers=2,
            num_attention_heads=3,
            intermediate_size=16,
        )
    )


def distilbert():
    return DistilBertForMaskedLM(
        DistilBertConfig(vocab_size=20, dim=12, n_layers=2, n_heads=3, hidden_dim=16)
    )


def gpt2():
    return GPT2LMHeadModel(GPT2Config(vocab_size=20, n_embd=12, n_layer=2, n_head=3))


def llama():
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=20,
            hidden_size=12,
            num_hidden_layers=2,
            num_attention_heads=3,
            num_key_value_heads=1,
            intermediate_size=16,
        )
    )


def t5():
    return T5ForConditionalGeneration(
        T5Config(vocab_size=20, d_model=12, d_kv=4, num_layers=2, num_heads=3, d_ff=16)
    )


MODELS = [
    (bert, None),
    (distilbert, None),
    (gpt2, None),
    (llama, None),
    (t5, "encoder"),
    (t5, "decoder"),
    (t5, "cross"),
]


def built(make):
    torch.manual_seed(0)
    return make().double().eval()


@torch.no_grad()
def output(model):
    if model.config.is_encoder_decoder:
        return model(input_ids=IDS, decoder_input_ids=IDS)[0]
    return model(input_ids=IDS)[0]


@torch.no_grad()
def with_zeroed_columns(model, heads, attention):
    """The oracle: a copy whose output projections cannot read the ablated heads."""
    model = copy.deepcopy(model)
    for layer, head in heads:
        site = head_sites(model, attention)[layer, head]
        weight = site.module.weight
        if type(site.module).__name__ != "Conv1D":
            weight = weight.T
        weight.unflatten(0, (site.heads, -1))[head] = 0.0
    return model


@pytest.mark.parametrize(("make", "attention"), MODELS)
@pytest.mark.parametrize("heads", [[(0, 0)], [(1, 2)], [(0, 1), (0, 2), (1, 0)]])
def test_equals_zeroed_columns(make, attention, heads):
    model = built(make)
    expected = output(with_zeroed_columns(model, heads, attention))
    with ablate_heads(model, heads, attention=attention):
        torch.testing.assert_close(output(model), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("make", "attention"), MODELS)
def test_each_head_counts_and_comes_back(make, attention):
    model = built(make)
    before = output(model)
    seen = []
    for head in range(3):
        with ablate_heads(model, [(0, head)], attention=attention):
            seen.append(output(model))
    assert all(not torch.allclose(one, before, atol=1e-9) for one in seen)
    assert not torch.allclose(seen[0], seen[1], atol=1e-9)
    assert torch.equal(output(model), before)


def test_undone_after_an_exception():
    model = built(gpt2)
    before = output(model)
    with pytest.raises(KeyError), ablate_heads(model, [(0, 0)]):
        raise KeyError("anything")
    assert torch.equal(output(model), before)


def test_nests():
    model = built(gpt2)
    with ablate_heads(model, [(0, 0), (1, 1)]):
        both = output(model)
    with ablate_heads(model, [(0, 0)]), ablate_heads(model, [(1, 1)]):
        assert torch.equal(output(model), both)


@pytest.mark.parametrize(
    ("make", "heads", "attention", "message"),
    [
        (gpt2, [(2, 0)], None, "there is no layer 2: pass 0 to 1"),
        (gpt2, [(0, 3)], None, "there is no head 3: pass 0 to 2"),
        (gpt2, [(0, -1)], None, "there is no head -1"),
        (gpt2, [(0, 0)], "cross", "attention is 'cross': for gpt2 pass one of decoder"),
        (t5, [(0, 0)], None, "for t5 pass one of encoder, decoder, cross"),
        (lambda: torch.nn.Linear(2, 2), [(0, 0)], None, "kind 'Linear' are not known"),
    ],
)
def test_bad_input(make, heads, attention, message):
    with (
        pytest.raises(ValueError, match=re.escape(message)),
        ablate_heads(make(), heads, attention=attention),
    ):
        pass
