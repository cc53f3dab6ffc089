r"""Scores by products: Luong's "dot" and "general".

A score says how well a state of the decoder, :math:`s`, matches a state of the encoder,
:math:`h_j`. Which state asks, the one before a step or the one after it, is the decoder's choice:
see :mod:`~lessons.recurrence.attention_in_seq2seq.bahdanau` and
:mod:`~lessons.recurrence.attention_in_seq2seq.luong`.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def dot_scores(
    states: Float[Tensor, "*batch queries d_model"], memory: Float[Tensor, "*batch keys d_model"]
) -> Float[Tensor, "*batch queries keys"]:
    r"""Score by the dot product; nothing is learned.

    .. math:: e_j = s\, h_j^\top

    Args:
        states: The decoder's, a row for each word that asks.
        memory: The encoder's, a row for each word that is asked, equally wide.

    Source: :cite:t:`luong2015`, section 3.1 ("dot").

    >>> dot_scores(torch.tensor([[1.0, 2.0]]), torch.eye(2))
    tensor([[1., 2.]])
    """
    return states @ memory.mT


def general_scores(
    states: Float[Tensor, "*batch queries d_query"],
    memory: Float[Tensor, "*batch keys d_key"],
    weight: Float[Tensor, "d_query d_key"],
) -> Float[Tensor, "*batch queries keys"]:
    r"""Score by the dot product with a learned matrix in between.

    .. math:: e_j = s\, W h_j^\top

    Args:
        states: The decoder's.
        memory: The encoder's; may have another width.
        weight: :math:`W`, learned. The identity gives :func:`dot_scores`.

    Source: :cite:t:`luong2015`, section 3.1 ("general").

    >>> general_scores(torch.tensor([[1.0, 2.0]]), torch.eye(2), torch.tensor([[0.0, 1], [1, 0]]))
    tensor([[2., 1.]])
    """
    return states @ weight @ memory.mT


class DotScore(nn.Module):
    """:func:`dot_scores`, as a module.

    Args:
        d_model: The width of both states; not needed here.
    """

    def __init__(self, d_model: int):
        super().__init__()

    def forward(self, states: Tensor, memory: Tensor) -> Tensor:
        """Return the scores."""
        return dot_scores(states, memory)


class GeneralScore(nn.Module):
    """:func:`general_scores` with its learned matrix.

    Args:
        d_model: The width of both states.
    """

    def __init__(self, d_model: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(d_model, d_model) / d_model**0.5)

    def forward(self, states: Tensor, memory: Tensor) -> Tensor:
        """Return the scores."""
        return general_scores(states, memory, self.weight)
