"""May a training go on from this checkpoint? If not, one sentence says why, and nothing is lost."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lessons.training.gpt_from_scratch.gpt_recipe import Recipe


def opened(file: Path, parts: Collection[str]) -> dict[str, Any]:
    """Return what a checkpoint holds.

    Args:
        file: Where it stands.
        parts: What it must hold.

    Raises:
        ValueError: It cannot be read, or lacks a part: it was cut off, or is something else.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.save({"losses": [0.5]}, file := Path(folder) / "a.pt")
    ...     opened(file, ["losses"])
    {'losses': [0.5]}
    """
    try:
        state = torch.load(file, weights_only=True)
    except FileNotFoundError:
        raise
    except Exception:  # torch has many words for it, some of several lines
        state = None
    if not isinstance(state, dict) or not set(parts) <= set(state):
        raise ValueError(
            f"{file.name} is no whole checkpoint of this loop: pass another file, or delete it to "
            "start anew"
        )
    return state


def check_recipe(written: dict, recipe: Recipe, name: str) -> None:
    """Refuse to go on from a checkpoint that was written with another recipe.

    Raises:
        ValueError: It was.

    >>> check_recipe({"steps": 1}, Recipe(5, 0.1), "a.pt")
    Traceback (most recent call last):
    ...
    ValueError: a.pt was written with steps=1: pass that recipe, or another file
    """
    if written != asdict(recipe):
        options = ", ".join(f"{name}={value}" for name, value in written.items())
        raise ValueError(f"{name} was written with {options}: pass that recipe, or another file")


def plan_of(model: nn.Module) -> dict[str, str]:
    """Return what a model is, but for its numbers: the sizes of its tensors, and its settings.

    Sizes are not enough: with another number of heads, or with another function between them, all
    matrices are as large as before.

    >>> from lessons.training.dropped_residual import DroppedResidual
    >>> plan_of(nn.Sequential(nn.Linear(2, 3, bias=False), DroppedResidual(0.1)))
    {'0.weight': '3 × 2', '0.in_features': '2', '0.out_features': '3', '1.dropout.share': '0.1'}
    """
    plan = {name: " × ".join(map(str, one.shape)) for name, one in model.state_dict().items()}
    for name, module in model.named_modules():
        for key, value in vars(module).items():
            told = value if isinstance(value, int | float) else getattr(value, "__qualname__", None)
            if told is not None and not key.startswith("_") and key != "training":
                plan[f"{name}.{key}".removeprefix(".")] = str(told)
    return plan


def check_plan(written: Mapping[str, str], model: nn.Module, name: str) -> None:
    """Refuse to go on from a checkpoint that holds another model.

    Args:
        written: The plan of the model in the checkpoint.
        model: The one that is to go on.
        name: What the checkpoint is called.

    Raises:
        ValueError: A size or a setting is another one.

    >>> check_plan({"weight": "2 × 3"}, nn.Linear(3, 4, bias=False), "a")
    Traceback (most recent call last):
    ...
    ValueError: a holds another model (weight: 2 × 3, here 4 × 3): pass that model, or another file
    """
    own = plan_of(model)
    for key in [*written, *own]:
        if written.get(key) != own.get(key):
            told = f"{key}: {written.get(key, 'missing')}, here {own.get(key, 'missing')}"
            raise ValueError(
                f"{name} holds another model ({told}): pass that model, or another file"
            )
