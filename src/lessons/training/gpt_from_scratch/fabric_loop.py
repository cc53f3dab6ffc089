"""The same training with Fabric: the loop stays yours, where and how it runs is Fabric's."""

from typing import Any

import lightning
from torch import nn

from lessons.training.gpt_from_scratch.gpt_recipe import Recipe, finite_loss, optimizer_for
from lessons.training.gpt_from_scratch.plain_loop import check_enough
from lessons.training.text_batches import Batches


def train_with_fabric(
    model: nn.Module, batches: Batches, recipe: Recipe, **options: Any
) -> list[float]:
    """Train a model in place with Fabric, and return the loss of every batch.

    Args:
        model: What learns; it is left in evaluation mode.
        batches: At least as many as the recipe's steps and their parts need.
        recipe: How.
        options: Of `Fabric`, such as `precision="bf16-mixed"`.

    Raises:
        ValueError: The loss is no finite number any more, or the batches are too few.

    Source: :cite:t:`falcon2019`.

    >>> import torch
    >>> from lessons.families import small_decoder
    >>> batches = Batches(torch.arange(9), rows=2, length=4, count=5)
    >>> model = small_decoder(9, positions=4, d_model=8)
    >>> len(train_with_fabric(model, batches, Recipe(steps=5, learning_rate=0.01)))
    5
    """
    check_enough(batches, recipe)
    fabric = lightning.Fabric(accelerator="cpu", devices=1, **options)
    optimizer, schedule = optimizer_for(model, recipe)
    ready, stepper = fabric.setup(model, optimizer)
    ready.train()
    losses = []
    for step in range(recipe.steps):
        stepper.zero_grad()
        for part in range(recipe.parts):
            loss = finite_loss(ready, batches[step * recipe.parts + part])
            fabric.backward(loss / recipe.parts)
            losses.append(loss.item())
        if recipe.clip:
            fabric.clip_gradients(ready, stepper, max_norm=recipe.clip)
        stepper.step()
        schedule.step()
    model.eval()
    return losses
