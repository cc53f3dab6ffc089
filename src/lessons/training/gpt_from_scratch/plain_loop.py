"""The training loop by hand: every line that Lightning will take over is here to be read."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from lessons.families import next_token_loss
from lessons.models.making.resumable import whole_file
from lessons.training.gpt_from_scratch.checkpoint_checks import (
    check_plan,
    check_recipe,
    opened,
    plan_of,
)
from lessons.training.gpt_from_scratch.gpt_recipe import Recipe, finite_loss, optimizer_for
from lessons.training.text_batches import Batches

PARTS = ("recipe", "plan", "losses", "model", "optimizer", "schedule", "chance")


def train_by_hand(
    model: nn.Module,
    batches: Batches,
    recipe: Recipe,
    *,
    file: Path | None = None,
    every: int = 20,
    until: int | None = None,
) -> list[float]:
    """Train a model in place, and return the loss of every batch.

    Args:
        model: What learns; it is left in evaluation mode.
        batches: At least as many as the recipe's steps and their parts need.
        recipe: How.
        file: The checkpoint: written on the way, and gone on from where it is there already.
        every: The steps between two checkpoints.
        until: Stop after this step, as if it had been the power; None: do all of them.

    Raises:
        ValueError: The loss is no finite number any more, the batches are too few, or the
            checkpoint is damaged, was written with another recipe or holds another model.

    >>> from lessons.families import small_decoder
    >>> batches = Batches(torch.arange(9), rows=2, length=4, count=5)
    >>> recipe = Recipe(steps=5, learning_rate=0.01)
    >>> len(train_by_hand(small_decoder(9, positions=4, d_model=8), batches, recipe))
    5
    """
    check_enough(batches, recipe)
    optimizer, schedule = optimizer_for(model, recipe)
    losses = read_checkpoint(file, recipe, model, optimizer, schedule)
    model.train()
    for step in range(len(losses) // recipe.parts, recipe.steps if until is None else until):
        optimizer.zero_grad()
        for part in range(recipe.parts):
            loss = finite_loss(model, batches[step * recipe.parts + part])
            (loss / recipe.parts).backward()
            losses.append(loss.item())
        if recipe.clip:
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        schedule.step()
        if file and (step + 1) % every == 0:
            write_checkpoint(file, recipe, model, optimizer, schedule, losses)
    model.eval()
    return losses


def check_enough(batches: Batches, recipe: Recipe) -> None:
    """Refuse batches that end before the recipe does.

    Raises:
        ValueError: They are too few.

    >>> check_enough(Batches(torch.arange(9), rows=1, length=4, count=5), Recipe(5, 0.1))
    """
    if len(batches) < recipe.steps * recipe.parts:
        raise ValueError(
            f"{recipe.steps} steps of {recipe.parts} batches need {recipe.steps * recipe.parts}, "
            f"and there are {len(batches)}: pass more batches, or fewer steps"
        )


def write_checkpoint(
    file: Path,
    recipe: Recipe,
    model: nn.Module,
    optimizer: Optimizer,
    schedule: LambdaLR,
    losses: list[float],
) -> None:
    """Write all that the next step depends on, in a file that is whole at every moment.

    Args:
        file: Where to; the folder is made if need be.
        recipe: How it is trained: a checkpoint is gone on from with this recipe only.
        model: What learns.
        optimizer: Its means, for each weight, are written.
        schedule: How far it has come is written.
        losses: Of every batch until now: their number tells which batch comes next.

    >>> import tempfile
    >>> model, recipe = nn.Linear(1, 1), Recipe(4, 0.1)
    >>> both = optimizer_for(model, recipe)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.pt"
    ...     write_checkpoint(file, recipe, model, *both, [0.5, 0.25])
    ...     read_checkpoint(file, recipe, model, *both)
    [0.5, 0.25]
    """
    state = {"recipe": asdict(recipe), "plan": plan_of(model), "losses": losses}
    state |= {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"schedule": schedule.state_dict(), "chance": torch.get_rng_state()}  # for dropout
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as temporary:
        torch.save(state, temporary)


def read_checkpoint(
    file: Path | None, recipe: Recipe, model: nn.Module, optimizer: Optimizer, schedule: LambdaLR
) -> list[float]:
    """Load a checkpoint if there is one, and return the losses until then.

    Args:
        file: Where it stands, if it does.
        recipe: The one that it was written with.
        model: It gets the weights.
        optimizer: It gets its means.
        schedule: It goes on from where it was.

    Raises:
        ValueError: The checkpoint is damaged, was written with another recipe, or holds another
            model.

    >>> read_checkpoint(None, Recipe(4, 0.1), model := nn.Linear(1, 1),
    ...                 *optimizer_for(model, Recipe(4, 0.1)))
    []
    """
    if file is None or not file.exists():
        return []
    state = opened(file, PARTS)
    check_recipe(state["recipe"], recipe, file.name)
    check_plan(state["plan"], model, file.name)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["chance"])
    return state["losses"]


def losses_by_seed(
    build: Callable[..., nn.Module],
    batches: Batches,
    recipe: Recipe,
    held_out: Int[Tensor, "rows length"],
    *,
    seeds: int,
) -> list[float]:
    """Train as many models, and return the loss of each on held-out rows, in nats a token.

    Args:
        build: Returns a model when it is called with a seed.
        batches: What kind of batches: each training draws its own.
        recipe: How.
        held_out: Rows that no training sees.
        seeds: How many trainings.

    Raises:
        ValueError: As :func:`train_by_hand` does.

    >>> from functools import partial
    >>> from lessons.families import small_decoder
    >>> build = partial(small_decoder, 9, positions=4, d_model=8)
    >>> batches = Batches(torch.arange(9), rows=2, length=4, count=5)
    >>> len(losses_by_seed(build, batches, Recipe(5, 0.01), torch.ones(1, 4).long(), seeds=2))
    2
    """
    losses = []
    for seed in range(seeds):
        model = build(seed=seed)
        own = Batches(
            batches.text, rows=batches.rows, length=batches.length, count=batches.count, seed=seed
        )
        train_by_hand(model, own, recipe)
        with torch.no_grad():
            losses.append(next_token_loss(model, held_out).item())
    return losses
