r"""Extractive summaries: an encoder chooses sentences of a text; it writes none.

The sentences whose vectors are nearest to the mean of all are taken as the text's main matter.

Reference: :cite:t:`radev2004`, whose centroid this is, with an encoder's vectors.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def centrality(vectors: Float[Tensor, "sentences d_model"]) -> Float[Tensor, " sentences"]:
    r"""Return the cosine of each sentence's vector with the mean of all of them.

    .. math:: c_i = \cos\Bigl(x_i,\; \frac{1}{n} \sum_j \frac{x_j}{\lVert x_j \rVert}\Bigr)

    Raises:
        ValueError: There is no sentence.

    >>> centrality(torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    tensor([1., 1.])
    """
    if not len(vectors):
        raise ValueError("there is no sentence: pass at least one")
    unit = torch.nn.functional.normalize(vectors, dim=-1)
    return torch.nn.functional.cosine_similarity(unit, unit.mean(dim=0, keepdim=True), dim=-1)


def extract(
    sentences: Sequence[str], vectors: Float[Tensor, "sentences d_model"], *, keep: int
) -> list[str]:
    """Return the most central sentences, in the order of the text.

    Args:
        sentences: The text.
        vectors: A vector for each sentence.
        keep: How many sentences the summary has.

    Raises:
        ValueError: There are not as many vectors as sentences, or fewer than `keep`.

    Source: :cite:t:`radev2004`.

    >>> extract(["a", "b", "c"], torch.tensor([[1.0, 0.1], [0.0, 1.0], [1.0, 0.0]]), keep=2)
    ['a', 'c']
    """
    if len(sentences) != len(vectors):
        raise ValueError(f"{len(sentences)} sentences, {len(vectors)} vectors: pass one for each")
    if not 1 <= keep <= len(sentences):
        raise ValueError(f"keep is {keep}: pass at least 1, at most {len(sentences)}")
    chosen = centrality(vectors).topk(keep).indices.sort().values
    return [sentences[place] for place in chosen.tolist()]
