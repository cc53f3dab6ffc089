"""A Llama of SmolLM2's kind, small and drawn, in place of LitGPT's table."""

import pytest
import torch
from litgpt.lora import Config
from transformers import LlamaConfig, LlamaForCausalLM

from lessons.models import Loaded

SIZES = Config(
    name="small",
    block_size=64,
    vocab_size=90,
    padded_vocab_size=90,
    n_layer=4,
    n_head=6,
    n_embd=48,
    n_query_groups=2,
    rotary_percentage=1.0,
    parallel_residual=False,
    bias=False,
    norm_class_name="RMSNorm",
    mlp_class_name="LLaMAMLP",
    intermediate_size=80,
    rope_base=100000,
    norm_eps=1e-5,
)


@pytest.fixture(scope="session")
def small_sizes():
    return SIZES


@pytest.fixture(scope="session")
def small_llama(decoder):
    """Return transformers' model of these sizes."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=90, hidden_size=48, intermediate_size=80, num_hidden_layers=4,
        num_attention_heads=6, num_key_value_heads=2, max_position_embeddings=64,
        rms_norm_eps=1e-5, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    model.model.embed_tokens.weight.data *= 10  # or the frozen head could not be sure of a token
    return Loaded("decoder", "wheel", model, decoder.tokenizer, "a drawn Llama")
