r"""Where a model's heads can be caught.

In every model each head writes its own slice of one vector, and the layer's output projection
reads that vector. So whoever changes the *input* of the output projection changes heads, one
slice a head, whichever kernel computed the attention. This module knows where transformers'
models, and ours, keep it.
"""

from typing import NamedTuple, cast

from torch import nn
from transformers import PreTrainedModel

from lessons.blocks import Attention
from lessons.families import DecoderOnly, EncoderDecoder, EncoderOnly

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


OUR_PROJECTIONS = {
    EncoderOnly: {"encoder": "layers.#.attention.to_output"},
    DecoderOnly: {"decoder": "layers.#.attention.to_output"},
    EncoderDecoder: {
        "encoder": "encoder.#.attention.to_output",
        "decoder": "decoder.#.attention.to_output",
        "cross": "decoder.#.cross.to_output",
    },
}


class HeadSite(NamedTuple):
    """One layer's output projection, and how many heads its input consists of."""

    projection: nn.Module
    heads: int


def head_sites(model: nn.Module, attention: str | None = None) -> list[HeadSite]:
    """Return the output projections of a model's attention, layer by layer.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, with or without a head
            for a task, or a model of `lessons.families`.
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
    body, path = _body_and_path(model, attention)
    before, after = path.split(".#.")
    layers = list(body.get_submodule(before).children())
    projections = [layer.get_submodule(after) for layer in layers]
    if isinstance(model, PreTrainedModel):
        heads = model.config.num_attention_heads
        return [HeadSite(projection, heads) for projection in projections]
    owners = [layer.get_submodule(after.removesuffix(".to_output")) for layer in layers]
    return [
        HeadSite(projection, cast(Attention, owner).heads)
        for projection, owner in zip(projections, owners, strict=True)
    ]


def _body_and_path(model: nn.Module, attention: str | None) -> tuple[nn.Module, str]:
    """Return the module that holds the layers, and the path in it to the projections."""
    kind = getattr(getattr(model, "config", None), "model_type", type(model).__name__)
    paths = OUR_PROJECTIONS.get(type(model)) or OUTPUT_PROJECTIONS.get(kind)
    if paths is None:
        raise ValueError(
            f"heads of a model of kind {kind!r} are not known here: pass one of the kinds "
            f"{', '.join(OUTPUT_PROJECTIONS)}, or a model of lessons.families"
        )
    if attention is None and len(paths) == 1:
        [attention] = paths
    if attention not in paths:
        raise ValueError(f"attention is {attention!r}: for {kind} pass one of {', '.join(paths)}")
    body = model.base_model if isinstance(model, PreTrainedModel) else model
    return body, paths[attention]
