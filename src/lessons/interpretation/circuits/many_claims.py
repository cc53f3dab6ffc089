r"""Many claims at once: how small a chance must be when twelve heads were tried.

A test at 0.05 is fooled once in twenty times. Twelve tests of nothing are fooled by at least one
almost every second time. Holm's rule keeps the chance that *any* claim is false below the level,
whatever hangs together. Flipping signs does so, too, and uses what hangs together: it asks how
large the *largest* of all effects would be if each text's effects might as well have had the
other sign.

References: :cite:t:`holm1979`; :cite:t:`westfall1993`.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def holm(chances: Sequence[float]) -> list[float]:
    r"""Return each claim's chance, corrected for all claims, in the order given.

    .. math:: \tilde p_{(i)} = \max_{j \le i} \min\bigl(1, (m - j + 1)\, p_{(j)}\bigr)

    Claims whose corrected chance is below the level may all be made together.

    Args:
        chances: A chance for each of the :math:`m` claims, such as
            :attr:`~lessons.interpretation.paired.Paired.chance`.

    Raises:
        ValueError: A chance is not between 0 and 1.

    Source: :cite:t:`holm1979`.

    >>> [round(one, 2) for one in holm([0.01, 0.04, 0.02])]
    [0.03, 0.04, 0.04]
    """
    if not all(0 <= one <= 1 for one in chances):
        raise ValueError("a chance lies between 0 and 1: pass what a test gave")
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    corrected, highest = [0.0] * len(chances), 0.0
    for tried, at in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - tried) * chances[at]))
        corrected[at] = highest
    return corrected


def flip_chances(
    effects: Float[Tensor, "texts claims"], *, draws: int, seed: int = 0
) -> Float[Tensor, " claims"]:
    """Return each claim's chance that flipped signs reach so large an effect in *any* claim.

    An effect is counted in its own standard errors, so that claims can be compared. A text's
    effects keep together: all of them are flipped, or none. The draw at hand counts as one more.

    Args:
        effects: What happened to each text, for each claim; above 0 is what is claimed.
        draws: How often signs are flipped.
        seed: Decides them.

    Raises:
        ValueError: There are fewer than two texts.

    Source: :cite:t:`westfall1993` (the largest of all claims' statistics).

    >>> sure, chancy = torch.linspace(0.8, 1.2, 10), torch.tensor([1.0, -1.1]).repeat(5)
    >>> flip_chances(torch.stack([sure, chancy], dim=1), draws=999) < 0.05
    tensor([ True, False])
    """
    texts = len(effects)
    if texts < 2:
        raise ValueError(f"{texts} texts: pass at least two")
    signs = torch.randint(2, (draws, texts), generator=torch.Generator().manual_seed(seed)) * 2 - 1
    means = signs.to(effects) @ effects / texts
    squares = effects.square().mean(dim=0)  # signs do not change it
    largest = _in_errors(means, squares, texts).amax(dim=1)
    seen = _in_errors(effects.mean(dim=0), squares, texts)
    return ((largest[:, None] >= seen).sum(dim=0) + 1) / (draws + 1)


def _in_errors(means: Tensor, squares: Tensor, texts: int) -> Tensor:
    """Return means in units of their standard errors; an effect that is always zero counts 0."""
    variance = (squares - means.square()).clamp(min=1e-12 * squares.max().item() + 1e-30)
    return means / (variance / (texts - 1)).sqrt()
