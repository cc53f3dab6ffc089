r"""Read a Llama from a GGUF file: its sizes, its tokenizer, and its weights, dequantized.

GGUF is llama.cpp's format: one file that holds everything, the weights mostly in blocks of 32
small integers with a scale (and for Q4_1 a least value m) in half precision:

.. math:: w_i = s \, q_i + m, \qquad q_i \in \{0, \dots, 15\}

References: :cite:t:`touvron2023` for the architecture; transformers' own reader of GGUF files,
which is slower and needs a further package, is the tests' oracle.
"""

from pathlib import Path
from typing import Any

import gguf
import torch
from jaxtyping import Float
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTROL = 3  # the kind of token that marks something and never stands for text


class GGUFModel:
    """What a GGUF file with a Llama and a byte-level BPE tokenizer holds.

    Args:
        path: The file.

    Raises:
        ValueError: The file is no GGUF file.
    """

    def __init__(self, path: Path):
        self._reader = gguf.GGUFReader(path)
        self._stored = {tensor.name: tensor for tensor in self._reader.tensors}
        self._tokens = self._value("tokenizer.ggml.tokens")

    def _value(self, key: str) -> Any:
        return self._reader.fields[key].contents()

    def config(self) -> LlamaConfig:
        """Return the sizes, in transformers' words."""
        return LlamaConfig(
            vocab_size=len(self._tokens),
            hidden_size=self._value("llama.embedding_length"),
            intermediate_size=self._value("llama.feed_forward_length"),
            num_hidden_layers=self._value("llama.block_count"),
            num_attention_heads=self._value("llama.attention.head_count"),
            num_key_value_heads=self._value("llama.attention.head_count_kv"),
            max_position_embeddings=self._value("llama.context_length"),
            rms_norm_eps=self._value("llama.attention.layer_norm_rms_epsilon"),
            rope_parameters={
                "rope_type": "default",
                "rope_theta": self._value("llama.rope.freq_base"),
            },
            tie_word_embeddings="output.weight" not in self._stored,
            bos_token_id=self._value("tokenizer.ggml.bos_token_id"),
            eos_token_id=self._value("tokenizer.ggml.eos_token_id"),
            pad_token_id=self._value("tokenizer.ggml.padding_token_id"),
        )

    def tokenizer(self) -> PreTrainedTokenizerFast:
        """Return the tokenizer: each digit apart, then GPT-2's cuts, then byte-level BPE."""
        vocabulary = {token: place for place, token in enumerate(self._tokens)}
        merges = [tuple(one.split(" ")) for one in self._value("tokenizer.ggml.merges")]
        backend = Tokenizer(models.BPE(vocabulary, merges))
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        )
        backend.decoder = decoders.ByteLevel()
        kinds = zip(self._tokens, self._value("tokenizer.ggml.token_type"), strict=True)
        backend.add_special_tokens(
            [AddedToken(token, normalized=False) for token, kind in kinds if kind == CONTROL]
        )
        named = {
            f"{name}_token": self._tokens[self._value(f"tokenizer.ggml.{key}_token_id")]
            for name, key in (
                ("bos", "bos"),
                ("eos", "eos"),
                ("unk", "unknown"),
                ("pad", "padding"),
            )
        }
        return PreTrainedTokenizerFast(
            tokenizer_object=backend,
            chat_template=self._value("tokenizer.chat_template"),
            model_max_length=self._value("llama.context_length"),
            clean_up_tokenization_spaces=False,
            **named,
        )

    def weights(self, dtype: torch.dtype) -> dict[str, Tensor]:
        """Return the weights by the names that transformers gives them.

        Args:
            dtype: Each tensor is computed in float32, then rounded to this.
        """
        config = self.config()
        with torch.device("meta"):
            wanted = dict(LlamaForCausalLM(config).named_parameters())  # a tied one is named once
        names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
        counts = {"q_proj": "head_count", "k_proj": "head_count_kv"}
        found = {}
        for name, parameter in wanted.items():
            module, _, kind = name.rpartition(".")
            tensor = self._stored[f"{names.get_name(module)}.{kind}"]
            numbers = torch.tensor(gguf.dequantize(tensor.data, tensor.tensor_type))
            if (projection := module.rpartition(".")[2]) in counts:
                heads = self._value(f"llama.attention.{counts[projection]}")
                numbers = halves(numbers, heads)
            found[name] = numbers.reshape(parameter.shape).to(dtype)
        return found


def halves(rows: Float[Tensor, "rows d_model"], heads: int) -> Float[Tensor, "rows d_model"]:
    """Bring a projection's rows from llama.cpp's order of rotary pairs to transformers'.

    llama.cpp rotates neighbors, transformers the first half of a head with the second.

    >>> halves(torch.arange(4.0)[:, None], heads=1)[:, 0]
    tensor([0., 2., 1., 3.])
    """
    return rows.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)
