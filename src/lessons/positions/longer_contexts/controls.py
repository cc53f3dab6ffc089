"""Change one thing about the positions of a trained model, and leave all else as it was."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.positions.longer_contexts.rotary_scaling import rotary_frequencies
from lessons.positions.rotary import Rotary


class Shifted(nn.Module):
    """Added positions that begin later: the first token stands where another stood before.

    Args:
        positions: Such as :class:`~lessons.positions.sinusoidal.SinusoidalPositions`.
        by: How many positions are skipped.

    >>> from lessons.positions import SinusoidalPositions
    >>> Shifted(SinusoidalPositions(), by=1)(torch.zeros(1, 1, 2))
    tensor([[[0.8415, 0.5403]]])
    """

    def __init__(self, positions: nn.Module, *, by: int):
        super().__init__()
        self.positions, self.by = positions, by

    def forward(
        self, embedded: Float[Tensor, "batch tokens d_model"], *, start: int = 0
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Add position `start + by` to the first token, and so on."""
        return self.positions(embedded, start=start + self.by)


class Parted(nn.Module):
    """Rotary positions with a gap: the token `at`, and all after it, stand `by` positions later.

    Args:
        at: The first token behind the gap.
        by: How many positions are skipped.
        rotary: What turns the vectors; None for base 10,000 and neighbors as pairs.
        pairs: True for those that skip them; the others turn as if there were no gap. None: all.

    >>> x = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> Parted(at=1, by=2)(x)  # the second at position 3
    tensor([[ 1.0000,  0.0000],
            [-0.9900,  0.1411]])
    """

    def __init__(
        self,
        *,
        at: int,
        by: int,
        rotary: Rotary | None = None,
        pairs: Bool[Tensor, " pairs"] | None = None,
    ):
        super().__init__()
        self.at, self.by, self.pairs = at, by, pairs
        self.rotary = Rotary() if rotary is None else rotary

    def forward(
        self, vectors: Float[Tensor, "*batch tokens d_head"], *, start: int = 0
    ) -> Float[Tensor, "*batch tokens d_head"]:
        """Turn the first token's vector as position `start`, and so on, up to the gap."""
        near, cut = self.rotary(vectors, start=start), max(self.at - start, 0)
        before, behind = near[..., :cut, :], near[..., cut:, :]
        skipped = self.by * rotary_frequencies(vectors.shape[-1], base=self.rotary.base)
        if self.pairs is not None:
            skipped = skipped * self.pairs
        exact = torch.promote_types(vectors.dtype, torch.float32)
        further = (skipped % (2 * math.pi)).to(vectors.device, exact)  # turns add up
        later = self.rotary.rotate(behind, further.expand(behind.shape[-2], -1))
        return torch.cat([before, later], dim=-2)


class Ending(nn.Module):
    """A causal bias of distances that ends: beyond `reach` tokens it stays as it is there.

    Args:
        bias: Depends on the distance only, such as :class:`~lessons.positions.alibi.Alibi`.
        reach: The last distance that has a bias of its own, in tokens.

    >>> from lessons.positions import Alibi
    >>> Ending(Alibi(1), reach=2)(1, 5)
    tensor([[[-0.0078, -0.0078, -0.0078, -0.0039,  0.0000]]])
    """

    def __init__(self, bias: nn.Module, *, reach: int):
        super().__init__()
        self.bias, self.reach = bias, reach

    def forward(self, queries: int, keys: int) -> Float[Tensor, "heads {queries} {keys}"]:
        """Return the bias between the last `queries` of `keys` tokens and all of them."""
        by_distance = self.bias(1, self.reach + 1)[:, 0].flip(-1)
        distances = torch.arange(keys - queries, keys)[:, None] - torch.arange(keys)
        return by_distance[:, distances.clamp(0, self.reach)]
