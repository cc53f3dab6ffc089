"""The distilled models' sizes as two libraries have them, a file of their kind, and prices."""

import gguf
import pytest
import torch
import transformers
from gguf import GGMLQuantizationType as Kind
from litgpt.config import configs
from transformers import Qwen2Config, Qwen2ForCausalLM

from lessons.models import load
from lessons.practice import (
    LocalModel,
    bits_per_weight,
    distilled_models,
    local_model,
    priced,
    resident_megabytes,
)
from lessons.practice.local_inference.book_gguf import _add_tokens
from lessons.practice.local_inference.own_pages import Answered

# LitGPT has the two Llamas, and the Qwens that were taught.
KNOWN = {
    "DeepSeek-R1-Distill-Qwen-1.5B": "Qwen2.5-Math-1.5B",
    "DeepSeek-R1-Distill-Qwen-7B": "Qwen2.5-Math-7B",
    "DeepSeek-R1-Distill-Llama-8B": "R1-Distill-Llama-8B",
    "DeepSeek-R1-Distill-Qwen-14B": "Qwen2.5-14B",
    "DeepSeek-R1-Distill-Qwen-32B": "Qwen2.5-32B",
    "DeepSeek-R1-Distill-Llama-70B": "R1-Distill-Llama-70B",
}


@pytest.mark.parametrize("name", KNOWN)
def test_sizes_are_those_of_litgpt(name):
    ours = distilled_models()[name]
    [theirs] = [one for one in configs if one["name"] == KNOWN[name]]
    assert ours == (
        theirs["n_layer"], theirs.get("n_embd", 4096), theirs["n_head"], theirs["n_query_groups"],
        theirs["intermediate_size"], theirs["padded_vocab_size"], theirs.get("attn_bias", False),
    )  # fmt: skip
    assert distilled_models().keys() == KNOWN.keys()


@pytest.mark.parametrize("name", ["DeepSeek-R1-Distill-Qwen-1.5B", "DeepSeek-R1-Distill-Llama-8B"])
def test_weights_are_counted_as_transformers_counts_them(name):
    one = distilled_models()[name]
    kind = transformers.Qwen2Config if one.biased else transformers.LlamaConfig
    config = kind(
        num_hidden_layers=one.layers, hidden_size=one.d_model, num_attention_heads=one.heads,
        num_key_value_heads=one.kv_heads, intermediate_size=one.d_ff, vocab_size=one.vocab,
        tie_word_embeddings=False, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    assert one.weights == sum(weight.numel() for weight in model.parameters())
    assert one._replace(biased=not one.biased).weights != one.weights


def test_needed_bytes_by_hand():
    one = distilled_models()["DeepSeek-R1-Distill-Llama-8B"]
    cache = 32 * 2 * 100 * 8 * 128 * 2  # layers, keys and values, tokens, heads, numbers, bytes
    assert one.needed_bytes("Q4_0", 100) == one.weights * 9 // 16 + cache
    assert bits_per_weight("Q4_0") == 4.5
    with pytest.raises(ValueError, match="no kind 'Q5_K'"):
        one.needed_bytes("Q5_K", 100)


def write_qwen(model, tokenizer, path):
    """Write a Qwen as a file, in the names and with the values that such files have."""
    config = model.config
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(64)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    _add_tokens(writer, tokenizer)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, config.num_hidden_layers)
    for name, weight in model.named_parameters():
        module, _, end = name.rpartition(".")
        writer.add_tensor(
            f"{names.get_name(module)}.{end}", weight.detach().numpy(), raw_dtype=Kind.F32
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_qwen_of_this_kind_runs_from_its_file(tmp_path):
    """Random weights, the architecture of the distilled Qwens: two tables of words, and biases."""
    tokenizer = load("decoder", source="book").tokenizer
    torch.manual_seed(0)
    config = Qwen2Config(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=96, vocab_size=len(tokenizer), tie_word_embeddings=False,
        bos_token_id=None, eos_token_id=tokenizer.eos_token_id, initializer_range=0.3,
        max_position_embeddings=64,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config).eval()
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight)
    write_qwen(model, tokenizer, tmp_path / "qwen.gguf")
    prompt = tokenizer("tom thanks mary because").input_ids
    with local_model(tmp_path / "qwen.gguf", context=64) as served, torch.no_grad():
        theirs = served.next_token_logs(prompt, len(tokenizer))
        ours = model(torch.tensor([prompt])).logits[0, -1].log_softmax(-1)
        likely = ours > -6
        assert likely.sum() > 5
        torch.testing.assert_close(theirs[likely], ours[likely], atol=0.05, rtol=0)
        for weight in model.parameters():  # another model's probabilities are others
            weight.add_(0.05 * torch.randn_like(weight))
        other = model(torch.tensor([prompt])).logits[0, -1].log_softmax(-1)
        assert (theirs - other)[likely].abs().max() > 0.1
        assert served.complete("tom thanks", max_tokens=3)["usage"]["completion_tokens"] >= 1


def test_what_is_said_is_the_text_of_a_chat():
    class Server:
        def handle_chat_completions(self, asked):
            assert asked["messages"] == [{"role": "user", "content": "Why?"}]
            return {"choices": [{"message": {"content": f"{asked['max_tokens']} words"}}]}

    assert LocalModel(Server(), "").said("Why?", max_tokens=9) == "9 words"


def test_prices_by_hand():
    some = [Answered("", [], 0.5, 100, 10, 2.0), Answered("", [], 0.5, 300, 30, 4.0)]
    told = priced(some, calls=3600, read_price=2.0, written_price=8.0)
    assert told == (720_000, 72_000, 3.0, pytest.approx((2 * 720_000 + 8 * 72_000) / 1e6))
    with pytest.raises(ValueError, match="no answer to go by"):
        priced([], calls=1, read_price=1.0, written_price=1.0)


def test_memory_that_is_taken_is_seen():
    before = resident_megabytes()
    taken = torch.ones(50_000_000)
    assert 150 < resident_megabytes() - before < 350 and len(taken) == 50_000_000
