"""The training loop: it saves checkpoints, resumes from them, and gives the same bits again."""

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from lessons.fit import rate
from lessons.models.making.training_rows import Batch


@dataclass
class Progress:
    """What a training has done so far: the loss of every step, and the seconds it took."""

    losses: list[float]
    seconds: float


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there once everything is written.

    A reader sees the old file or the new one, never half of either.
    """
    temporary = path.with_name(path.name + ".part")
    yield temporary
    with open(temporary, "rb") as written:
        os.fsync(written.fileno())
    os.replace(temporary, path)


def train(
    model: nn.Module,
    make_batch: Callable[[random.Random], Batch],
    *,
    steps: int,
    learning_rate: float,
    seed: int,
    checkpoint: Path,
    every: int = 250,
    warm_up: int = 100,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> Progress:
    """Train `model` in place, from its last checkpoint if there is one.

    The batch of a step depends on seed and step alone, so that a resumed training continues
    exactly as if it had never stopped.

    Args:
        model: What learns; called with a batch, it returns an object with the loss.
        make_batch: From a source of chance to what the model is called with.
        steps: The number of batches.
        learning_rate: The highest; see :func:`lessons.fit.rate`.
        seed: Decides the batches.
        checkpoint: The file that holds model, optimizer and losses between two runs.
        every: Steps between two checkpoints.
        warm_up: The steps in which the learning rate rises.
        report: Called with the number of steps done and the last loss, in nats.

    Raises:
        ValueError: The checkpoint belongs to a training with other settings, or the loss is no
            finite number any more: the last checkpoint stays as it is.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.98))
    settings = {"seed": seed, "steps": steps, "learning_rate": learning_rate}
    progress = resume(model, optimizer, checkpoint, settings)
    model.train()
    began = time.monotonic() - progress.seconds
    for step in range(len(progress.losses), steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, learning_rate, warm_up=warm_up)
        loss = model(**make_batch(random.Random(f"{seed}/{step}"))).loss
        if not loss.isfinite():
            raise ValueError(f"the loss is {loss.item()} in step {step}: lower the learning rate")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        progress.losses.append(loss.item())
        progress.seconds = time.monotonic() - began
        report(step + 1, loss.item())
        if (step + 1) % every == 0 or step + 1 == steps:
            save(model, optimizer, checkpoint, settings, progress)
    return progress


def save(model, optimizer, checkpoint: Path, settings: dict, progress: Progress) -> None:
    """Write a checkpoint that is whole at every moment."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    state = {"settings": settings, "model": model.state_dict(), "optimizer": optimizer.state_dict(),
             "losses": progress.losses, "seconds": progress.seconds}  # fmt: skip
    with whole_file(checkpoint) as temporary:
        torch.save(state, temporary)


def resume(model, optimizer, checkpoint: Path, settings: dict) -> Progress:
    """Load a checkpoint if it exists, and return how far it had come.

    Raises:
        ValueError: The checkpoint belongs to a training with other settings.
    """
    if not checkpoint.exists():
        return Progress([], 0.0)
    state = torch.load(checkpoint, weights_only=True)
    if state["settings"] != settings:
        raise ValueError(
            f"{checkpoint} belongs to a training with {state['settings']}, not {settings}: "
            "delete it to start anew, or pass another --out"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return Progress(state["losses"], state["seconds"])
