"""The same training with Lightning: what a loop has in common with all loops is written by others.

`Trainer` owns the loop, a `LightningModule` says what one step computes and which optimizer steps,
a `LightningDataModule` where the batches come from, and callbacks do what has to be done besides.
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import Tensor, nn

from lessons.training.gpt_from_scratch.checkpoint_checks import (
    check_plan,
    check_recipe,
    opened,
    plan_of,
)
from lessons.training.gpt_from_scratch.gpt_recipe import Recipe, finite_loss, optimizer_for
from lessons.training.gpt_from_scratch.plain_loop import check_enough
from lessons.training.text_batches import Batches


class LanguageModel(lightning.LightningModule):
    """A model and a recipe, as Lightning asks for them."""

    def __init__(self, model: nn.Module, recipe: Recipe):
        super().__init__()
        self.model, self.recipe = model, recipe
        self.losses: list[float] = []

    def training_step(self, ids: Tensor, number: int) -> Tensor:
        """Return the loss of a batch; the way back and the step are Lightning's."""
        loss = finite_loss(self.model, ids)
        self.losses.append(loss.item())
        return loss

    def configure_optimizers(self) -> Any:
        """Return the optimizer, and a schedule for steps: Lightning's default is epochs."""
        optimizer, schedule = optimizer_for(self.model, self.recipe)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what Lightning does not know of."""
        checkpoint |= {"losses": self.losses, "recipe": asdict(self.recipe)}
        checkpoint["plan"] = plan_of(self.model)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on with the losses, if it is the same training.

        Raises:
            ValueError: The checkpoint was written with another recipe, or holds another model.
        """
        check_recipe(checkpoint["recipe"], self.recipe, "the checkpoint")
        check_plan(checkpoint["plan"], self.model, "the checkpoint")
        self.losses = checkpoint["losses"]


class Text(lightning.LightningDataModule):
    """Where the batches come from."""

    def __init__(self, batches: Batches):
        super().__init__()
        self.batches = batches

    def train_dataloader(self) -> Batches:
        """Return the batches: any iterable will do, a `DataLoader` of torch most often."""
        return self.batches


class StopAfter(Callback):
    """End a training after a step, as a lack of time would."""

    def __init__(self, step: int):
        self.step = step

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        """Ask the Trainer to stop when the step has been done."""
        trainer.should_stop = trainer.global_step >= self.step


def checkpoints(folder: Path, *, every: int) -> ModelCheckpoint:
    """Return the callback that writes a checkpoint now and then, and keeps the last one.

    Args:
        folder: Where to.
        every: The steps between two.

    >>> str(checkpoints(Path("made"), every=20).dirpath).endswith("made")
    True
    """
    return ModelCheckpoint(folder, filename="{step}", every_n_train_steps=every, save_top_k=1)


def train_with_lightning(
    model: nn.Module,
    batches: Batches,
    recipe: Recipe,
    *,
    callbacks: Sequence[Callback] = (),
    resume: Path | None = None,
    **options: Any,
) -> list[float]:
    """Train a model in place with Lightning's `Trainer`, and return the loss of every batch.

    Args:
        model: What learns; it is left in evaluation mode.
        batches: At least as many as the recipe's steps and their parts need.
        recipe: How.
        callbacks: What else is to be done on the way.
        resume: A checkpoint to go on from.
        options: Of the `Trainer`, such as `precision="bf16-mixed"`.

    Raises:
        ValueError: The loss is no finite number any more, the batches are too few, or the
            checkpoint is damaged, was written with another recipe or holds another model.

    Source: :cite:t:`falcon2019`.

    >>> import torch
    >>> from lessons.families import small_decoder
    >>> batches = Batches(torch.arange(9), rows=2, length=4, count=5)
    >>> model = small_decoder(9, positions=4, d_model=8)
    >>> len(train_with_lightning(model, batches, Recipe(steps=5, learning_rate=0.01)))
    5
    """
    check_enough(batches, recipe)
    if resume:
        opened(resume, ["state_dict", "losses", "recipe", "plan"])
    module = LanguageModel(model, recipe)
    with quiet():
        trainer = lightning.Trainer(
            accelerator="cpu",
            devices=1,
            max_steps=recipe.steps,
            accumulate_grad_batches=recipe.parts,
            gradient_clip_val=recipe.clip or None,
            callbacks=list(callbacks),
            enable_checkpointing=any(isinstance(one, ModelCheckpoint) for one in callbacks),
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            **options,
        )
        trainer.fit(module, Text(batches), ckpt_path=resume)
    model.eval()
    return module.losses


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Lightning from telling which hardware it found, and what it offers.

    Nor is it a reader's concern that Lightning 2.6 asks torch 2.13 for a class that torch will
    rename, or that a resumed training writes where the stopped one wrote.
    """
    log = logging.getLogger("lightning.pytorch")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r".*treespec, LeafSpec", FutureWarning)
            warnings.filterwarnings("ignore", "Checkpoint directory .* is not empty", UserWarning)
            yield
    finally:
        log.setLevel(level)
