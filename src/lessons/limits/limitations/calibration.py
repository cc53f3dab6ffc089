r"""Calibration: whether of all answers given with 80 % confidence, 80 % are right.

A probability can be right or wrong only over many answers. So answers are sorted into bins by
confidence, and each bin's mean confidence is compared with its share of right answers.

Reference: :cite:t:`guo2017`, section 2.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


class Reliability(NamedTuple):
    """One entry for each bin that holds an answer, from the least confident to the most."""

    confidence: Float[Tensor, " bins"]
    accuracy: Float[Tensor, " bins"]
    count: Int[Tensor, " bins"]


def reliability(
    confidence: Float[Tensor, " answers"], right: Bool[Tensor, " answers"], *, bins: int = 10
) -> Reliability:
    """Sort answers into equally wide bins of confidence.

    Args:
        confidence: The probability that the model gave to its answer.
        right: Whether the answer was right.
        bins: How many; the lower edge of a bin is outside it, but 0 is in the first.

    Raises:
        ValueError: There is no answer or no bin, or a confidence is no probability.

    Source: :cite:t:`guo2017`, section 2.

    >>> reliability(torch.tensor([0.92, 0.98]), torch.tensor([True, False])).accuracy
    tensor([0.5000], dtype=torch.float64)
    """
    if bins < 1 or len(confidence) == 0:
        raise ValueError(f"{len(confidence)} answers in {bins} bins: pass at least one of each")
    if confidence.min() < 0 or confidence.max() > 1:
        raise ValueError("a confidence is outside 0 to 1: pass probabilities, not logits")
    confidence, right = confidence.double(), right.double()
    edges = torch.arange(1, bins, dtype=torch.float64, device=confidence.device) / bins
    place = torch.bucketize(confidence.contiguous(), edges)
    count = torch.bincount(place, minlength=bins)
    filled = count > 0
    mean = torch.stack([torch.bincount(place, x, bins)[filled] for x in (confidence, right)])
    return Reliability(*(mean / count[filled]), count[filled])


def calibration_error(
    confidence: Float[Tensor, " answers"], right: Bool[Tensor, " answers"], *, bins: int = 10
) -> float:
    r"""Return the expected calibration error: the mean gap, each bin by its share of answers.

    .. math:: \text{ECE} = \sum_b \frac{n_b}{n} \left| \text{acc}_b - \text{conf}_b \right|

    The arguments are those of :func:`reliability`.

    Source: :cite:t:`guo2017`, equation 3.

    >>> calibration_error(torch.tensor([1.0, 1.0]), torch.tensor([True, False]))
    0.5
    """
    found = reliability(confidence, right, bins=bins)
    gaps = (found.accuracy - found.confidence).abs()
    return float((gaps * found.count).sum() / found.count.sum())
