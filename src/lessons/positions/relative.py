r"""T5's relative bias: a learned number for each head and distance, added to the scores.

Distances share a number in buckets: the near ones have a bucket each, the far ones share
buckets that grow logarithmically, and everything beyond `max_distance` shares the last one.

Reference: :cite:t:`raffel2020`, section 2.1; transformers' T5 is the tests' oracle.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def relative_bucket(
    offsets: Int[Tensor, "queries keys"], *, buckets: int, max_distance: int, causal: bool
) -> Int[Tensor, "queries keys"]:
    r"""Return the bucket of each offset, key position minus query position.

    With :math:`n` buckets for one direction, a distance :math:`d < n/2` has its own bucket; a
    longer one falls into

    .. math:: \min\!\left(n - 1,\; \frac n2 + \left\lfloor \frac n2 \cdot
        \frac{\ln (2d/n)}{\ln (2\,\text{max\_distance}/n)} \right\rfloor\right)

    Args:
        offsets: Negative for keys before the query.
        buckets: How many there are; without `causal`, half of them serve keys after the query.
        max_distance: From here on, at the latest, all distances share the last bucket.
        causal: Whether later keys are hidden anyway; their distance counts as 0.

    Source: :cite:t:`raffel2020`, section 2.1.

    >>> relative_bucket(torch.tensor([[0, -1, -3, -4, -40]]), buckets=8, max_distance=16,
    ...                 causal=True)
    tensor([[0, 1, 3, 4, 7]])
    """
    if causal:
        first, distance = torch.zeros_like(offsets), (-offsets).clamp(min=0)
    else:
        buckets = buckets // 2
        first, distance = (offsets > 0) * buckets, offsets.abs()
    exact = buckets // 2
    # float32 on purpose: at a bucket's very edge it decides as T5's own code does.
    ratio = torch.log(distance.float() / exact) / math.log(max_distance / exact)
    shared = exact + (ratio * (buckets - exact)).clamp(min=0).long()
    return first + torch.where(distance < exact, distance, shared.clamp(max=buckets - 1))


class RelativeBias(nn.Module):
    """One learned number for each bucket and head, laid out as a bias for the scores.

    Args:
        heads: Each has numbers of its own.
        buckets: How many distances it can tell apart.
        max_distance: From here on, at the latest, all are the same, in tokens.
        causal: True in a decoder, where keys after the query are hidden.

    Source: :cite:t:`raffel2020`, section 2.1.

    >>> RelativeBias(heads=2, buckets=8, max_distance=16, causal=True)(1, 5).shape
    torch.Size([2, 1, 5])
    """

    def __init__(self, heads: int, *, buckets: int, max_distance: int, causal: bool):
        super().__init__()
        self.table = nn.Embedding(buckets, heads)
        self.max_distance = max_distance
        self.causal = causal

    def forward(self, queries: int, keys: int) -> Float[Tensor, "heads {queries} {keys}"]:
        """Return the bias between the last `queries` of `keys` tokens and all of them."""
        device = self.table.weight.device
        query_positions = torch.arange(keys - queries, keys, device=device)
        offsets = torch.arange(keys, device=device) - query_positions[:, None]
        bucket = relative_bucket(
            offsets,
            buckets=self.table.num_embeddings,
            max_distance=self.max_distance,
            causal=self.causal,
        )
        return self.table(bucket).permute(2, 0, 1)
