r"""From scores to a context: a mixture of the encoder's states.

The softmax is that of every attention, with a mask for the padding.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.recurrence.seq2seq import Memory


def read(
    scores: Float[Tensor, "*batch queries keys"],
    memory: Float[Tensor, "*batch keys d_model"],
    visible: Bool[Tensor, "*mask"],
) -> tuple[Float[Tensor, "*batch queries d_model"], Float[Tensor, "*batch queries keys"]]:
    r"""Return the context that each query reads, and its weights.

    .. math:: w_{tj} = \frac{\exp(e_{tj})}{\sum_{j' \text{ visible}} \exp(e_{tj'})},
        \qquad c_t = \sum_j w_{tj} h_j

    Args:
        scores: :math:`e_{tj}`, how well each query matches each state.
        memory: :math:`h_j`, the states.
        visible: True where a query may look; broadcasts against the scores. A query that may
            look nowhere reads zeros.

    Raises:
        ValueError: `visible` does not broadcast to the scores.

    Source: :cite:t:`bahdanau2015`, section 3.1; :cite:t:`luong2015`, section 3.1.

    >>> read(torch.zeros(1, 2), torch.eye(2), torch.tensor([True, False]))
    (tensor([[1., 0.]]), tensor([[1., 0.]]))
    """
    if torch.broadcast_shapes(visible.shape, scores.shape) != scores.shape:
        raise ValueError(
            f"visible has shape {tuple(visible.shape)}, the scores have {tuple(scores.shape)}: "
            "pass a mask that broadcasts to the scores"
        )
    looks = visible.any(dim=-1, keepdim=True)
    # A row of nothing but −∞ would give NaN, and so would its gradient: it gets zeros.
    hidden = scores.new_zeros(looks.shape).masked_fill(looks, -math.inf)
    weights = torch.where(visible, scores, hidden).softmax(dim=-1) * looks
    return weights @ memory, weights


class GlobalReader(nn.Module):
    """Looks at all words of the source.

    Args:
        score: From the decoder's and the encoder's states to scores.
    """

    def __init__(self, score: nn.Module):
        super().__init__()
        self.score = score

    def forward(self, states: Tensor, memory: Memory, first: int) -> tuple[Tensor, Tensor]:
        """Return the contexts and the weights."""
        return read(self.score(states, memory.states), memory.states, memory.visible[:, None])
