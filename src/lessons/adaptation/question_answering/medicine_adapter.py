"""The part that trains, and its file: written, and put on the base that it was learned for.

Its numbers stand in half precision, with a mark of the base that they were learned for.
"""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from jaxtyping import Float, Int64
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from lessons.adaptation.question_answering.asked import Prompts
from lessons.adaptation.question_answering.lit_llama import adapter_of, upper_logits
from lessons.models.loading.loader import WEIGHTS
from lessons.models.making.resumable import Progress, train

ADAPTER = WEIGHTS / "formulary" / "adapter.safetensors"


class Answering(nn.Module):
    """The part that trains; its state is the updates alone, without the base.

    Args:
        gpt: LitGPT's model, with updates.
    """

    def __init__(self, gpt: Any):
        super().__init__()
        self.gpt = gpt

    def forward(
        self,
        states: Float[Tensor, "batch tokens d_model"],
        places: Int64[Tensor, "batch 2"],
        labels: Int64[Tensor, "batch 2"],
    ) -> SimpleNamespace:
        """Return an object with the loss of the answers and their ends, in nats a token."""
        logits = upper_logits(self.gpt, states, places)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return SimpleNamespace(loss=loss)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the updates."""
        return adapter_of(self.gpt)

    def load_state_dict(self, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        """Set the updates."""
        return self.gpt.load_state_dict(state_dict, strict=False)


def some_of(asked: Prompts, rows: int) -> Callable[[random.Random], dict[str, Tensor]]:
    """Return a function that draws a batch of these questions, none of them twice.

    >>> import torch
    >>> four = Prompts(torch.zeros(4, 3, 2), torch.zeros(4, 2).long(), torch.zeros(4, 2).long())
    >>> some_of(four, 3)(random.Random(0))["states"].shape
    torch.Size([3, 3, 2])
    """

    def draw(rng: random.Random) -> dict[str, Tensor]:
        chosen = rng.sample(range(len(asked.states)), rows)
        return {name: one[chosen] for name, one in asked._asdict().items()}

    return draw


def teach(gpt: Any, prompts: Prompts, *, rows: int, **settings: Any) -> Progress:
    """Train a model's updates on questions, from the last checkpoint if there is one.

    Args:
        gpt: LitGPT's model, with updates; it is changed in place.
        prompts: The questions, with the words that answer them.
        rows: How many of them are drawn for a step.
        settings: As :func:`lessons.models.making.resumable.train` takes them.

    Raises:
        ValueError: The checkpoint is damaged, or of another training: of other layers, of another
            rank, with other settings. Or the loss is no finite number any more.
    """
    check_checkpoint(gpt, settings["checkpoint"])
    progress = train(Answering(gpt), some_of(prompts, rows), **settings)
    gpt.eval()
    return progress


def check_checkpoint(gpt: Any, path: Path) -> None:
    """Refuse a checkpoint that holds other updates than the model has, before they are set.

    Args:
        gpt: LitGPT's model, with updates.
        path: Where the checkpoint stands, if there is one.

    Raises:
        ValueError: It holds other ones, or cannot be read.
    """
    if not path.exists():
        return
    try:
        found = {n: one.shape for n, one in torch.load(path, weights_only=True)["model"].items()}
    except Exception:  # torch has many words for it, some of several lines
        found = None
    if found != {name: one.shape for name, one in adapter_of(gpt).items()}:
        raise ValueError(
            f"{path.name} is no whole checkpoint of these layers with this rank: pass another "
            "file, or delete it to start anew"
        )


def mark_of_base(gpt: Any) -> str:
    """Return a mark of the last block's frozen matrices, by which an adapter knows its base."""
    digest = hashlib.sha256()
    for name, one in gpt.transformer.h[-1].state_dict().items():
        if "lora_" not in name:
            digest.update(one.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def save_adapter(gpt: Any, path: Path) -> None:
    """Write a model's updates in half precision, with the mark of its base."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: one.half().contiguous() for name, one in adapter_of(gpt).items()}
    save_file(tensors, path, metadata={"base": mark_of_base(gpt)})
    path.chmod(0o644)


def load_adapter(gpt: Any, path: Path = ADAPTER) -> Any:
    """Set the updates of a file beside the matrices of the base that they were learned for.

    Args:
        gpt: LitGPT's model, with updates of the same layers and rank; it is changed in place.
        path: The file; the book's own, if none is given.

    Raises:
        OSError: The file is missing or damaged.
        ValueError: The adapter is for another base, or for other layers or another rank.
    """
    try:
        with safe_open(path, framework="pt") as file:
            base = (file.metadata() or {}).get("base")
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}
    except (OSError, SafetensorError) as error:
        raise OSError(
            f"{path.name} in {path.parent} cannot be read ({error}): restore it, or train it again"
        ) from error
    if base != mark_of_base(gpt):
        raise ValueError(f"{path.name} was learned for another base: convert SmolLM2 of the wheel")
    own = {name: one.shape for name, one in adapter_of(gpt).items()}
    if own != {name: one.shape for name, one in tensors.items()}:
        raise ValueError(f"{path.name} has other layers or another rank: leave both as they are")
    gpt.load_state_dict(tensors, strict=False)
    return gpt
