r"""Where a head's output can be caught, in transformers' models.

In every model each head writes its own slice of one vector, and the layer's output projection
reads that vector. So whoever changes the *input* of the output projection changes heads, one
slice a head, whichever kernel computed the attention. This module knows where the models keep
those projections.
"""

from typing import NamedTuple

from torch import nn

# For each kind of model, and each of its attentions: the path to one layer's output
# projection, with # for the layer.
OUTPUT_PROJECTIONS = {
    "bert": {"encoder": "encoder.layer.#.attention.output.dense"},
    "distilbert": {"encoder": "transformer.layer.#.attention.out_lin"},
    "gpt2": {"decoder": "h.#.attn.c_proj"},
    "llama": {"decoder": "layers.#.self_attn.o_proj"},
    "t5": {
        "encoder": "encoder.block.#.layer.0.SelfAttention.o",
        "decoder": "decoder.block.#.layer.0.SelfAttention.o",
        "cross": "decoder.block.#.layer.1.EncDecAttention.o",
    },
}


class HeadSite(NamedTuple):
    """One layer's output projection, and how many heads its input consists of."""

    projection: nn.Module
    heads: int


def head_sites(model: nn.Module, attention: str | None = None) -> list[HeadSite]:
    """Return the output projections of a transformers model's attention, layer by layer.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, with or without a head
            for a task.
        attention: Which attention: "encoder", "decoder", or "cross" (the decoder's attention
            to the encoder). None where the model has one kind only.

    Raises:
        ValueError: The model is of another kind, or has no such attention, or has several
            and none is named.

    >>> from transformers import GPT2Config, GPT2Model
    >>> model = GPT2Model(GPT2Config(n_embd=8, n_head=2, n_layer=3, vocab_size=9))
    >>> [site.heads for site in head_sites(model)]
    [2, 2, 2]
    """
    kind = getattr(getattr(model, "config", None), "model_type", type(model).__name__)
    if kind not in OUTPUT_PROJECTIONS:
        raise ValueError(
            f"heads of a model of kind {kind!r} are not known here: pass one of the kinds "
            f"{', '.join(OUTPUT_PROJECTIONS)}"
        )
    paths = OUTPUT_PROJECTIONS[kind]
    if attention is None and len(paths) == 1:
        [attention] = paths
    if attention not in paths:
        raise ValueError(f"attention is {attention!r}: for {kind} pass one of {', '.join(paths)}")
    before, after = paths[attention].split(".#.")
    layers = model.base_model.get_submodule(before)
    heads = model.config.num_attention_heads
    return [HeadSite(layer.get_submodule(after), heads) for layer in layers]
