r"""Local attention: look at a window of the source around one place.

The place is that of the word to be written (local-m), or one that the state predicts (local-p).
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from lessons.recurrence.attention_in_seq2seq.reading import read
from lessons.recurrence.seq2seq import Memory


def window(
    centers: Float[Tensor, "*batch queries"], keys: int, radius: int
) -> Bool[Tensor, "*batch queries {keys}"]:
    r"""Let each query look at the places within a radius of its center.

    .. math:: \text{visible}_j = |j - p| \le D

    Args:
        centers: :math:`p`, a place in the source for each query, counted from 0.
        keys: The number of places.
        radius: :math:`D`.

    Source: :cite:t:`luong2015`, section 3.2.

    >>> window(torch.tensor([0.0, 2.0]), keys=4, radius=1).int()
    tensor([[1, 1, 0, 0],
            [0, 1, 1, 1]], dtype=torch.int32)
    """
    return (torch.arange(keys, device=centers.device) - centers[..., None]).abs() <= radius


def predicted_centers(
    states: Float[Tensor, "batch queries d_model"],
    lengths: Float[Tensor, " batch"],
    to_hidden: Float[Tensor, "d_model d_hidden"],
    to_center: Float[Tensor, " d_hidden"],
) -> Float[Tensor, "batch queries"]:
    r"""Let each state say where it wants to look.

    .. math:: p = S\,\sigma(\tanh(s W_p)\, v_p)

    Args:
        states: The decoder's.
        lengths: :math:`S`, the number of words of each source.
        to_hidden: :math:`W_p`, learned.
        to_center: :math:`v_p`, learned.

    Source: :cite:t:`luong2015`, section 3.2 ("local-p").

    >>> predicted_centers(torch.zeros(1, 1, 2), torch.tensor([6.0]), torch.eye(2), torch.ones(2))
    tensor([[3.]])
    """
    return lengths[:, None] * torch.sigmoid(torch.tanh(states @ to_hidden) @ to_center)


def favor_center(
    weights: Float[Tensor, "*batch queries keys"],
    centers: Float[Tensor, "*batch queries"],
    radius: int,
) -> Float[Tensor, "*batch queries keys"]:
    r"""Multiply weights by a Gaussian around the centers, half as wide as the radius.

    .. math:: w_{tj} \leftarrow w_{tj} \exp\left(-\frac{(j - p_t)^2}{2 \sigma^2}\right),
        \qquad \sigma = D / 2

    Through it the centers get a gradient, which the window's hard edge does not give. The
    result no longer sums to one.

    Args:
        weights: As the softmax made them.
        centers: :math:`p_t`, a place for each query.
        radius: :math:`D`, of the window.

    Source: :cite:t:`luong2015`, section 3.2 ("local-p").

    >>> favor_center(torch.full((1, 3), 0.5), torch.tensor([1.0]), radius=2)
    tensor([[0.3033, 0.5000, 0.3033]])
    """
    distance = torch.arange(weights.shape[-1], device=centers.device) - centers[..., None]
    return weights * torch.exp(-(distance**2) / (2 * (radius / 2) ** 2))


class MonotonicReader(nn.Module):
    """Looks around the place in the source with the number of the word that is written: local-m.

    Args:
        score: From the decoder's and the encoder's states to scores.
        radius: How far to look to either side.
    """

    def __init__(self, score: nn.Module, radius: int):
        super().__init__()
        self.score = score
        self.radius = radius

    def forward(self, states: Tensor, memory: Memory, first: int) -> tuple[Tensor, Tensor]:
        """Return the contexts and the weights; `first` is the place of the first state."""
        places = torch.arange(first, first + states.shape[1], device=states.device)
        # A translation longer than its source goes on looking at the source's end.
        centers = places.minimum(memory.visible.sum(dim=1, keepdim=True) - 1).to(states.dtype)
        near = window(centers, memory.states.shape[1], self.radius)
        return read(
            self.score(states, memory.states), memory.states, near & memory.visible[:, None]
        )


class PredictiveReader(nn.Module):
    """Looks around a place that the state predicts: local-p.

    Args:
        score: From the decoder's and the encoder's states to scores.
        d_model: The width of the states.
        radius: How far to look to either side.
    """

    def __init__(self, score: nn.Module, d_model: int, radius: int):
        super().__init__()
        self.score = score
        self.radius = radius
        self.to_hidden = nn.Parameter(torch.randn(d_model, d_model) / d_model**0.5)
        self.to_center = nn.Parameter(torch.randn(d_model) / d_model**0.5)

    def forward(self, states: Tensor, memory: Memory, first: int) -> tuple[Tensor, Tensor]:
        """Return the contexts and the weights."""
        lengths = memory.visible.sum(dim=1).to(states.dtype)
        centers = predicted_centers(states, lengths, self.to_hidden, self.to_center)
        near = window(centers, memory.states.shape[1], self.radius) & memory.visible[:, None]
        _, weights = read(self.score(states, memory.states), memory.states, near)
        weights = favor_center(weights, centers, self.radius)
        return weights @ memory.states, weights
