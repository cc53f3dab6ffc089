r"""Attribution patching: what patching would do, estimated from slopes, for all places at once.

Patching asks for a run for each place. A slope tells what a *small* change of each place would do,
and one way back through the model gives all slopes. Multiply each with the whole change:

.. math:: m(x' \mid z \leftarrow z(x)) - m(x') \approx
   (z(x) - z(x')) \cdot \frac{\partial m}{\partial z}(x')

This is right where the margin is straight in :math:`z`, and wrong where it bends: a softmax that
has decided has no slope.

References: :cite:t:`nanda2023`; :cite:t:`syed2023`; :cite:t:`kramar2024` for where it fails.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from lessons.interpretation.circuits.both_ways import BothWays, Run, in_both_directions
from lessons.interpretation.circuits.known_pairs import Pairs
from lessons.interpretation.patching import edit_sites
from lessons.interpretation.sites import Change, Place


def slopes(
    model: nn.Module, measure: Callable[[], Tensor], held: Mapping[Place, Tensor]
) -> dict[Place, Tensor]:
    """Return how a measure changes with each number that some places hold.

    Args:
        model: One of our decoders.
        measure: Runs the model; a number for each text.
        held: What the places hold; the slopes have the same shapes.

    >>> from lessons.blocks import Probe
    >>> model, x = nn.Sequential(Probe()), torch.tensor([3.0])
    >>> slopes(model, lambda: model(x) ** 2, {"0": x})
    {'0': tensor([6.])}
    """
    nudges = {place: torch.zeros_like(value, requires_grad=True) for place, value in held.items()}

    def nudged(by: Tensor) -> Change:
        return lambda values: values + by

    with edit_sites(model, {place: nudged(by) for place, by in nudges.items()}):
        total = measure().sum()
    return dict(zip(nudges, torch.autograd.grad(total, list(nudges.values())), strict=True))


def attributed(model: nn.Module, pairs: Pairs, places: Sequence[Place]) -> dict[Place, BothWays]:
    """Estimate for each place, text and token what patching would do, in both directions.

    The shares are those of :func:`~lessons.interpretation.circuits.both_ways.both_ways`; those of
    several tokens add up.

    Args:
        model: One of our decoders.
        pairs: As for `both_ways`.
        places: Heads, or probes of the residual stream.

    Source: :cite:t:`syed2023`.

    >>> from lessons.families import from_transformers
    >>> from lessons.interpretation import number_pairs
    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> model, pairs = from_transformers(decoder.model), number_pairs(decoder, 9)
    >>> attributed(model, pairs, [(2, 2)])[2, 2].restored.shape
    torch.Size([9, 6])
    """

    def change(own: Run, other: Run) -> Tensor:
        steepness = slopes(model, lambda: pairs.margins(model, own.ids), own.held)
        return torch.stack(
            [
                ((other.held[place] - own.held[place]) * steepness[place]).sum(dim=-1)
                for place in places
            ]
        )

    ways = in_both_directions(model, pairs, places, change)
    return {
        place: BothWays(restored, broken)
        for place, restored, broken in zip(places, *ways, strict=True)
    }
