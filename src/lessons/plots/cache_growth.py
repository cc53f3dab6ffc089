"""A text that grows with a cache: which rows are computed when, and what that saves."""

from collections.abc import Callable, Sequence

from jaxtyping import Float
from torch import Tensor

from lessons.plots.checked_weights import check_head
from lessons.plots.maps import attention_map
from lessons.plots.style import ThemedFigure

LONGEST = 24  # tokens that the page's decoder reads


def cache_figure(
    weights: Float[Tensor, "layers heads tokens tokens"],
    tokens: Sequence[str],
    *,
    given: int,
    layer: int,
    head: int,
    model: str,
    step: Callable[[int, int], int],
    kept: Callable[[int], int],
) -> ThemedFigure:
    """Draw one head's map of a text that grew token by token; on the website, step by step.

    The cells that the last step computes, with a cache, are framed. On the website the book's
    decoder lets another beginning grow (`cache-growth.js`).

    Args:
        weights: The weights of every head of the book's decoder, over all tokens that it read.
        tokens: Those tokens: the beginning, and what was written and read again.
        given: How many of them are the beginning.
        layer: The layer that is shown first.
        head: The head that is shown first.
        model: The model's name.
        step: The operations of a step, from how many tokens are computed and how many are seen.
        kept: The bytes of the cache, from how many tokens it holds.

    Raises:
        ValueError: There is no such head, the tokens are not as many as the weights or more than
            24, or the beginning is none of them.

    >>> import torch
    >>> figure = cache_figure(torch.eye(3).expand(1, 1, 3, 3), ["a", "b", "c"], given=2, layer=0,
    ...                       head=0, model="M", step=lambda new, keys: 10 * new, kept=lambda n: n)
    >>> figure.alt.rsplit(". ", 2)[1]
    'Operations so far: 30 with the cache, 50 without'
    """
    check_head(weights, layer, head)
    if not 1 <= given <= len(tokens) <= LONGEST:
        raise ValueError(
            f"{given} of {len(tokens)} tokens: pass a beginning of 1 or more, and {LONGEST} tokens "
            "at most"
        )
    costs = [(step(1, seen), step(seen, seen)) for seen in range(1, LONGEST + 1)]
    seen = len(tokens)
    saved = costs[given - 1][1] + sum(one for one, _ in costs[given:seen])
    full = sum(every for _, every in costs[given - 1 : seen])
    first = seen - 1 if seen > given else 0
    framed = [(i, j) for i in range(first, seen) for j in range(i + 1)]
    title = f"{model}, layer {layer}, head {head}"
    still = attention_map(weights[layer, head], tokens, title=title, framed=framed)
    told = (
        f"{given} tokens were read at once, {seen - given} one by one. Operations so far: "
        f"{saved:,} with the cache, {full:,} without. The cache holds {kept(seen):,} bytes."
    )
    data = {
        "tokens": list(tokens),
        "given": given,
        "maps": (100 * weights.detach()).round().int().tolist(),
        "layer": layer,
        "head": head,
        "text": " ".join(tokens[:given]),
        "costs": costs,
        "bytes": [kept(seen) for seen in range(1, LONGEST + 1)],
        "model": model,
    }
    below = f'<p class="lesson-record">{told}</p>'
    return ThemedFigure(still.svg + below, f"{still.alt} {told}", live=("cache-growth", data))
