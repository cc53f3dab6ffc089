r"""A soft dictionary lookup: what attention does for one query.

A Python dictionary compares the query with each key, finds the one that is equal, and
returns its value. Soften both steps and you have attention: compare by dot product, and
return a mixture of *all* values, weighted by how well their keys match.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def soft_lookup(
    query: Float[Tensor, " d_head"],
    keys: Float[Tensor, "keys d_head"],
    values: Float[Tensor, "keys d_value"],
    *,
    temperature: float = 1.0,
) -> tuple[Float[Tensor, " d_value"], Float[Tensor, " keys"]]:
    r"""Return the mixture of `values` that `query` reads, and the weight of each value.

    .. math::
        w_j = \frac{\exp(q \cdot k_j / T)}{\sum_i \exp(q \cdot k_i / T)},
        \qquad \text{mixed} = \sum_j w_j v_j

    Args:
        query: What is looked for.
        keys: One row for each entry, compared with the query by dot product.
        values: One row for each entry, what it returns.
        temperature: :math:`T`, greater than 0. Toward 0 only the best match counts, as
            in a dictionary; a large one mixes all the values evenly.

    Raises:
        ValueError: The temperature is not positive, or there is no entry.

    Source: :cite:t:`graves2014`, section 3.3.1 (addressing by content).

    >>> keys = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> values = torch.tensor([[10.0], [20.0]])
    >>> mixed, weights = soft_lookup(torch.tensor([8.0, 0.0]), keys, values)
    >>> mixed.round(decimals=2)
    tensor([10.])
    """
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}: pass a number greater than 0")
    if len(keys) == 0:
        raise ValueError("there is no entry to look up: pass at least one key and its value")
    scores = keys @ query
    # The softmax does not notice what is taken from all scores; so the best is 0 at any T.
    weights = torch.softmax((scores - scores.max()) / temperature, dim=0)
    return weights @ values, weights
