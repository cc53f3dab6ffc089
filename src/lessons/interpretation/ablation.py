r"""Ablation: take heads away, and see what the model can no longer do.

A heatmap shows where a head looks, not whether the model needs it. Zero what the head writes
and measure again: what gets worse depended on the head. Zeros also take away what a head writes
whatever the text; :mod:`lessons.interpretation.silence` has kinds that do not.

Reference: :cite:t:`michel2019`, section 3.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.interpretation.patching import edit_sites
from lessons.interpretation.sites import Head


@contextmanager
def ablate_heads(
    model: nn.Module,
    heads: Iterable[Head],
    *,
    instead: Mapping[Head, Float[Tensor, " d_head"]] | None = None,
    attention: str | None = None,
) -> Iterator[nn.Module]:
    r"""Silence heads for the length of a `with` block: they write zeros, or one vector everywhere.

    The output projection reads all heads side by side; the slice of an ablated head is replaced
    before it. When the block ends, also by an exception, the model is as it was.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers, or one of our families.
        heads: The heads to silence, as (layer, head), both counted from 0.
        instead: What each writes at all tokens, such as its mean over other texts; zeros if None.
        attention: "encoder", "decoder" or "cross", where the model has several.

    Raises:
        ValueError: There is no such head, or no such attention in the model.

    Source: :cite:t:`michel2019`, section 2, with the head's mask :math:`\xi_h = 0`.

    >>> import torch
    >>> from transformers import GPT2Config, GPT2Model
    >>> model = GPT2Model(GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=9)).eval()
    >>> ids = torch.tensor([[1, 2, 3]])
    >>> before = model(ids).last_hidden_state
    >>> with ablate_heads(model, [(0, 1)]):
    ...     torch.allclose(model(ids).last_hidden_state, before)
    False
    >>> torch.equal(model(ids).last_hidden_state, before)
    True
    """
    edits = {
        head: torch.zeros_like if instead is None else _always(instead[head]) for head in heads
    }
    with edit_sites(model, edits, attention=attention):
        yield model


def ablation_effects(
    model: nn.Module,
    measure: Callable[[], float],
    heads: Iterable[Head],
    *,
    instead: Mapping[Head, Float[Tensor, " d_head"]] | None = None,
    attention: str | None = None,
) -> Mapping[Head, float]:
    """Return, for each head, how much of a measure is lost when it alone is silenced.

    Args:
        model: As for :func:`ablate_heads`.
        measure: Runs the model and returns a number, the larger the better: an accuracy, a
            difference of logits.
        heads: The heads to try, one at a time.
        instead: As for :func:`ablate_heads`.
        attention: As for :func:`ablate_heads`.

    Returns:
        The measure without ablation, minus that with it; above 0 the head was of use.

    >>> from transformers import GPT2Config, GPT2Model
    >>> model = GPT2Model(GPT2Config(n_embd=8, n_head=2, n_layer=1, vocab_size=9)).eval()
    >>> ids = torch.tensor([[1, 2, 3]])
    >>> measure = lambda: float(model(ids).last_hidden_state[0, -1, 0])
    >>> list(ablation_effects(model, measure, [(0, 0), (0, 1)]))
    [(0, 0), (0, 1)]
    """
    with torch.no_grad():
        whole = measure()
        effects = {}
        for head in heads:
            with ablate_heads(model, [head], instead=instead, attention=attention):
                effects[head] = whole - measure()
    return effects


def _always(vector: Tensor) -> Callable[[Tensor], Tensor]:
    """Return a function that puts one vector at all tokens."""
    return lambda values: vector.expand_as(values)
