r"""Both ways: what is put in, and what is taken out.

*Denoising* puts a part's clean values into the corrupted run: does it suffice? *Noising* puts
its corrupted values into the clean run: is it needed? Where a part does its work alone the
answers agree. Where two parts say the same, each suffices and neither is needed; where an answer
takes both, each is needed and neither suffices.

Reference: :cite:t:`heimersheim2024`.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lessons.interpretation.circuits.known_pairs import Pairs
from lessons.interpretation.patching import patch_sites, record_sites
from lessons.interpretation.sites import Place


class BothWays(NamedTuple):
    """For each pair, the shares of the way between the two runs' margins, one for each direction.

    `restored` counts from the corrupted run toward the clean one, `broken` from the clean one
    toward the corrupted one. One whole way is the *mean* of all pairs.
    """

    restored: Float[Tensor, "*shape"]
    broken: Float[Tensor, "*shape"]


class Run(NamedTuple):
    """What a run of the model read, what it answered, and what some places held."""

    ids: Int[Tensor, "batch tokens"]
    margins: Float[Tensor, " batch"]
    held: dict[Place, Tensor]


def in_both_directions(
    model: nn.Module,
    pairs: Pairs,
    places: Sequence[Place],
    change: Callable[[Run, Run], Float[Tensor, "*shape"]],
) -> BothWays:
    r"""Change the corrupted runs toward the clean ones, and then the other way around.

    .. math:: \text{restored} = \frac{\Delta(x', x)}{\overline{m(x)} - \overline{m(x')}},\quad
       \text{broken} = \frac{-\Delta(x, x')}{\overline{m(x)} - \overline{m(x')}}

    Args:
        model: One of our decoders.
        pairs: The texts :math:`x` and :math:`x'`, and the answers of the margin :math:`m`.
        places: What the runs shall hold.
        change: From a run and the other one, how far the margin moves, :math:`\Delta`.

    >>> from lessons.families import from_transformers
    >>> from lessons.interpretation import number_pairs
    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> model, pairs = from_transformers(decoder.model), number_pairs(decoder, 9)
    >>> ways = in_both_directions(model, pairs, [], lambda own, other: other.margins - own.margins)
    >>> [round(way.mean().item(), 4) for way in ways]
    [1.0, 1.0]
    """
    runs = []
    for ids in (pairs.clean, pairs.corrupted):
        with record_sites(model, places) as held, torch.no_grad():
            runs.append(Run(ids, pairs.margins(model, ids), held))
    clean, corrupted = runs
    way = (clean.margins - corrupted.margins).mean()
    return BothWays(change(corrupted, clean) / way, -change(clean, corrupted) / way)


@torch.no_grad()
def both_ways(
    model: nn.Module,
    pairs: Pairs,
    places: Sequence[Place],
    *,
    tokens: Sequence[int] | None = None,
    frozen: Sequence[Place] = (),
    far: float = 1.0,
) -> BothWays:
    """Exchange what some places hold between the runs of each pair, all of them together.

    Args:
        model: One of our decoders.
        pairs: As for :func:`in_both_directions`.
        places: Whose values are exchanged.
        tokens: Where; None: at all tokens.
        frozen: Places that keep what they hold where nothing is exchanged, so that what was
            exchanged cannot pass through them.
        far: How far from the run's own values to the other's; 1 is all the way.

    >>> from lessons.families import from_transformers
    >>> from lessons.interpretation import number_pairs
    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> ways = both_ways(from_transformers(decoder.model), number_pairs(decoder, 9), ["embedded"])
    >>> [round(way.mean().item(), 4) for way in ways]
    [1.0, 1.0]
    """

    def change(own: Run, other: Run) -> Tensor:
        put = {place: torch.lerp(own.held[place], other.held[place], far) for place in places}
        stay = {place: own.held[place] for place in frozen if place not in put}
        with patch_sites(model, put, tokens=tokens), patch_sites(model, stay):
            return pairs.margins(model, own.ids) - own.margins

    return in_both_directions(model, pairs, [*places, *frozen], change)


@torch.no_grad()
def patching_map(model: nn.Module, pairs: Pairs, places: Sequence[Place]) -> BothWays:
    """Return, for each place and token, the mean shares of the way in both directions.

    Args:
        model: One of our decoders.
        pairs: As for :func:`both_ways`.
        places: The rows of the map, such as the residual stream after each sublayer.

    >>> from lessons.families import from_transformers
    >>> from lessons.interpretation import number_pairs
    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> pairs = number_pairs(decoder, 9)
    >>> patching_map(from_transformers(decoder.model), pairs, ["embedded"]).broken.argmax()
    tensor(2)
    """

    def change(own: Run, other: Run) -> Tensor:
        cells = []
        for place, token in itertools.product(places, range(own.ids.shape[1])):
            with patch_sites(model, {place: other.held[place]}, tokens=[token]):
                cells.append((pairs.margins(model, own.ids) - own.margins).mean())
        return torch.stack(cells).view(len(places), -1)

    return in_both_directions(model, pairs, places, change)
