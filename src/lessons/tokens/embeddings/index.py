r"""Search: find the texts whose vectors point in the direction of a query's."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lessons.tokens.embeddings.similarity import nearest


class VectorIndex:
    """Keep texts with their vectors, and find the nearest to a query.

    It compares the query with every text, which is exact, and costs one multiplication and one
    addition a number. Libraries for millions of texts compare with a part of them only.

    >>> index = VectorIndex()
    >>> index.add(["east", "north"], torch.eye(2))
    >>> index.search(torch.tensor([0.6, 0.8]), count=1)
    [('north', 0.800000011920929)]
    """

    def __init__(self):
        self.texts: list[str] = []
        self.vectors: Tensor | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, texts: Sequence[str], vectors: Float[Tensor, "texts d_model"]) -> None:
        """Keep some texts, each with its vector.

        Raises:
            ValueError: There are not as many texts as vectors, or the vectors are longer or
                shorter than those that are kept.
        """
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts, {len(vectors)} vectors: pass one for each text")
        kept = vectors[:0] if self.vectors is None else self.vectors
        if kept.shape[1] != vectors.shape[1]:
            raise ValueError(
                f"vectors of {vectors.shape[1]} numbers beside vectors of {kept.shape[1]}: "
                "make all of them with the same model"
            )
        self.texts += texts
        self.vectors = torch.cat([kept, vectors])

    def search(self, query: Float[Tensor, " d_model"], *, count: int = 3) -> list:
        """Return the texts nearest to a query's vector, best first, as (text, cosine).

        Args:
            query: A vector from the same model.
            count: How many texts to return at most.

        Raises:
            ValueError: There is no text, or the count is not positive.
        """
        if self.vectors is None or not self.texts:
            raise ValueError("the index is empty: add texts first")
        found = nearest(query, self.vectors, count=count)
        return [(self.texts[row], cosine) for row, cosine in found]
