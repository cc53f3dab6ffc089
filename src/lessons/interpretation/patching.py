r"""Patching: put one run's values into another, and see whether its answer comes along.

Run a model on a clean text and on a corrupted one. Carry what one part wrote in the clean run
over to the corrupted one: if the clean answer returns, that part carried what the answer
depends on. This is evidence of a cause, where a heatmap is only a coincidence. A part is a
place of :mod:`lessons.interpretation.sites`: a head, or a probe, at all tokens or at some.

References: :cite:t:`vig2020`; :cite:t:`meng2022`, section 2.1.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

from lessons.interpretation.sites import At, Change, Head, find_sites, head_sites

Measured = TypeVar("Measured", float, Tensor)


@contextmanager
def edit_sites(
    model: nn.Module, edits: Mapping[At, Change], *, attention: str | None = None
) -> Iterator[nn.Module]:
    """Pass what passes some places through functions in a `with` block.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, or one of our families,
            which alone have probes.
        edits: For a head, as (layer, head), or a probe, by name, the function from its output,
            for a head (batch, tokens, d_head), to another.
        attention: "encoder", "decoder" or "cross", where the model has several.

    Raises:
        ValueError: There is no such place, or no such attention in the model.
    """
    sites = find_sites(model, edits, attention)
    with ExitStack() as hooks:
        for place, change in edits.items():
            hooks.enter_context(sites[place].changed_by(change))
        yield model


@contextmanager
def record_sites(
    model: nn.Module, places: Iterable[At], *, attention: str | None = None
) -> Iterator[dict[At, Tensor]]:
    """Keep what passes some places in a `with` block.

    Where the model runs several times, the last run's values stay.

    Raises:
        ValueError: There is no such place, or no such attention in the model.
    """
    seen: dict[At, Tensor] = {}

    def keep(at: At) -> Change:
        def change(values: Tensor) -> Tensor:
            seen[at] = values.detach().clone()
            return values

        return change

    with edit_sites(model, {at: keep(at) for at in places}, attention=attention):
        yield seen


@contextmanager
def record_heads(model: nn.Module, *, attention: str | None = None) -> Iterator[dict[Head, Tensor]]:
    """Keep what each head writes, (batch, tokens, d_head), in a `with` block."""
    with record_sites(model, head_sites(model, attention), attention=attention) as seen:
        yield seen


@contextmanager
def patch_sites(
    model: nn.Module,
    values: Mapping[At, Tensor],
    *,
    tokens: Sequence[int] | None = None,
    attention: str | None = None,
) -> Iterator[nn.Module]:
    """Let places hold given values in a `with` block, at all tokens or at some.

    `values` usually come from :func:`record_sites`, from a run on another text of the same
    length.

    Raises:
        ValueError: There is no such place; or, when the model runs, the values are of another
            shape than what passes there.
    """
    edits = {place: _replaced_by(value, tokens) for place, value in values.items()}
    with edit_sites(model, edits, attention=attention):
        yield model


def patching_effects(
    model: nn.Module,
    measure: Callable[[], Measured],
    other: Mapping[At, Tensor],
    places: Iterable[At],
    *,
    tokens: Sequence[int] | None = None,
    attention: str | None = None,
) -> dict[At, Measured]:
    """Return, for each place, how much a measure rises when another run's values are put in.

    Args:
        model: As for :func:`edit_sites`.
        measure: Runs the model on one text and returns a number, such as the clean answer's
            logit minus the corrupted one's, or one number for each text of a batch.
        other: What passed the places in a run on the other text, from :func:`record_sites`.
        places: The places to try, one at a time.
        tokens: Where values are put in; None: everywhere.
        attention: As for :func:`edit_sites`.

    Source: :cite:t:`vig2020` (the indirect effect).

    >>> from transformers import GPT2Config, GPT2Model
    >>> model = GPT2Model(GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=9)).eval()
    >>> ids = torch.tensor([[1, 2, 3]])
    >>> measure = lambda: float(model(ids).last_hidden_state[0, -1, 0])
    >>> with record_heads(model) as clean:
    ...     unchanged = model(ids)
    >>> patching_effects(model, measure, clean, [(0, 1)])  # its own output changes nothing
    {(0, 1): 0.0}
    """
    with torch.no_grad():
        before = measure()
        effects = {}
        for place in places:
            one = {place: other[place]}
            with patch_sites(model, one, tokens=tokens, attention=attention):
                effects[place] = measure() - before
    return effects


def _replaced_by(value: Tensor, tokens: Sequence[int] | None) -> Change:
    def change(values: Tensor) -> Tensor:
        if values.shape != value.shape:
            raise ValueError(
                f"values of shape {tuple(values.shape)} pass here, the patch has "
                f"{tuple(value.shape)}: record it from a text of the same length"
            )
        if tokens is None:
            return value
        patched = values.clone()
        patched[..., tokens, :] = value[..., tokens, :]
        return patched

    return change
