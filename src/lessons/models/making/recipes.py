"""How each of the book's models is made: its configuration, its batches, its learning rate."""

import random
from collections.abc import Callable
from typing import NamedTuple

from transformers import (
    DistilBertConfig,
    DistilBertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from lessons.models.making.training_rows import (
    Batch,
    decoder_batch,
    encoder_batch,
    translator_batch,
)


class Recipe(NamedTuple):
    """Everything that differs between the trainings of two models."""

    config: Callable[[PreTrainedTokenizerFast], PretrainedConfig]
    model: type[PreTrainedModel]
    batch: Callable[[random.Random, dict[str, int]], Batch]
    positions: int
    learning_rate: float
    steps: int


def encoder_config(tokenizer: PreTrainedTokenizerFast) -> DistilBertConfig:
    """Configure a DistilBERT of 3 layers with 4 heads each."""
    return DistilBertConfig(
        vocab_size=len(tokenizer), max_position_embeddings=64, n_layers=3, n_heads=4, dim=128,
        hidden_dim=512, dropout=0.0, attention_dropout=0.0, initializer_range=0.06,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


def decoder_config(tokenizer: PreTrainedTokenizerFast) -> GPT2Config:
    """Configure a GPT-2 of 3 layers with 4 heads each."""
    return GPT2Config(
        vocab_size=len(tokenizer), n_positions=544, n_embd=128, n_layer=3, n_head=4,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, initializer_range=0.05,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


def translator_config(tokenizer: PreTrainedTokenizerFast) -> T5Config:
    """Configure a T5 of 2 encoder and 2 decoder layers with 4 heads each."""
    return T5Config(  # type: ignore[call-arg]  # its signature hides what all configs take
        vocab_size=len(tokenizer), d_model=128, d_kv=32, d_ff=512, num_layers=2,
        num_decoder_layers=2, num_heads=4, dropout_rate=0.0,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


RECIPES = {
    "encoder": Recipe(encoder_config, DistilBertForMaskedLM, encoder_batch, 64, 1.5e-3, 3000),
    "decoder": Recipe(decoder_config, GPT2LMHeadModel, decoder_batch, 544, 1.5e-3, 2000),
    "translator": Recipe(
        translator_config, T5ForConditionalGeneration, translator_batch, 64, 2e-3, 5000
    ),
}
