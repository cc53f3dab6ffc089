"""The same training with several seeds, for a claim that one seed does not carry."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from lessons.families import next_token_loss
from lessons.fit import fit


def some_rows(
    rows: Int64[Tensor, "rows tokens"], count: int, generator: torch.Generator
) -> Int64[Tensor, "count tokens"]:
    """Draw some of a text's rows, each as likely each time.

    >>> some_rows(torch.arange(6).view(3, 2), 4, torch.Generator().manual_seed(0)).shape
    torch.Size([4, 2])
    """
    return rows[torch.randint(len(rows), (count,), generator=generator)]


def train_by_seed(
    build: Callable[..., nn.Module],
    draw: Callable[[torch.Generator], Tensor],
    *,
    steps: int,
    learning_rate: float,
    seeds: int = 3,
) -> list[nn.Module]:
    """Train a model to foretell the next token for each seed, and return them.

    Args:
        build: Returns a model when it is called with a seed.
        draw: From a generator to a batch of rows; the seed decides them, too.
        steps: The number of batches.
        learning_rate: The highest; see :func:`lessons.fit.fit`.
        seeds: How many trainings.

    Raises:
        ValueError: There is no step, or a loss is no finite number any more.

    >>> from functools import partial
    >>> from lessons.families import small_decoder
    >>> build = partial(small_decoder, 9, positions=4, d_model=8)
    >>> draw = partial(some_rows, torch.ones(3, 4).long(), 2)
    >>> len(train_by_seed(build, draw, steps=3, learning_rate=0.01, seeds=2))
    2
    """
    models = [build(seed=seed) for seed in range(seeds)]
    for seed, model in enumerate(models):
        fit(model, draw, next_token_loss, steps=steps, learning_rate=learning_rate, seed=seed)
    return models


@torch.no_grad()
def losses_on(
    held_out: Int64[Tensor, "rows tokens"], models: Sequence[nn.Module]
) -> Float[Tensor, " models"]:
    """Return each model's loss on the same rows, in nats a token.

    Raises:
        ValueError: There is no model.

    >>> from lessons.families import small_decoder
    >>> losses_on(torch.ones(2, 4).long(), [small_decoder(9, positions=4)]).shape
    torch.Size([1])
    """
    if not models:
        raise ValueError("there are no models: pass at least one")
    return torch.stack([next_token_loss(model, held_out) for model in models])
