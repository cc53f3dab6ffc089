"""Train a small model in seconds, the same way each time, within a chapter."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

Model = TypeVar("Model", bound=nn.Module)


def rate(step: int, steps: int, peak: float, *, warm_up: int = 100) -> float:
    """Return the learning rate of a step: linear warm-up to `peak`, then a cosine down to 0.

    Args:
        step: The steps done so far.
        steps: The number of steps in all.
        peak: The highest rate.
        warm_up: The steps in which the rate rises.

    >>> rate(0, 1000, 0.01), rate(99, 1000, 0.01)
    (0.0001, 0.01)
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up))) / 2


def fit(
    model: Model,
    draw: Callable[[torch.Generator], Any],
    loss_of: Callable[[Model, Any], Tensor],
    *,
    steps: int,
    learning_rate: float,
    warm_up: int = 20,
    weight_decay: float = 0.01,
    seed: int = 0,
) -> list[float]:
    r"""Train `model` in place with AdamW, and return the loss of every step.

    Each step is :math:`\theta \leftarrow \theta - \eta_t \operatorname{AdamW}(\nabla L)`, with the
    gradient's norm cut to one and the learning rate of :func:`rate`. A bar shows the progress and
    disappears in the end.

    Args:
        model: What learns; it is left in evaluation mode.
        draw: From a generator to a batch, drawn anew in each step.
        loss_of: From the model and a batch to a loss, a scalar.
        steps: The number of batches.
        learning_rate: The highest.
        warm_up: The steps in which the learning rate rises.
        weight_decay: By which share of the learning rate the weights shrink.
        seed: Decides the batches.

    Raises:
        ValueError: There is no step to do, or the loss is no longer a finite number.

    Source: :cite:t:`loshchilov2019`, algorithm 2.

    >>> slope = nn.Linear(1, 1)
    >>> draw = lambda generator: torch.randn(8, 1, generator=generator)
    >>> losses = fit(slope, draw, lambda model, x: (model(x) - 2 * x).square().mean(),
    ...              steps=200, learning_rate=0.1)
    >>> len(losses), losses[-1] < 0.01
    (200, True)
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}: pass at least 1")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=learning_rate, betas=(0.9, 0.98), weight_decay=weight_decay
    )
    losses = []
    model.train()
    for step in tqdm(range(steps), desc="training", unit="step", leave=False):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, learning_rate, warm_up=warm_up)
        loss = loss_of(model, draw(generator))
        if not loss.isfinite():
            raise ValueError(f"the loss is {loss.item()} in step {step}: lower the learning rate")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return losses
