r"""Sessions: a model in the middle of a text, with or without a memory of it.

Both take new tokens and return the logits of the next one, and so can take each other's place.
The cached one passes the new tokens alone through the model; the uncached one passes the whole
text again, every time.
"""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lessons.families import DecoderOnly, Padded, Reading
from lessons.generation.cache import KeyValueCache, ReadOnceCache

Writer = DecoderOnly | Padded | Reading


@runtime_checkable
class Session(Protocol):
    """What the decoding methods ask of a session."""

    def advance(self, ids: Int[Tensor, "batch new"]) -> Float[Tensor, "batch vocab"]:
        """Read new tokens; return the logits of the token after them."""
        ...

    def reorder(self, rows: Int[Tensor, " rows"]) -> None:
        """Go on with these rows of the batch; one may come several times."""
        ...


class Cached:
    """A session that remembers keys and values.

    Args:
        model: A decoder-only model, also one after padding, or the reading of an encoder–decoder.
        capacity: The most tokens that the text will have.
    """

    def __init__(self, model: Writer, capacity: int):
        self.model = model
        if isinstance(model, Reading):
            layers = range(len(model.model.decoder))
            self.caches = [(KeyValueCache(capacity), ReadOnceCache()) for _ in layers]
        else:
            self.caches = [KeyValueCache(capacity) for _ in model.layers]

    @property
    def nbytes(self) -> int:
        """The bytes of all layers' keys and values."""
        return sum(cache.nbytes for cache in self._each())

    def advance(self, ids: Int[Tensor, "batch new"]) -> Float[Tensor, "batch vocab"]:
        """Read new tokens, and only those; return the logits of the token after them."""
        return self.model.next_logits(ids, caches=self.caches)

    def reorder(self, rows: Int[Tensor, " rows"]) -> None:
        """Go on with these rows of the batch."""
        self.model = self.model.reordered(rows)
        for cache in self._each():
            cache.reorder(rows)

    def _each(self) -> list[KeyValueCache | ReadOnceCache]:
        if isinstance(self.model, Reading):
            return [cache for pair in self.caches for cache in pair]
        return list(self.caches)


class Uncached:
    """A session that remembers the text alone, and computes everything anew at each step.

    Args:
        model: A decoder-only model, also one after padding, or the reading of an encoder–decoder.
        capacity: Not needed; here so that it can take the place of
            :class:`~lessons.generation.sessions.Cached`.
    """

    def __init__(self, model: Writer, capacity: int = 0):
        self.model = model
        self.text: Tensor | None = None

    def advance(self, ids: Int[Tensor, "batch new"]) -> Float[Tensor, "batch vocab"]:
        """Read the whole text with the new tokens; return the logits of the token after."""
        self.text = ids if self.text is None else torch.cat([self.text, ids], dim=-1)
        return self.model.next_logits(self.text)

    def reorder(self, rows: Int[Tensor, " rows"]) -> None:
        """Go on with these rows of the batch."""
        self.model = self.model.reordered(rows)
        if self.text is not None:
            self.text = self.text[rows]
