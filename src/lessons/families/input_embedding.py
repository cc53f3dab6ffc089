r"""Embedding: from token ids to the vectors that the first layer reads.

A row of a table for each token, then whatever the family adds: positions, segments, a norm.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.tensors import has_numbers


def check_ids(ids: Int[Tensor, "batch tokens"], vocab: int) -> None:
    """Refuse ids that a vocabulary of this size does not have.

    Raises:
        ValueError: An id is outside.
    """
    low, high = ids.aminmax()
    if low < 0 or high >= vocab:
        raise ValueError(
            f"token id {int(low if low < 0 else high)} is not in the vocabulary of {vocab}: encode "
            "the text with the tokenizer that belongs to this model"
        )


class Embedding(nn.Module):
    r"""Look up each token's vector, scale it, and add its position.

    Args:
        vocab: How many tokens there are.
        d_model: The numbers in a token's vector.
        positions: Adds positions to vectors, called with `start=`; None where the model
            tells the order elsewhere.
        segments: How many segments there are; BERT's two sentences are two.
        norm: Applied last, as in BERT.
        scale: Multiplies the token's vector before the position is added; the 2017
            transformer's is :math:`\sqrt{d_\text{model}}`.

    Source: :cite:t:`vaswani2017`, section 3.4; :cite:t:`devlin2019`, figure 2.

    >>> Embedding(10, 4)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 4])
    """

    def __init__(
        self,
        vocab: int,
        d_model: int,
        *,
        positions: nn.Module | None = None,
        segments: int = 0,
        norm: nn.Module | None = None,
        scale: float = 1.0,
    ):
        super().__init__()
        self.tokens = nn.Embedding(vocab, d_model)
        self.segments = nn.Embedding(segments, d_model) if segments else None
        self.positions = positions
        self.norm = norm
        self.scale = scale

    def forward(
        self,
        ids: Int[Tensor, "batch tokens"],
        *,
        start: int | Int[Tensor, "#batch 1"] = 0,
        segments: Int[Tensor, "batch tokens"] | None = None,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Return the vectors of `ids`.

        Args:
            ids: The tokens.
            start: The position of the first, where earlier ones are in a cache; or one for each
                text, below 0 where padding comes first.
            segments: The segment of each token; None puts all in the first.

        Raises:
            ValueError: There is no token, or an id outside the vocabulary, or the model has
                no segments.
        """
        self._check(ids, segments)
        vectors = self.tokens(ids) * self.scale if self.scale != 1 else self.tokens(ids)
        if self.segments is not None:
            vectors = vectors + self.segments(
                torch.zeros_like(ids) if segments is None else segments
            )
        if self.positions is not None:
            vectors = self.positions(vectors, start=start)
        return vectors if self.norm is None else self.norm(vectors)

    def _check(self, ids: Tensor, segments: Tensor | None) -> None:
        if ids.numel() == 0:
            raise ValueError("the text is empty: pass at least one token")
        if has_numbers(ids):
            check_ids(ids, self.tokens.num_embeddings)
        if segments is not None and self.segments is None:
            raise ValueError("this model has no segments: pass segments=None")
