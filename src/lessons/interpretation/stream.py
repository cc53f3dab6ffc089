r"""The residual stream at one place: what a layer hands on for one token.

Ablate or patch it to ask *where* in a text, and after which layer, a model keeps what its
answer depends on.

Reference: :cite:t:`meng2022`, section 2.1.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from lessons.interpretation.sites import stream_sites

Change = Callable[[Tensor], Tensor]
Place = tuple[int, int]


@contextmanager
def edit_stream(
    model: nn.Module, edits: Mapping[int, Change], *, side: str | None = None
) -> Iterator[nn.Module]:
    """Pass what layers hand on, (batch, tokens, d_model), through functions in a `with` block.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, or one of our families.
        edits: For a layer, the function from its output to another.
        side: "encoder" or "decoder", where the model has both.

    Raises:
        ValueError: There is no such layer, or no such side.
    """
    layers = stream_sites(model, side)
    with ExitStack() as hooks:
        for layer, change in edits.items():
            if not 0 <= layer < len(layers):
                raise ValueError(f"there is no layer {layer}: pass 0 to {len(layers) - 1}")
            hooks.enter_context(layers[layer].register_forward_hook(_handing_on(change)))
        yield model


@contextmanager
def record_stream(model: nn.Module, *, side: str | None = None) -> Iterator[dict[int, Tensor]]:
    """Keep what each layer hands on, (batch, tokens, d_model), in a `with` block.

    Where the model runs several times, the last run's values stay.
    """
    seen: dict[int, Tensor] = {}

    def keep(layer: int) -> Change:
        def change(stream: Tensor) -> Tensor:
            seen[layer] = stream.detach().clone()
            return stream

        return change

    layers = range(len(stream_sites(model, side)))
    with edit_stream(model, {layer: keep(layer) for layer in layers}, side=side):
        yield seen


@contextmanager
def patch_positions(
    model: nn.Module,
    streams: Mapping[int, Tensor],
    places: Iterable[Place],
    *,
    side: str | None = None,
) -> Iterator[nn.Module]:
    """Put another run's residual stream in at some places, in a `with` block.

    Args:
        model: As for :func:`edit_stream`.
        streams: For each layer, the other run's stream, from :func:`record_stream`.
        places: Where it goes in, as (layer, position).
        side: As for :func:`edit_stream`.

    Raises:
        ValueError: There is no such layer or position.
    """
    edits = {
        layer: _put_in(streams[layer], positions)
        for layer, positions in _by_layer(places, streams).items()
    }
    with edit_stream(model, edits, side=side):
        yield model


@contextmanager
def ablate_positions(
    model: nn.Module, places: Iterable[Place], *, side: str | None = None
) -> Iterator[nn.Module]:
    """Empty the residual stream at some places for the length of a `with` block.

    Args:
        model: As for :func:`edit_stream`.
        places: As (layer, position): what the layer hands on for that token becomes zero, so
            later layers find nothing there.
        side: As for :func:`edit_stream`.

    Raises:
        ValueError: There is no such layer or position.
    """
    edits = {
        layer: _put_in(torch.zeros(()), positions)
        for layer, positions in _by_layer(places, range(len(stream_sites(model, side)))).items()
    }
    with edit_stream(model, edits, side=side):
        yield model


def _by_layer(places: Iterable[Place], layers: Iterable[int]) -> dict[int, list[int]]:
    grouped: dict[int, list[int]] = {}
    known = list(layers)
    for layer, position in places:
        if layer not in known:
            raise ValueError(f"there is no layer {layer}: pass 0 to {len(known) - 1}")
        grouped.setdefault(layer, []).append(position)
    return grouped


def _put_in(values: Tensor, positions: list[int]) -> Change:
    """Return a function that puts values into a stream, at some positions."""

    def change(stream: Tensor) -> Tensor:
        tokens = stream.shape[1]
        if not all(0 <= position < tokens for position in positions):
            raise ValueError(f"the text has {tokens} tokens: pass positions from 0 to {tokens - 1}")
        stream = stream.clone()
        stream[:, positions] = values[:, positions] if values.dim() else values.to(stream)
        return stream

    return change


def _handing_on(change: Change) -> Callable:
    def hook(layer: nn.Module, inputs: tuple, output: Tensor | tuple) -> Tensor | tuple:
        if isinstance(output, tuple):  # T5 hands on its position biases, too
            return (change(output[0]), *output[1:])
        return change(output)

    return hook
