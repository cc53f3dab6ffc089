r"""Scores by a small network: Bahdanau's additive ones, and Luong's "concat".

A score says how well a state of the decoder, :math:`s`, matches a state of the encoder,
:math:`h_j`. Which state asks, the one before a step or the one after it, is the decoder's choice:
see :mod:`~lessons.recurrence.attention_in_seq2seq.bahdanau` and
:mod:`~lessons.recurrence.attention_in_seq2seq.luong`.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def additive_scores(
    states: Float[Tensor, "*batch queries d_query"],
    memory: Float[Tensor, "*batch keys d_key"],
    to_query: Float[Tensor, "d_query d_hidden"],
    to_key: Float[Tensor, "d_key d_hidden"],
    to_score: Float[Tensor, " d_hidden"],
) -> Float[Tensor, "*batch queries keys"]:
    r"""Score by a network with one hidden layer.

    .. math:: e_j = \tanh(s W + h_j U)\, v

    Args:
        states: The decoder's.
        memory: The encoder's.
        to_query: :math:`W`, learned.
        to_key: :math:`U`, learned.
        to_score: :math:`v`, learned.

    Source: :cite:t:`bahdanau2015`, appendix A.1.2.

    >>> additive_scores(torch.zeros(1, 2), torch.eye(2), torch.eye(2), torch.eye(2), torch.ones(2))
    tensor([[0.7616, 0.7616]])
    """
    hidden = torch.tanh((states @ to_query)[..., :, None, :] + (memory @ to_key)[..., None, :, :])
    return hidden @ to_score


def concat_scores(
    states: Float[Tensor, "*batch queries d_query"],
    memory: Float[Tensor, "*batch keys d_key"],
    weight: Float[Tensor, "d_both d_hidden"],
    to_score: Float[Tensor, " d_hidden"],
) -> Float[Tensor, "*batch queries keys"]:
    r"""Score by the same network, given both states in one vector.

    .. math:: e_j = \tanh([s; h_j]\, W)\, v

    Args:
        states: The decoder's.
        memory: The encoder's.
        weight: :math:`W`, learned; its rows are those of `to_query`, then those of `to_key`.
        to_score: :math:`v`, learned.

    Source: :cite:t:`luong2015`, section 3.1 ("concat").

    >>> concat_scores(torch.zeros(1, 1), torch.ones(1, 1), torch.ones(2, 1), torch.ones(1))
    tensor([[0.7616]])
    """
    queries, keys = states.shape[-2], memory.shape[-2]
    both = torch.cat(
        [
            states[..., :, None, :].expand(*states.shape[:-1], keys, states.shape[-1]),
            memory[..., None, :, :].expand(*memory.shape[:-2], queries, *memory.shape[-2:]),
        ],
        dim=-1,
    )
    return torch.tanh(both @ weight) @ to_score


class ConcatScore(nn.Module):
    """:func:`concat_scores` with its learned matrix and vector.

    Args:
        d_model: The width of both states, and of the hidden layer.
    """

    def __init__(self, d_model: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(2 * d_model, d_model) / (2 * d_model) ** 0.5)
        self.to_score = nn.Parameter(torch.randn(d_model) / d_model**0.5)

    def forward(self, states: Tensor, memory: Tensor) -> Tensor:
        """Return the scores."""
        return concat_scores(states, memory, self.weight, self.to_score)
