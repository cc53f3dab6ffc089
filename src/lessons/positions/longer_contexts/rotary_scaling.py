r"""Stretching rotary positions: turn more slowly, so that a longer text fits the trained angles.

A pair of numbers turns by :math:`\theta_i` a token. What is stretched by a factor :math:`s`
turns by less, and each recipe decides which pairs: all of them alike (position interpolation),
the slow ones more than the fast ones (a larger base), or only the slow ones (YaRN).

References: :cite:t:`chen2023`, :cite:t:`peng2024`; transformers' `ROPE_INIT_FUNCTIONS` are the
tests' oracle.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lessons.positions.rotary import rotate_neighbors


def rotary_frequencies(d_head: int, *, base: float = 10000.0) -> Float[Tensor, " pairs"]:
    r"""Return by how many radians each pair turns from one token to the next, in float64.

    .. math:: \theta_i = \text{base}^{-2i / d_\text{head}}

    Raises:
        ValueError: `d_head` is odd.

    Source: :cite:t:`su2021`, section 3.2.2.

    >>> rotary_frequencies(4)
    tensor([1.0000, 0.0100], dtype=torch.float64)
    """
    if d_head % 2:
        raise ValueError(f"d_head = {d_head} is odd: rotary positions turn pairs of numbers")
    return base ** (-torch.arange(0, d_head, 2, dtype=torch.float64) / d_head)


def wavelengths(frequencies: Float[Tensor, " pairs"]) -> Float[Tensor, " pairs"]:
    r"""Return after how many tokens each pair has turned once, :math:`2\pi / \theta_i`.

    >>> wavelengths(rotary_frequencies(4)).round()
    tensor([  6., 628.], dtype=torch.float64)
    """
    return 2 * math.pi / frequencies


def interpolated(
    frequencies: Float[Tensor, " pairs"], factor: float | int
) -> Float[Tensor, " pairs"]:
    r"""Slow all pairs down alike: position :math:`p` is treated as :math:`p / s`.

    .. math:: \theta_i' = \theta_i / s

    Source: :cite:t:`chen2023`.

    >>> interpolated(rotary_frequencies(4), 8)
    tensor([0.1250, 0.0013], dtype=torch.float64)
    """
    return frequencies / factor


def ntk_base(d_head: int, factor: float | int, *, base: float = 10000.0) -> float:
    r"""Return the larger base that slows the last pair down by the factor, the first not at all.

    .. math:: \text{base}' = \text{base} \cdot s^{d_\text{head} / (d_\text{head} - 2)}

    Raises:
        ValueError: There is only one pair, which cannot be both first and last.

    Source: :cite:t:`peng2024`, section 3.1.

    >>> round(ntk_base(64, 8))
    85550
    """
    if d_head <= 2:
        raise ValueError(f"d_head = {d_head}: pass at least 4, so that there is a slow pair")
    return base * factor ** (d_head / (d_head - 2))


def yarn_frequencies(
    d_head: int,
    factor: float | int,
    *,
    trained: int,
    base: float = 10000.0,
    fast: float = 32.0,
    slow: float = 1.0,
) -> Float[Tensor, " pairs"]:
    r"""Leave the fast pairs alone, slow down those that never turned around in training.

    .. math:: \theta_i' = (1 - \gamma_i)\, \frac{\theta_i}{s} + \gamma_i\, \theta_i

    :math:`\gamma` is 1 for pairs that turn more than `fast` times in the trained length, 0 for
    those that turn less than `slow` times. In between it falls linearly with the *index* of the
    pair, from the last whole index before to the first after, as in the authors' code; the
    paper's equation lets it fall with the number of turns.

    Args:
        d_head: The numbers in a head's slice, two for each pair.
        factor: :math:`s`, how many times longer the text may be.
        trained: The length of the texts in training, in tokens.
        base: That of the model.
        fast: Turns in the trained length from which a pair is left alone.
        slow: Turns up to which a pair is slowed down by the whole factor.

    Source: :cite:t:`peng2024`, section 3.2, and its published code.

    >>> (rotary_frequencies(8) / yarn_frequencies(8, 4, trained=32)).tolist()
    [1.0, 4.0, 4.0, 4.0]
    """
    frequencies = rotary_frequencies(d_head, base=base)
    first, last = (
        d_head / 2 * math.log(trained / (2 * math.pi * turns), base) for turns in (fast, slow)
    )
    first, last = max(math.floor(first), 0), min(math.ceil(last), d_head - 1)
    indices = torch.arange(len(frequencies), dtype=frequencies.dtype)
    kept = 1 - ((indices - first) / max(last - first, 1e-3)).clamp(0, 1)
    return (1 - kept) * frequencies / factor + kept * frequencies


def yarn_by_turns(
    d_head: int,
    factor: float | int,
    *,
    trained: int,
    base: float = 10000.0,
    fast: float = 32.0,
    slow: float = 1.0,
) -> Float[Tensor, " pairs"]:
    r"""Return YaRN's frequencies by the paper's equation, which its code only approximates.

    .. math:: \gamma_i = \min\!\left(1, \max\!\left(0,
        \frac{L / \lambda_i - \text{slow}}{\text{fast} - \text{slow}}\right)\right)

    The arguments are those of :func:`yarn_frequencies`. Where no pair turns `fast` times, the
    code may still leave one alone, for it rounds; the equation slows it down.

    Source: :cite:t:`peng2024`, section 3.2, definition 2.

    >>> (rotary_frequencies(8) / yarn_by_turns(8, 8, trained=32)).tolist()[0]
    4.157...
    >>> (rotary_frequencies(8) / yarn_by_turns(8, 8, trained=32, fast=4.0)).tolist()
    [1.0, 8.0, 8.0, 8.0]
    """
    frequencies = rotary_frequencies(d_head, base=base)
    kept = ((trained / wavelengths(frequencies) - slow) / (fast - slow)).clamp(0, 1)
    return (1 - kept) * frequencies / factor + kept * frequencies


def yarn_stretch(factor: float | int) -> float:
    r"""Return what YaRN multiplies queries and keys by: longer texts get sharper scores.

    .. math:: \sqrt{1 / t} = 0.1 \ln s + 1

    Both are multiplied, so that the scores are divided by a temperature :math:`t` below 1.

    Source: :cite:t:`peng2024`, section 3.4.

    >>> round(yarn_stretch(8), 3)
    1.208
    """
    return 0.1 * math.log(factor) + 1


class ScaledRotary(nn.Module):
    """Turn the vectors of a text by their positions, at the frequencies that it is given.

    Args:
        frequencies: Radians a token, for each pair.
        stretch: Multiplies the turned vectors; YaRN's is above 1.
        rotate: Which numbers make a pair.

    >>> heads = torch.ones(1, 2, 3, 4)
    >>> ScaledRotary(interpolated(rotary_frequencies(4), 8))(heads).shape
    torch.Size([1, 2, 3, 4])
    """

    def __init__(
        self,
        frequencies: Float[Tensor, " pairs"],
        *,
        stretch: float = 1.0,
        rotate: Callable = rotate_neighbors,
    ):
        super().__init__()
        self.frequencies, self.stretch, self.rotate = frequencies, stretch, rotate

    def forward(
        self, vectors: Float[Tensor, "*batch tokens d_head"], *, start: int = 0
    ) -> Float[Tensor, "*batch tokens d_head"]:
        """Turn the first token's vector as position `start`, then `start + 1`, and so on."""
        frequencies = self.frequencies.to(vectors.device)
        places = torch.arange(start, start + vectors.shape[-2], device=vectors.device)
        angles = places[:, None] * frequencies
        # In float64 every angle is exact; a turn in float32 is enough for the half types.
        angles = angles.to(torch.promote_types(vectors.dtype, torch.float32))
        return self.rotate(vectors, angles) * self.stretch
