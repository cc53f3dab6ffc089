r"""Patching: put one run's values into another, and see whether its answer comes along.

Run a model on a clean text and on a corrupted one. Carry what one head wrote in the clean run
over to the corrupted one: if the clean answer returns, that head carried what the answer
depends on. This is evidence of a cause, where a heatmap is only a coincidence.

References: :cite:t:`vig2020`; :cite:t:`meng2022`, section 2.1.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from lessons.interpretation.sites import HeadSite, head_sites

Head = tuple[int, int]
Change = Callable[[Tensor], Tensor]


@contextmanager
def edit_heads(
    model: nn.Module, edits: Mapping[Head, Change], *, attention: str | None = None
) -> Iterator[nn.Module]:
    """Pass what heads write, (batch, tokens, d_head), through functions in a `with` block.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, or one of our families.
        edits: For a head, as (layer, head), the function from its output to another.
        attention: "encoder", "decoder" or "cross", where the model has several.

    Raises:
        ValueError: There is no such head, or no such attention in the model.
    """
    sites = head_sites(model, attention)
    with ExitStack() as hooks:
        for (layer, head), change in edits.items():
            check_head(layer, head, sites)
            hook = _editing(head, sites[layer].heads, change)
            hooks.enter_context(sites[layer].projection.register_forward_pre_hook(hook))
        yield model


@contextmanager
def record_heads(model: nn.Module, *, attention: str | None = None) -> Iterator[dict[Head, Tensor]]:
    """Keep what each head writes, (batch, tokens, d_head), in a `with` block.

    Where the model runs several times, the last run's values stay.
    """
    seen: dict[Head, Tensor] = {}

    def keep(at: Head) -> Change:
        def change(values: Tensor) -> Tensor:
            seen[at] = values.detach().clone()
            return values

        return change

    sites = head_sites(model, attention)
    every = [(layer, head) for layer, site in enumerate(sites) for head in range(site.heads)]
    with edit_heads(model, {at: keep(at) for at in every}, attention=attention):
        yield seen


@contextmanager
def patch_heads(
    model: nn.Module, values: Mapping[Head, Tensor], *, attention: str | None = None
) -> Iterator[nn.Module]:
    """Let heads write given values, (batch, tokens, d_head), in a `with` block.

    `values` usually come from :func:`record_heads`, from a run on another text of the same
    length.

    Raises:
        ValueError: There is no such head; or, when the model runs, the values are of another
            shape than what the head writes.
    """
    edits = {head: _replaced_by(value) for head, value in values.items()}
    with edit_heads(model, edits, attention=attention):
        yield model


def patching_effects(
    model: nn.Module,
    measure: Callable[[], float],
    clean: Mapping[Head, Tensor],
    heads: Iterable[Head],
    *,
    attention: str | None = None,
) -> dict[Head, float]:
    """Return, for each head, how much a measure rises when its clean output is put in.

    Args:
        model: As for :func:`edit_heads`.
        measure: Runs the model on the corrupted text and returns a number, such as the clean
            answer's logit minus the corrupted one's.
        clean: What the heads wrote in the clean run, from :func:`record_heads`.
        heads: The heads to try, one at a time.
        attention: As for :func:`edit_heads`.

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
        corrupted = measure()
        effects = {}
        for head in heads:
            with patch_heads(model, {head: clean[head]}, attention=attention):
                effects[head] = measure() - corrupted
    return effects


def check_head(layer: int, head: int, sites: list[HeadSite]) -> None:
    """See that a head exists.

    Raises:
        ValueError: There is no such layer, or no such head in it.
    """
    if not 0 <= layer < len(sites):
        raise ValueError(f"there is no layer {layer}: pass 0 to {len(sites) - 1}")
    if not 0 <= head < sites[layer].heads:
        raise ValueError(f"there is no head {head}: pass 0 to {sites[layer].heads - 1}")


def _editing(head: int, heads: int, change: Change) -> Callable:
    def hook(projection: nn.Module, inputs: tuple) -> tuple:
        mixed = inputs[0].unflatten(-1, (heads, -1)).clone()
        mixed[..., head, :] = change(mixed[..., head, :])
        return (mixed.flatten(-2), *inputs[1:])

    return hook


def _replaced_by(value: Tensor) -> Change:
    def change(values: Tensor) -> Tensor:
        if values.shape != value.shape:
            raise ValueError(
                f"the head writes values of shape {tuple(values.shape)}, the patch has "
                f"{tuple(value.shape)}: record it from a text of the same length"
            )
        return value

    return change
