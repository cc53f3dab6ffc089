"""The book's decoder as a GGUF file: written, and read back."""

from copy import deepcopy
from os import PathLike
from pathlib import Path

import gguf
import torch
from gguf import GGMLQuantizationType as Kind
from torch import Tensor
from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

WORD, CONTROL = 1, 3  # kinds of tokens: what stands for text, and what never does


def write_gpt2(
    model: GPT2LMHeadModel,
    tokenizer: PreTrainedTokenizerBase,
    path: str | PathLike,
    *,
    kind: str = "F32",
) -> Path:
    """Write a GPT-2 whose tokens are whole words as a file that llama.cpp runs.

    Args:
        model: With GPT-2's own activation, and the table of tokens as its last matrix, too.
        tokenizer: Has a token for each word. In the file a word begins with its space.
        path: Where to.
        kind: Of the matrices: F32, F16, or one of the kinds in blocks. Vectors and the table of
            positions stay in float32, as llama.cpp's own tool leaves them.

    Returns:
        Where it was written.

    Raises:
        ValueError: There is no such kind, the model computes otherwise than llama.cpp's GPT-2, or
            its rows make no whole blocks.

    Source: the description of the format in the repository of the program llama.cpp.

    >>> from tempfile import TemporaryDirectory
    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> with TemporaryDirectory() as folder:
    ...     write_gpt2(gpt.model, gpt.tokenizer, f"{folder}/gpt.gguf").stat().st_size // 1000
    2814
    """
    config = model.config
    if kind not in ("F32", "F16", "Q8_0", "Q4_1", "Q4_0"):
        raise ValueError(f"there is no kind {kind!r}: pass F32, F16, Q8_0, Q4_1 or Q4_0")
    if config.activation_function != "gelu_new" or not config.tie_word_embeddings:
        raise ValueError("llama.cpp's GPT-2 has the activation gelu_new: pass one with a tied head")
    if kind.startswith("Q") and config.n_embd % 32:
        raise ValueError(f"rows of {config.n_embd} make no whole blocks of 32: pass kind='F16'")
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_block_count(config.n_layer)
    writer.add_context_length(config.n_positions)
    writer.add_embedding_length(config.n_embd)
    writer.add_feed_forward_length(config.n_inner or 4 * config.n_embd)
    writer.add_head_count(config.n_head)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)
    _add_tokens(writer, tokenizer)
    for name, place in _places(model).items():
        rows = _turned(name, model.get_parameter(name).detach()).contiguous()
        number = Kind[kind] if rows.ndim == 2 and "wpe" not in name else Kind.F32
        writer.add_tensor(place, gguf.quants.quantize(rows.numpy(), number), raw_dtype=number)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(path)


def read_gpt2(path: str | PathLike, like: GPT2LMHeadModel) -> GPT2LMHeadModel:
    """Return a copy of the model with the weights of a file, taken out of their blocks.

    Args:
        path: A file of the same architecture and sizes.
        like: Is copied.

    Raises:
        ValueError: The file lacks a tensor, or has one of another size.

    >>> from tempfile import TemporaryDirectory
    >>> from lessons.models import load
    >>> gpt = load("decoder", source="book")
    >>> with TemporaryDirectory() as folder:
    ...     file = write_gpt2(gpt.model, gpt.tokenizer, f"{folder}/gpt.gguf")
    ...     torch.equal(read_gpt2(file, gpt.model).lm_head.weight, gpt.model.lm_head.weight)
    True
    """
    stored = {one.name: one for one in gguf.GGUFReader(path).tensors}
    copy = deepcopy(like)
    for name, place in _places(like).items():
        if place not in stored:
            raise ValueError(f"{path} has no {place}: pass a file that write_gpt2 wrote")
        one, parameter = stored[place], copy.get_parameter(name)
        weights = _turned(name, torch.tensor(gguf.dequantize(one.data, one.tensor_type)))
        if weights.shape != parameter.shape:
            raise ValueError(f"{path} has other sizes in {place}: pass a model of the file's sizes")
        with torch.no_grad():
            parameter.copy_(weights)
    return copy


def _places(model: GPT2LMHeadModel) -> dict[str, str]:
    """Return what each parameter is called in a file."""
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GPT2, model.config.n_layer)
    places = {}
    for name, _ in model.named_parameters():
        module, _, kind = name.rpartition(".")
        places[name] = f"{names.get_name(module)}.{kind}"
    return places


def _turned(name: str, weights: Tensor) -> Tensor:
    """Turn a matrix over: in transformers' GPT-2 a row is of one input, in a file of one output."""
    return weights.T if weights.ndim == 2 and ".c_" in name else weights


def _add_tokens(writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerBase) -> None:
    """Write the words, each with its space; a tokenizer of this kind takes whole ones as they are.

    llama.cpp's nearest kind merges pairs of pieces. It wants a merge, so it gets an idle one.
    """
    ids = tokenizer.get_vocab()
    special = set(tokenizer.all_special_tokens)
    words = sorted(ids, key=ids.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list([word if word in special else f"Ġ{word}" for word in words])
    writer.add_token_types([CONTROL if word in special else WORD for word in words])
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(False)
