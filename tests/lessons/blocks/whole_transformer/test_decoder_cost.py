"""Formulas for whole models against their tensors, torch's counter, and published sizes."""

import pytest
import torch
from hypothesis import given, strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from lessons import models
from lessons.attention import attention_parameters
from lessons.blocks import (
    block_flops,
    block_parameters,
    decoder_flops,
    decoder_parameters,
    feed_forward_parameters,
    gated_feed_forward_parameters,
    parameters_by_part,
)
from lessons.families import from_transformers, small_decoder
from support import few

size = st.integers(1, 4)


def held(model):
    return sum(parameter.numel() for parameter in model.parameters())


def gpt2_block(d_model, heads):
    return block_parameters(
        attention=attention_parameters(d_model, heads=heads, kv_heads=heads, bias=True),
        feed_forward=feed_forward_parameters(d_model, 4 * d_model),
        norm=2 * d_model,
    )


def check_parameters(count, vocab, positions, heads, layers):
    """An output layer of its own in ours, the embedding once more in GPT-2."""
    d = 4 * heads
    block = gpt2_block(d, heads)
    sizes = dict(layers=layers, block=block, norm=2 * d, positions=positions)
    own = small_decoder(vocab, positions=positions, d_model=d, heads=heads, layers=layers)
    assert count(vocab, d, tied=False, **sizes) == held(own)
    config = GPT2Config(
        vocab_size=vocab, n_positions=positions, n_embd=d, n_head=heads, n_layer=layers
    )
    assert count(vocab, d, **sizes) == held(GPT2LMHeadModel(config))


def check_flops(count, vocab, tokens, heads, layers):
    d = 4 * heads
    model = small_decoder(vocab, positions=tokens, d_model=d, heads=heads, layers=layers)
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, tokens, dtype=torch.long))
    block = block_flops(tokens, d, 4 * d)
    assert count(tokens, vocab, d, layers=layers, block=block) == counter.get_total_flops()


@few
@given(vocab=st.integers(3, 9), other=size, heads=size, layers=size)
def test_formulas(vocab, other, heads, layers):
    check_parameters(decoder_parameters, vocab, other, heads, layers)
    check_flops(decoder_flops, vocab, other, heads, layers)


def always_tied(vocab, d_model, *, tied=True, **sizes):
    return decoder_parameters(vocab, d_model, **sizes)


def without_positions(vocab, d_model, *, positions=0, **sizes):
    return decoder_parameters(vocab, d_model, **sizes)


def without_last_norm(vocab, d_model, *, norm, **sizes):
    return decoder_parameters(vocab, d_model, norm=0, **sizes)


@pytest.mark.parametrize("mutant", [always_tied, without_positions, without_last_norm])
def test_a_wrong_number_of_parameters_is_noticed(mutant):
    with pytest.raises(AssertionError):
        check_parameters(mutant, 7, 5, 2, 3)


def without_logits(tokens, vocab, d_model, *, layers, block):
    return layers * block


def logits_of_the_last_token(tokens, vocab, d_model, *, layers, block):
    return layers * block + 2 * d_model * vocab


@pytest.mark.parametrize("mutant", [without_logits, logits_of_the_last_token])
def test_a_wrong_number_of_operations_is_noticed(mutant):
    with pytest.raises(AssertionError):
        check_flops(mutant, 7, 5, 2, 3)


def test_published_sizes():
    """GPT-2 small and Llama 3 8B, as transformers builds them."""
    llama = LlamaConfig(
        vocab_size=128256,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
    )
    with torch.device("meta"):
        theirs = [GPT2LMHeadModel(GPT2Config()), LlamaForCausalLM(llama)]
    ours = [
        decoder_parameters(
            50257, 768, layers=12, block=gpt2_block(768, 12), norm=1536, positions=1024
        ),
        decoder_parameters(
            128256,
            4096,
            layers=32,
            block=block_parameters(
                attention=attention_parameters(4096, heads=32, kv_heads=8, bias=False),
                feed_forward=gated_feed_forward_parameters(4096, 14336),
                norm=4096,
            ),
            norm=4096,
            tied=False,
        ),
    ]
    assert ours == [held(one) for one in theirs] == [124_439_808, 8_030_261_248]


@pytest.mark.parametrize("name", ["encoder", "decoder", "translator"])
def test_parts_add_up(name):
    model = from_transformers(models.load(name, source="book").model)
    parts = parameters_by_part(model)
    assert sum(parts.values()) == held(model)
    config = models.load(name, source="book").model.config
    assert parts["embedding"] == config.vocab_size * config.hidden_size
    blocks = 6 if name == "translator" else 3  # two of them look twice
    attention = attention_parameters(128, heads=4, kv_heads=4, bias=name != "translator")
    assert parts["attention"] == blocks * attention
