r"""A trained chooser of sentences: a linear map from vectors to "belongs into the summary".

Reference: :cite:t:`liu2019summarization`, who train such a classifier above BERT, and BERT with it.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def ridge_scores(
    known: Float[Tensor, "rows features"],
    wanted: Float[Tensor, " rows"],
    asked: Float[Tensor, "others features"],
    *,
    penalty: float = 10.0,
) -> Float[Tensor, " others"]:
    r"""Fit a linear map with small weights to known rows, and return what it says of others.

    .. math:: w = (X^\top X + \lambda I)^{-1} X^\top (y - \bar y)

    Args:
        known: :math:`X`, the features of the training rows; their means are taken off.
        wanted: :math:`y`, what is right of them.
        asked: The features of the rows to be scored.
        penalty: :math:`\lambda`, how much long weights cost.

    Raises:
        ValueError: The penalty is not above 0.

    >>> known = torch.tensor([[0.0], [1.0], [2.0]])
    >>> ridge_scores(known, torch.tensor([0.0, 1.0, 2.0]), torch.tensor([[3.0]]), penalty=1e-6)
    tensor([3.0000])
    """
    if not penalty > 0:
        raise ValueError(f"a penalty of {penalty}: pass a number above 0")
    center = known.mean(dim=0)
    x = known - center
    squares = x.T @ x + penalty * torch.eye(x.shape[1], dtype=x.dtype)
    weights = torch.linalg.solve(squares, x.T @ (wanted - wanted.mean()))
    return (asked - center) @ weights + wanted.mean()


def leave_one_out(
    features: Sequence[Float[Tensor, "_ features"]], choices: Sequence[Sequence[int]]
) -> list[Float[Tensor, " _"]]:
    """Score the sentences of each text by a map that was fitted to all other texts.

    Args:
        features: For each text, a row for each of its sentences.
        choices: For each text, the sentences that belong into its summary.

    Raises:
        ValueError: There are fewer than two texts.

    >>> features = [torch.tensor([[0.0], [1.0]])] * 3
    >>> [scores.argmax().item() for scores in leave_one_out(features, [[1]] * 3)]
    [1, 1, 1]
    """
    if len(features) < 2:
        raise ValueError(f"{len(features)} texts: pass at least 2, one to score and one to learn")
    wanted = [torch.zeros(len(rows)) for rows in features]
    for labels, places in zip(wanted, choices, strict=True):
        labels[list(places)] = 1.0
    scores = []
    for out in range(len(features)):
        others = [place for place in range(len(features)) if place != out]
        known = torch.cat([features[place] for place in others])
        labels = torch.cat([wanted[place] for place in others])
        scores.append(ridge_scores(known, labels, features[out]))
    return scores
