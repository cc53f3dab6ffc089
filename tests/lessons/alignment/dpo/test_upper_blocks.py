"""Blocks in two parts say what the whole model says, of a Llama of four blocks in float64."""

import copy
from functools import partial

import pytest
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from lessons.adaptation import adapted_layers
from lessons.alignment import answers_to, dpo_loss, with_adapter
from lessons.alignment.dpo.upper_blocks import (
    END,
    adapt_upper,
    logs_of_pairs,
    prompt_ids,
    read_answers,
    save_adapter,
    sums_of_logs,
    take_off,
)
from lessons.models import Loaded
from lessons.models.loading.prepared import prepared_decoder

ASKED = ["What is a kite?", "What is the use of an oven?"]
SAID = ["A toy.", "It bakes bread and much more."]


@pytest.fixture(scope="module")
def small():
    """SmolLM2's words and template, with a random model of four blocks."""
    tokenizer = AutoTokenizer.from_pretrained(prepared_decoder())
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=24, intermediate_size=32,
        num_hidden_layers=4, num_attention_heads=2, num_key_value_heads=1,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = LlamaForCausalLM(config).double().eval()
    return Loaded("decoder", "wheel", model, tokenizer, "of four blocks")


def whole(loaded, prompt, answer):
    """Return the log-probability of an answer and its end, by the whole model."""
    tokenizer = loaded.tokenizer
    asked = prompt_ids(tokenizer, prompt)
    said = [*tokenizer(answer).input_ids, tokenizer.convert_tokens_to_ids(END)]
    logs = loaded.model(torch.tensor([asked + said])).logits[0].log_softmax(dim=-1)
    return logs[len(asked) - 1 : -1].gather(-1, torch.tensor(said)[:, None]).sum()


@torch.no_grad()
@pytest.mark.parametrize("first", [1, 3])
def test_as_the_whole_model(small, first):
    read = read_answers(small, ASKED, SAID, first=first)
    logs, tokens = sums_of_logs(small.model, read, first=first)
    expected = torch.stack([whole(small, *one) for one in zip(ASKED, SAID, strict=True)])
    torch.testing.assert_close(logs, expected, atol=1e-10, rtol=0)
    assert tokens.tolist() == [len(small.tokenizer(one).input_ids) + 1 for one in SAID]
    other = sums_of_logs(small.model, read, first=4)[0]  # the last block left out
    assert (other - expected).abs().min() > 1e-6


def test_long_answers_have_no_end(small):
    read = read_answers(small, ASKED[:1], ["kite " * 60], first=2)
    assert read.labels.shape[1] == 32
    assert small.tokenizer.convert_tokens_to_ids(END) not in read.labels[0].tolist()


def test_only_updates_learn_and_the_margin_grows(small):
    model = copy.deepcopy(small.model)
    read = read_answers(small, ASKED[:1] * 2, SAID, first=2)
    with torch.no_grad():
        known = sums_of_logs(model, read, first=2)[0]
    before = {name: one.clone() for name, one in model.state_dict().items()}
    adapt_upper(model, first=2).double()
    logs_of = partial(logs_of_pairs, model, read, known, [(0, 1)], first=2)
    learned = [one for one in model.parameters() if one.requires_grad]
    assert len(learned) == 2 * 7 * 2  # two blocks, seven matrices, two factors
    optimizer = torch.optim.Adam(learned, lr=0.01)
    losses = []
    for _ in range(4):
        losses.append(dpo_loss(logs_of(), beta=0.1))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert abs(losses[0].item() - 0.6931) < 1e-3 and losses[-1] < losses[0] - 1e-3
    take_off(model)
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())


def test_an_adapter_comes_back_and_knows_its_base(small, tmp_path):
    model = adapt_upper(copy.deepcopy(small.model).float(), first=2)
    with torch.no_grad():
        for layer in adapted_layers(model).values():
            layer.up += 0.1
    save_adapter(model, tmp_path / "adapter.safetensors")
    again = with_adapter(copy.deepcopy(small.model).float(), tmp_path / "adapter.safetensors")
    ids = torch.tensor([prompt_ids(small.tokenizer, ASKED[0])])
    torch.testing.assert_close(again(ids).logits, model(ids).logits, atol=1e-2, rtol=0)
    other = copy.deepcopy(small.model).float()
    with torch.no_grad():
        other.model.layers[3].mlp.down_proj.weight[0, 0] += 1
    with pytest.raises(ValueError, match="are not those that this adapter was learned for"):
        with_adapter(other, tmp_path / "adapter.safetensors")


def test_drawn_answers_depend_on_the_seed_alone(small):
    drawn = [answers_to(small, ASKED, seed=seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    alone = answers_to(small, ASKED[:1])  # of the likeliest, one text's filling changes none
    assert answers_to(small, ASKED)[0] == alone[0]
