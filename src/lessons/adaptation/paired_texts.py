r"""An interval around a mean difference on the same texts, by drawing the texts again."""

import torch
from jaxtyping import Float
from torch import Tensor


def paired_interval(
    differences: Float[Tensor, " texts"], *, draws: int = 2000, generator: torch.Generator
) -> tuple[float, float]:
    """Return a 95 % interval for the mean difference of two methods on texts of this kind.

    As many texts as there are are drawn with repetition, many times over; the interval leaves out
    the lowest and the highest fortieth of the means (the bootstrap).

    Args:
        differences: For each text, one method's score less the other's.
        draws: How often the texts are drawn.
        generator: Where chance comes from.

    Raises:
        ValueError: There are fewer than two texts.

    Source: :cite:t:`koehn2004`, section 3, for scores of translations.

    >>> paired_interval(torch.ones(5), generator=torch.Generator())
    (1.0, 1.0)
    """
    if len(differences) < 2:
        raise ValueError(f"{len(differences)} texts: pass at least 2")
    drawn = torch.randint(len(differences), (draws, len(differences)), generator=generator)
    ends = torch.tensor([0.025, 0.975], dtype=differences.dtype)
    low, high = differences[drawn].mean(dim=1).quantile(ends).tolist()
    return low, high
