r"""The attention of a whole model: that of `lessons.attention`, with four seams.

- `compare` says how queries meet keys: divided by √d_head everywhere but in T5.
- `normalize` turns scores into weights: a softmax over the visible keys.
- `place` turns queries and keys by their positions: Llama's rotary; elsewhere nothing.
- `cache` keeps the keys and values of earlier tokens, so that they are computed once.

References: :cite:t:`vaswani2017`, section 3.2; :cite:t:`ainslie2023` for `kv_heads`.
"""

import itertools
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.attention import (
    check_visible,
    group_size,
    head_size,
    masked_softmax,
    merge_heads,
    scaled_scores,
    split_heads,
)
from lessons.blocks.probes import Probe, watched

TILE = 256  # the queries whose scores are held at once, where nobody looks at the scores


@runtime_checkable
class Remembered(Protocol):
    """What one layer remembers of the tokens so far."""

    length: int

    def extend(self, project: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """Return all keys and values, those that `project` computes now among them."""
        ...


def dot_scores(
    query: Float[Tensor, "*batch queries d_head"], key: Float[Tensor, "*batch keys d_head"]
) -> Float[Tensor, "*batch queries keys"]:
    r"""Return :math:`Q K^\top`, unscaled, as T5 does, whose initialization makes up for it.

    >>> import torch
    >>> dot_scores(torch.ones(1, 4), torch.ones(1, 4))
    tensor([[4.]])
    """
    return query @ key.transpose(-2, -1)


def unplaced(vectors: Tensor, *, start: int) -> Tensor:
    """Leave queries and keys as they are: the positions are elsewhere in the model."""
    return vectors


class Attention(nn.Module):
    r"""Multi-head attention with probes at query, key, value, scores, weights and mixed.

    Args:
        d_model: The numbers in a token's vector.
        heads: The query heads.
        kv_heads: The key–value heads, if fewer; must divide `heads`.
        d_head: The numbers in a head's slice, if not `d_model / heads`.
        bias: Whether the projections add a bias.
        compare: From queries and keys to scores.
        normalize: From scores and `visible` to weights.
        place: Called with vectors and `start=`, the position of the first of them.

    Raises:
        ValueError: The numbers of heads do not divide as they must.

    >>> import torch
    >>> Attention(8, heads=4, kv_heads=2)(torch.ones(1, 3, 8)).shape
    torch.Size([1, 3, 8])
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        *,
        kv_heads: int | None = None,
        d_head: int | None = None,
        bias: bool = True,
        compare: Callable = scaled_scores,
        normalize: Callable = masked_softmax,
        place: Callable = unplaced,
    ):
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads or heads
        self.group = group_size(heads, self.kv_heads)
        d_head = d_head or head_size(d_model, heads)
        self.to_query = nn.Linear(d_model, heads * d_head, bias=bias)
        self.to_key = nn.Linear(d_model, self.kv_heads * d_head, bias=bias)
        self.to_value = nn.Linear(d_model, self.kv_heads * d_head, bias=bias)
        self.to_output = nn.Linear(heads * d_head, d_model, bias=bias)
        self.compare, self.normalize, self.place = compare, normalize, place
        self.query, self.key, self.value = Probe(), Probe(), Probe()
        self.scores, self.weights, self.mixed = Probe(), Probe(), Probe()

    def forward(
        self,
        tokens: Float[Tensor, "batch queries d_model"],
        memory: Float[Tensor, "batch keys d_model"] | None = None,
        *,
        visible: Bool[Tensor, "*mask"] | None = None,
        bias: Float[Tensor, "heads queries keys"] | None = None,
        cache: Remembered | None = None,
    ) -> Float[Tensor, "batch queries d_model"]:
        """Let `tokens` read from `memory`, or from themselves and what the cache holds.

        Args:
            tokens: The tokens that look; with a cache, the new ones only.
            memory: The sequence that is looked at; None is self-attention.
            visible: True where a query may attend to a key.
            bias: Added to the scores: T5's relative positions.
            cache: What this layer remembers; it is extended.
        """
        start = 0 if cache is None else cache.length
        query = self.place(split_heads(self.to_query(tokens), self.heads), start=start)
        query = self.query(query)

        def project() -> tuple[Tensor, Tensor]:
            source = tokens if memory is None else memory
            key = self.place(split_heads(self.to_key(source), self.kv_heads), start=start)
            return self.key(key), self.value(split_heads(self.to_value(source), self.kv_heads))

        key, value = project() if cache is None else cache.extend(project)
        if self.group > 1:
            key = key.repeat_interleave(self.group, dim=-3)
            value = value.repeat_interleave(self.group, dim=-3)
        read = self._read_in_tiles if self._may_cut(query) else self._read
        return self.to_output(merge_heads(self.mixed(read(query, key, value, visible, bias))))

    def _read(self, query, key, value, visible, bias):
        scores = self.compare(query, key)
        scores = self.scores(scores if bias is None else scores + bias)
        return self.weights(self.normalize(scores, visible)) @ value

    def _read_in_tiles(self, query, key, value, visible, bias):
        """Read with one head and a few queries at a time: the same, and the scores are few."""
        shape = torch.Size([*query.shape[:-1], key.shape[-2]])
        if visible is not None:
            check_visible(visible, shape)
            visible = visible.expand(shape)
        bias = None if bias is None else bias.expand(shape)
        tiles = []
        for head in itertools.product(*map(range, query.shape[:-2])):
            for first in range(0, query.shape[-2], TILE):
                at = (*head, slice(first, first + TILE))
                seen, added = (part if part is None else part[at] for part in (visible, bias))
                tiles.append(self._read(query[at], key[head], value[head], seen, added))
        return torch.cat(tiles).unflatten(0, query.shape[:-1])

    def _may_cut(self, query) -> bool:
        """Return whether there are many queries, and nobody needs the whole table of scores."""
        return (
            query.shape[-2] > TILE
            and len(query) > 0
            and self.normalize is masked_softmax
            and self.compare in (scaled_scores, dot_scores)
            and not watched(self.scores)
            and not watched(self.weights)
            and not torch.compiler.is_compiling()
        )
