r"""Path patching: what one head tells *another*, rather than all that depends on it.

Exchange what the sender writes, keep all other heads as they were, and see what arrives as the
receiver's query, key or value. Then let the receiver have that alone, in an otherwise unchanged
run. What the margin then does came along this one way.

References: :cite:t:`wang2023`, whose paths pass through feed-forward networks;
:cite:t:`goldowsky2023` for paths in general.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lessons.interpretation.circuits.both_ways import BothWays, Run, in_both_directions
from lessons.interpretation.circuits.known_pairs import Pairs
from lessons.interpretation.patching import edit_sites, patch_sites, record_sites
from lessons.interpretation.sites import Head, Place


@torch.no_grad()
def path_both_ways(
    model: nn.Module,
    pairs: Pairs,
    sender: Head,
    receiver: Head,
    *,
    part: str,
    frozen: Sequence[Place],
) -> BothWays:
    """Exchange between the runs of each pair what a head tells a later one.

    Args:
        model: One of our decoders.
        pairs: As for :func:`~lessons.interpretation.circuits.both_ways.both_ways`.
        sender: The head that writes, as (layer, head).
        receiver: The head that reads, in a later layer.
        part: As what it reads: "query", "key" or "value".
        frozen: Places that do not hear of the exchange: the other heads; and the feed-forward
            networks, if only what passes none of them is to count.

    Raises:
        ValueError: The receiver does not stand in a later layer than the sender.

    >>> from lessons.families import from_transformers
    >>> from lessons.interpretation import number_pairs
    >>> from lessons.models import load
    >>> decoder = load("decoder", source="book")
    >>> model, pairs = from_transformers(decoder.model), number_pairs(decoder, 9)
    >>> ways = path_both_ways(model, pairs, (1, 2), (2, 2), part="query", frozen=[])
    >>> bool(ways.restored.mean() > 0.05)
    True
    """
    if receiver[0] <= sender[0]:
        raise ValueError(f"head {receiver} does not read after {sender}: pass one of a later layer")
    door = f"layers.{receiver[0]}.attention.{part}"

    def change(own: Run, other: Run) -> Tensor:
        put = {place: own.held[place] for place in frozen}
        put[sender] = other.held[sender]
        with patch_sites(model, put), record_sites(model, [door]) as arrived:
            model(own.ids)

        def told(values: Tensor) -> Tensor:
            values = values.clone()
            values[:, receiver[1]] = arrived[door][:, receiver[1]]
            return values

        with edit_sites(model, {door: told}):
            return pairs.margins(model, own.ids) - own.margins

    return in_both_directions(model, pairs, [sender, *frozen], change)
