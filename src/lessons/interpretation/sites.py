r"""Sites: the places in a model where a value can be caught, to be read or to be replaced.

A *probe* of our own models hands on whatever passes. A *head* writes its own slice of one vector,
and the layer's output projection reads that vector. So whoever changes the *input* of the output
projection changes heads, one slice a head, whichever kernel computed the attention. This module
knows where transformers' models, and ours, keep it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar, cast

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from lessons.blocks import Attention
from lessons.blocks.probes import probes
from lessons.families import DecoderOnly, EncoderDecoder, EncoderOnly

Head = tuple[int, int]
Place = str | Head  # a probe's name, such as "layers.0.out"; or a layer and a head of it
At = TypeVar("At", Head, str, Place)  # of one kind, or of both
Change = Callable[[Tensor], Tensor]

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


class Site(NamedTuple):
    """What a probe hands on, or one of several slices of what comes into a module."""

    module: nn.Module
    head: int | None = None
    heads: int = 1

    def changed_by(self, change: Change) -> RemovableHandle:
        """Pass what is caught here through a function, until the handle is removed."""
        if self.head is None:
            return self.module.register_forward_hook(lambda module, inputs, value: change(value))

        def hook(module: nn.Module, inputs: tuple) -> tuple:
            mixed = inputs[0].unflatten(-1, (self.heads, -1)).clone()
            mixed[..., self.head, :] = change(mixed[..., self.head, :])
            return (mixed.flatten(-2), *inputs[1:])

        return self.module.register_forward_pre_hook(hook)


def head_sites(model: nn.Module, attention: str | None = None) -> dict[Head, Site]:
    """Return where a model's heads can be caught, by layer and head.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, with or without a head
            for a task, or a model of `lessons.families`.
        attention: Which attention: "encoder", "decoder", or "cross" (the decoder's attention
            to the encoder). None where the model has one kind only.

    Raises:
        ValueError: The model is of another kind, or has no such attention, or has several
            and none is named.

    >>> from transformers import GPT2Config, GPT2Model
    >>> model = GPT2Model(GPT2Config(n_embd=8, n_head=2, n_layer=2, vocab_size=9))
    >>> list(head_sites(model))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    body, path = _body_and_path(model, attention)
    before, after = path.split(".#.")
    sites = {}
    for number, layer in enumerate(body.get_submodule(before).children()):
        if isinstance(model, PreTrainedModel):
            heads = model.config.num_attention_heads
        else:
            owner = layer.get_submodule(after.removesuffix(".to_output"))
            heads = cast(Attention, owner).heads
        for head in range(heads):
            sites[number, head] = Site(layer.get_submodule(after), head, heads)
    return sites


def find_sites(
    model: nn.Module, places: Iterable[At], attention: str | None = None
) -> dict[At, Site]:
    """Return the sites of some places: of probes by name, of heads as (layer, head).

    Raises:
        ValueError: There is no such probe, layer or head, or as for :func:`head_sites`.

    >>> from lessons.blocks import Probe
    >>> find_sites(nn.Sequential(Probe()), ["0"])
    {'0': Site(module=Probe(), head=None, heads=1)}
    """
    places = list(places)
    known: dict[Place, Site] = {}
    if any(isinstance(place, str) for place in places):
        known |= {name: Site(probe) for name, probe in probes(model).items()}
    if any(isinstance(place, tuple) for place in places):
        known.update(head_sites(model, attention).items())
    for place in places:
        if place not in known:
            raise ValueError(_missing(place, known))
    return {place: known[place] for place in places}


def _missing(place: Place, known: Mapping[Place, Site]) -> str:
    """Say that there is no such place, and which ones there are."""
    if isinstance(place, str):
        names = ", ".join(name for name in known if isinstance(name, str))
        return f"no probe is called {place!r}: pass one of {names}"
    layer, head = place
    layers = sorted({name[0] for name in known if isinstance(name, tuple)})
    if layer not in layers:
        return f"there is no layer {layer}: pass 0 to {layers[-1]}"
    return f"there is no head {head}: pass 0 to {known[layer, 0].heads - 1}"


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
