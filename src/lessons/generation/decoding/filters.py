r"""Filters: reshape the logits before a token is drawn from them.

Each takes logits and returns logits, so they can be chained. A token that is ruled out gets
−∞, hence probability 0.

References: :cite:t:`fan2018` (top-k); :cite:t:`holtzman2020` (top-p). transformers' logits
processors are the tests' oracles.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lessons.tensors import widened


def scale_by_temperature(
    logits: Float[Tensor, "batch vocab"], temperature: float
) -> Float[Tensor, "batch vocab"]:
    r"""Sharpen the distribution (below 1) or flatten it (above 1).

    .. math:: p_i \propto \exp(z_i / T)

    Toward 0 the most probable token alone remains, as in greedy decoding.

    Raises:
        ValueError: The temperature is not positive.

    >>> import torch
    >>> scale_by_temperature(torch.tensor([[1.0, 2.0]]), 0.5)
    tensor([[2., 4.]])
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature is {temperature}: pass a number greater than 0, or decode greedily"
        )
    return logits / temperature


def keep_top_k(logits: Float[Tensor, "batch vocab"], k: int) -> Float[Tensor, "batch vocab"]:
    r"""Rule out all but the `k` most probable tokens; ties with the last one stay too.

    Raises:
        ValueError: `k` is less than 1.

    Source: :cite:t:`fan2018`, section 5.4.

    >>> import torch
    >>> keep_top_k(torch.tensor([[1.0, 3.0, 2.0]]), 2)
    tensor([[-inf, 3., 2.]])
    """
    if k < 1:
        raise ValueError(f"k is {k}: pass at least 1, the number of tokens to choose from")
    k = min(k, logits.shape[-1])
    last_kept = logits.topk(k, dim=-1).values[..., -1:]
    return logits.masked_fill(logits < last_kept, -math.inf)


def keep_top_p(logits: Float[Tensor, "batch vocab"], p: float) -> Float[Tensor, "batch vocab"]:
    r"""Keep the smallest set of most probable tokens that together have probability `p`.

    Seen from below: a token goes if it and all the less probable ones together have at most
    :math:`1 - p`. The most probable one always stays.

    Raises:
        ValueError: `p` is not between 0 (excluded) and 1.

    Source: :cite:t:`holtzman2020`, section 3.1 (nucleus sampling).

    >>> import torch
    >>> keep_top_p(torch.tensor([[0.5, 0.2, 0.3]]).log(), 0.7).exp()
    tensor([[0.5000, 0.0000, 0.3000]])
    """
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}: pass a probability greater than 0, at most 1")
    ascending, order = logits.sort(dim=-1)
    tail = widened(ascending).softmax(dim=-1).cumsum(dim=-1)
    goes = tail <= 1 - p
    goes[..., -1] = False
    return logits.masked_fill(goes.scatter(-1, order, goes), -math.inf)
