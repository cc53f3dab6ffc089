r"""Sinusoidal positions: a fixed vector for each position, made of waves.

Each pair of numbers is the sine and cosine of one wave; the wavelengths grow geometrically
from :math:`2\pi` to :math:`10000 \cdot 2\pi` tokens. Nothing is learned, and no position is
the last.

Reference: :cite:t:`vaswani2017`, section 3.5.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def sinusoids(
    tokens: int,
    d_model: int,
    *,
    start: int | Int[Tensor, "*batch 1"] = 0,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "*batch {tokens} {d_model}"]:
    r"""Return the vectors of the positions `start` to `start + tokens - 1`.

    .. math::
        \text{PE}_{p, 2i} = \sin\!\left(p / 10000^{2i / d_\text{model}}\right), \qquad
        \text{PE}_{p, 2i+1} = \cos\!\left(p / 10000^{2i / d_\text{model}}\right)

    Args:
        tokens: How many positions.
        d_model: The numbers in each vector; even.
        start: The first position, where earlier tokens are in a cache; or one for each text.
        dtype: The type of the result; the waves are computed in float64.
        device: Where the result is needed.

    Raises:
        ValueError: `d_model` is odd.

    Source: :cite:t:`vaswani2017`, section 3.5.

    >>> sinusoids(2, 2)
    tensor([[0.0000, 1.0000],
            [0.8415, 0.5403]])
    """
    if d_model % 2:
        raise ValueError(f"d_model = {d_model} is odd: sines and cosines come in pairs")
    positions = start + torch.arange(tokens, dtype=torch.float64, device=device)
    pairs = torch.arange(0, d_model, 2, dtype=torch.float64, device=device)
    frequencies = 10000.0 ** (-pairs / d_model)
    angles = positions[..., None] * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2).to(dtype)


class SinusoidalPositions(nn.Module):
    """Add the sinusoids of their positions to embedded tokens.

    >>> SinusoidalPositions()(torch.zeros(1, 1, 4))
    tensor([[[0., 1., 0., 1.]]])
    """

    def forward(
        self,
        embedded: Float[Tensor, "batch tokens d_model"],
        *,
        start: int | Int[Tensor, "#batch 1"] = 0,
    ) -> Float[Tensor, "batch tokens d_model"]:
        """Add position `start` to the first token, `start + 1` to the next, and so on."""
        tokens, d_model = embedded.shape[-2:]
        dtype, device = embedded.dtype, embedded.device
        return embedded + sinusoids(tokens, d_model, start=start, dtype=dtype, device=device)
