"""What softmax attention holds and keeps, counted from a few sizes: parameters, and a cache.

Grouped attention keeps keys and values of all tokens or of a window; latent attention keeps one
short vector a token.

References: :cite:t:`ainslie2023`, :cite:t:`deepseek2024`; transformers' modules and caches, made
on the device `meta`, are the tests' oracles.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grouped:
    r"""Softmax attention that keeps keys and values of :math:`H_{kv}` heads.

    Args:
        heads: The heads of the queries.
        kv_heads: The heads of keys and values.
        d_head: The numbers in a head's query and key.
        d_value: Those in a head's value; `d_head` if it is not given.
        window: How many tokens are seen, the newest one included; all, if it is not given.
        positions: Whether queries and keys are rotated.
        norm: What is normalized of queries and keys: nothing, each `head`, `all` numbers, or each
            head `bare`, without a learned gain.
        gate: Whether each number that is read is multiplied by a gate of its own.
        bias: Whether the four projections have biases.
        sinks: Whether each head has a learned score to park weight at.

    Source: :cite:t:`ainslie2023`, section 2.2.

    >>> Grouped(32, 8, 128).kept(1000), Grouped(32, 8, 128, window=100).kept(1000)
    (2048000, 204800)
    """

    heads: int
    kv_heads: int
    d_head: int
    d_value: int | None = None
    window: int | None = None
    positions: bool = True
    norm: str = ""
    gate: bool = False
    bias: bool = False
    sinks: bool = False

    def parameters(self, d_model: int) -> int:
        """Return how many numbers are learned."""
        d_value = self.d_value or self.d_head
        into = self.heads * self.d_head * (1 + self.gate) + self.kv_heads * (self.d_head + d_value)
        gains = {"": 0, "bare": 0, "head": 2, "all": self.heads + self.kv_heads}[self.norm]
        biases = (into + d_model) * self.bias
        return (
            d_model * (into + self.heads * d_value)
            + biases
            + self.d_head * gains
            + self.heads * self.sinks
        )

    def kept(self, tokens: int) -> int:
        """Return how many numbers a cache holds after so many tokens."""
        seen = tokens if self.window is None else min(tokens, self.window)
        return self.kv_heads * (self.d_head + (self.d_value or self.d_head)) * seen


@dataclass(frozen=True)
class Latent:
    r"""Latent attention, which keeps one short vector a token; perhaps with an *indexer*.

    The indexer is a second, cheap attention: it scores all tokens, and the heads read those with
    the best scores only. It keeps one key of its own a token.

    Args:
        heads: The heads.
        d_latent: The numbers in a token's latent vector.
        d_rotary: The numbers that carry the position; 0 for a layer without positions.
        d_key: The numbers of a head's query and key that are not rotated.
        d_value: The numbers in a head's value.
        d_query: The numbers of the short vector that queries are made of; 0 for none.
        index_heads: The heads of the indexer; 0 for none.
        d_index: The numbers in its queries and its key.
        other: Learned numbers besides: gains and scales that this record does not name.

    Source: :cite:t:`deepseek2024`, section 2.1; :cite:t:`deepseekv32`, section 2.1.

    >>> Latent(128, 512, 64, 128, 128).kept(10)
    5760
    """

    heads: int
    d_latent: int
    d_rotary: int
    d_key: int
    d_value: int
    d_query: int = 0
    index_heads: int = 0
    d_index: int = 128
    other: int = 0

    @property
    def positions(self) -> bool:
        """Whether a part of queries and keys is rotated."""
        return self.d_rotary > 0

    def parameters(self, d_model: int) -> int:
        """Return how many numbers are learned."""
        source = self.d_query or d_model
        query = (d_model + 1) * self.d_query + source * self.heads * (self.d_key + self.d_rotary)
        kept = d_model * (self.d_latent + self.d_rotary) + self.d_latent
        rebuilt = self.d_latent * self.heads * (self.d_key + self.d_value)
        output = self.heads * self.d_value * d_model
        per_head = source * self.d_index + d_model  # a query, and how much the head counts
        index_key = (d_model + 2) * self.d_index  # with the gain and bias of its norm
        indexer = self.index_heads * per_head + index_key if self.index_heads else 0
        return query + kept + rebuilt + output + indexer + self.other

    def kept(self, tokens: int) -> int:
        """Return how many numbers a cache holds after so many tokens."""
        return (self.d_latent + self.d_rotary + self.d_index * (self.index_heads > 0)) * tokens
