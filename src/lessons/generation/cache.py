r"""The key–value cache: what each layer remembers of the tokens so far.

A token's key and value depend on nothing that comes after it, so they are computed once and
kept. Each step then projects one new token instead of all. The price is memory, which grows
with every token; the room for all of them is taken once, so nothing is copied on the way.

References: :cite:t:`shazeer2019`, section 2.4; transformers' cache is the tests' oracle.
"""

from collections.abc import Callable

from jaxtyping import Int
from torch import Tensor

from lessons.attention import key_value_bytes


class KeyValueCache:
    """The keys and values of one layer's self-attention.

    Args:
        capacity: The most tokens it can hold.

    >>> import torch
    >>> cache = KeyValueCache(capacity=4)
    >>> vectors = torch.ones(1, 2, 3, 5)
    >>> key, value = cache.extend(lambda: (vectors, vectors))
    >>> cache.length, cache.nbytes  # 3 of 4 tokens; 2 · 2 heads · 4 tokens · 5 numbers · 4 bytes
    (3, 320)
    """

    def __init__(self, capacity: int):
        self.capacity = capacity
        self.length = 0
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the room taken, which is all of the capacity from the first token on."""
        if self.keys is None or self.values is None:
            return 0
        return self.keys.nbytes + self.values.nbytes

    def extend(self, project: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """Append the keys and values that `project` returns; return all there are.

        Raises:
            ValueError: The cache is full.
        """
        key, value = project()
        end = self.length + key.shape[-2]
        if end > self.capacity:
            raise ValueError(
                f"the cache has room for {self.capacity} tokens, and {end} are needed: begin with "
                "a larger capacity"
            )
        if self.keys is None or self.values is None:
            self.keys = key.new_empty(*key.shape[:-2], self.capacity, key.shape[-1])
            self.values = value.new_empty(*value.shape[:-2], self.capacity, value.shape[-1])
        self.keys[..., self.length : end, :] = key
        self.values[..., self.length : end, :] = value
        self.length = end
        both = self.keys[..., :end, :], self.values[..., :end, :]
        # What a gradient will need must not be the room that the next token is written into.
        return both if not key.requires_grad else (both[0].clone(), both[1].clone())

    def reorder(self, rows: Int[Tensor, " rows"]) -> None:
        """Let row i hold what row `rows[i]` of the batch held: beams change places."""
        if self.keys is not None and self.values is not None:
            self.keys, self.values = self.keys[rows], self.values[rows]


class ReadOnceCache:
    """The keys and values of one layer's cross-attention: the source never changes.

    >>> import torch
    >>> cache = ReadOnceCache()
    >>> first, _ = cache.extend(lambda: (torch.ones(1), torch.ones(1)))
    >>> again, _ = cache.extend(lambda: 1 / 0)  # not called
    >>> again is first
    True
    """

    length = 0  # The queries of cross-attention have no place among the source's tokens.

    def __init__(self) -> None:
        self.both: tuple[Tensor, Tensor] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the keys and values of the source."""
        return sum(tensor.nbytes for tensor in self.both or ())

    def extend(self, project: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """Return the source's keys and values, which are computed the first time only."""
        if self.both is None:
            self.both = project()
        return self.both

    def reorder(self, rows: Int[Tensor, " rows"]) -> None:
        """Let row i hold what row `rows[i]` of the batch held."""
        if self.both is not None:
            key, value = self.both
            self.both = key[rows], value[rows]


def cache_bytes(
    tokens: int,
    *,
    layers: int,
    d_model: int,
    heads: int,
    kv_heads: int,
    batch: int = 1,
    bytes_per_number: int = 4,
) -> int:
    r"""Count the bytes of a decoder-only model's whole cache.

    .. math:: \text{batch} \cdot \text{layers} \cdot 2 \cdot \text{tokens} \cdot
        \text{kv\_heads} \cdot d_\text{head} \cdot \text{bytes}

    GPT-2 (small) with a full context of 1024 tokens, in float32, keeps 72 MiB:

    >>> cache_bytes(1024, layers=12, d_model=768, heads=12, kv_heads=12) / 2**20
    72.0
    """
    layer = key_value_bytes(
        tokens, d_model, heads, kv_heads=kv_heads, bytes_per_number=bytes_per_number
    )
    return batch * layers * layer
