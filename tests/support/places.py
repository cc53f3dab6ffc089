"""Whether trainings end today where they ended when they were kept, but for rounding."""

from collections.abc import Hashable, Mapping

from lessons.alignment import Place


def strays(
    kept: Mapping[Hashable, Place], found: Mapping[Hashable, Place], *, within: float = 0.06
) -> list[Hashable]:
    """Return the names of places that are not where they were kept.

    Weights that were off by a millionth moved the far ones by a tenth of a nat.

    Args:
        kept: By name, where trainings ended.
        found: By name, where they end now.
        within: How far off a reward may be.

    >>> strays({"DPO": Place(0.5, 1.0)}, {"DPO": Place(0.52, 1.1)})
    []
    >>> strays({"DPO": Place(0.5, 1.0)}, {"DPO": Place(0.52, 1.3)})
    ['DPO']
    """
    return [
        name
        for name, place in kept.items()
        if abs(place.reward - found[name].reward) > within
        or abs(place.kl - found[name].kl) > 0.1 + 0.1 * place.kl
    ]
