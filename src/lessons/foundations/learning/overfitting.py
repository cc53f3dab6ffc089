r"""One training on few examples: how well it does on those, on held-out ones, and on fresh ones."""

from typing import NamedTuple

import torch
from torch import nn

from lessons.fit import fit
from lessons.foundations.learning.early_stopping import Watch
from lessons.foundations.learning.examples import (
    Examples,
    draw_corners,
    draw_from,
    mean_loss,
)
from lessons.foundations.learning.small_network import small_network

FRESH = 5_000  # so many that their mean loss is nearly the true one


class Losses(NamedTuple):
    """A network's mean losses, in nats."""

    training: float  # on the examples that it learned from
    validation: float  # on those that were held out, by which one chooses
    fresh: float  # on many others, which nobody chose by
    right: float  # on the same many, with no label turned


class Outcome(NamedTuple):
    """What came of a training."""

    final: Losses  # after the last step
    stopped: Losses  # with the weights that did best in validation
    learned: list[float]  # the loss of each batch
    watch: Watch  # the validation loss on the way
    repeated: tuple[float, float]  # the share of turned labels that it says: training, fresh


@torch.no_grad()
def _losses(network: nn.Module, parts: list[Examples]) -> Losses:
    right = parts[-1]._replace(labels=parts[-1].right)
    return Losses(*(mean_loss(network, part).item() for part in [*parts, right]))


@torch.no_grad()
def _repeated(network: nn.Module, examples: Examples) -> float:
    said, turned = network(examples.x).argmax(dim=1), examples.labels != examples.right
    return (said == examples.labels)[turned].float().mean().item()  # nan if none is turned


def train_on_few(
    seed: int,
    *,
    count: int = 200,
    turned: float = 0.15,
    d_ff: int = 128,
    share: float = 0.0,
    steps: int = 300,
) -> Outcome:
    """Train a small network on few examples, and return its losses on three sets.

    Args:
        seed: Decides the examples, the first weights, the batches and what is dropped.
        count: The number of training examples; 200 more are held out for validation.
        turned: Which share of the training labels is wrong, on average. Of the others 15 % are.
        d_ff: The numbers between the network's two layers.
        share: Which share of them dropout sets to zero.
        steps: The batches, of 32 examples each.

    >>> final = train_on_few(0, count=50, d_ff=4, steps=3).final
    >>> all(0.6 < loss < 0.9 for loss in final)
    True
    """
    generator = torch.Generator().manual_seed(seed)
    # Held-out and fresh ones first: so they are the same for any number of training examples.
    held_out, fresh = (draw_corners(size, generator=generator) for size in (200, FRESH))
    few = draw_corners(count, turned=turned, generator=generator)
    network, watch = (
        small_network(held_out.x.shape[1], d_ff, share=share, seed=seed),
        Watch(held_out),
    )
    draw = draw_from(few, rows=32)
    learned = fit(network, draw, watch, steps=steps, learning_rate=0.01, seed=seed)
    final = _losses(network, [few, held_out, fresh])
    repeated = _repeated(network, few), _repeated(network, fresh)
    network.load_state_dict(watch.best)
    return Outcome(final, _losses(network, [few, held_out, fresh]), learned, watch, repeated)
