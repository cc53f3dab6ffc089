r"""Ablation: take heads away, and see what the model can no longer do.

A heatmap shows where a head looks, not whether the model needs it. Zero what the head writes
and measure again: what gets worse is what the head was needed for.

Reference: :cite:t:`michel2019`, section 3.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from lessons.interpretation.sites import HeadSite, head_sites


@contextmanager
def ablate_heads(
    model: nn.Module,
    heads: Iterable[tuple[int, int]],
    *,
    attention: str | None = None,
) -> Iterator[nn.Module]:
    r"""Silence heads for the length of a `with` block: what they would write becomes zero.

    The output projection reads all heads side by side; the slice of an ablated head is set to
    0 before it. When the block ends, also by an exception, the model is as it was.

    Args:
        model: A BERT, DistilBERT, GPT-2, Llama or T5 of transformers.
        heads: The heads to silence, as (layer, head), both counted from 0.
        attention: "encoder", "decoder" or "cross", where the model has several.

    Raises:
        ValueError: There is no such head, or no such attention in the model.

    Source: :cite:t:`michel2019`, equation 2, with :math:`\xi_h = 0`.

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
    sites = head_sites(model, attention)
    with ExitStack() as hooks:
        for layer, silenced in by_layer(heads, sites).items():
            hook = _silence(silenced, sites[layer].heads)
            hooks.enter_context(sites[layer].projection.register_forward_pre_hook(hook))
        yield model


def by_layer(heads: Iterable[tuple[int, int]], sites: list[HeadSite]) -> dict[int, list[int]]:
    """Group (layer, head) pairs by layer, and see that each of them exists.

    Raises:
        ValueError: There is no such layer, or no such head in it.
    """
    grouped: dict[int, list[int]] = {}
    for layer, head in heads:
        if not 0 <= layer < len(sites):
            raise ValueError(f"there is no layer {layer}: pass 0 to {len(sites) - 1}")
        if not 0 <= head < sites[layer].heads:
            raise ValueError(f"there is no head {head}: pass 0 to {sites[layer].heads - 1}")
        grouped.setdefault(layer, []).append(head)
    return grouped


def _silence(silenced: list[int], heads: int) -> Callable[[nn.Module, tuple], tuple]:
    def hook(projection: nn.Module, inputs: tuple) -> tuple:
        mixed: Tensor = inputs[0].unflatten(-1, (heads, -1)).clone()
        mixed[..., silenced, :] = 0.0
        return (mixed.flatten(-2), *inputs[1:])

    return hook
