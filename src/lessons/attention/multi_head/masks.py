r"""Masks: which query may see which key.

A mask is boolean and called `visible`: True means "may attend". This is the polarity of
torch's `scaled_dot_product_attention`; the masks of `nn.MultiheadAttention` say the
opposite. Masks broadcast, so two of them are combined with `&`.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Tensor


def causal_mask(
    queries: int, keys: int, *, device: torch.device | str | None = None
) -> Bool[Tensor, "{queries} {keys}"]:
    r"""Let each query see the keys up to its own position, and none after it.

    The queries are the *last* ones of the sequence, so the mask is aligned to the lower
    right: query :math:`i` sees key :math:`j` where
    :math:`j \le i + (\text{keys} - \text{queries})`. With a key–value cache one new query
    thus sees all the keys so far.

    Args:
        queries: How many tokens look, at most `keys`.
        keys: How many tokens are looked at.
        device: Where the mask is needed.

    Raises:
        ValueError: There are more queries than keys.

    Source: :cite:t:`vaswani2017`, section 3.2.3.

    >>> causal_mask(2, 3).int()
    tensor([[1, 1, 0],
            [1, 1, 1]], dtype=torch.int32)
    """
    if queries > keys:
        raise ValueError(
            f"{queries} queries but only {keys} keys: a causal mask needs the key of every "
            "query; pass keys >= queries"
        )
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(diagonal=keys - queries)


def padding_mask(
    lengths: Sequence[int], keys: int, *, device: torch.device | str | None = None
) -> Bool[Tensor, "batch 1 1 {keys}"]:
    r"""Hide the padding at the end of each sequence of a batch.

    The two axes of size 1 broadcast over heads and queries, so that
    `causal_mask(keys, keys) & padding_mask(lengths, keys)` hides both the future and the
    padding. Padding at the start is hidden by the mirror image, `padding_mask(…).flip(-1)`.

    Args:
        lengths: The number of real tokens in each sequence, from 0 to `keys`.
        keys: The number of tokens that each sequence is padded to.
        device: Where the mask is needed.

    Raises:
        ValueError: A length is negative or greater than `keys`.

    >>> padding_mask([1, 3], 3)[:, 0, 0].int()
    tensor([[1, 0, 0],
            [1, 1, 1]], dtype=torch.int32)
    """
    for length in lengths:
        if not 0 <= length <= keys:
            raise ValueError(f"length {length} is not between 0 and keys = {keys}")
    ends = torch.tensor(list(lengths), dtype=torch.long, device=device)[:, None]
    real = torch.arange(keys, device=device) < ends
    return real[:, None, None, :]
