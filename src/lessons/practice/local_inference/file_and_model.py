"""What llama.cpp says of a file, against what a model of the same weights says."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import torch
from transformers import GPT2LMHeadModel

from lessons.practice.local_inference.local_model import local_model


class Apart(NamedTuple):
    """How far llama.cpp and a model are apart."""

    logs: float  # the largest difference of two logarithms of a probability
    same: float  # the share of greedy texts that are the same, token for token


@torch.no_grad()
def apart_from(
    path: str | PathLike,
    model: GPT2LMHeadModel,
    prompts: Sequence[list[int]],
    *,
    max_tokens: int = 12,
    likely: float = 1e-3,
) -> Apart:
    """Ask llama.cpp with a file, and a model in torch, for the next token and for greedy texts.

    Args:
        path: The file.
        model: With the weights of the file.
        prompts: The ids of some beginnings.
        max_tokens: At most so many tokens are written.
        likely: Of the next token, only probabilities of at least this are compared.

    Raises:
        ValueError: There is no prompt, or as for `local_model`.

    >>> from tempfile import TemporaryDirectory
    >>> from lessons.models import load
    >>> from lessons.practice import write_gpt2
    >>> gpt = load("decoder", source="book")
    >>> with TemporaryDirectory() as folder:
    ...     file = write_gpt2(gpt.model, gpt.tokenizer, f"{folder}/gpt.gguf")
    ...     apart_from(file, gpt.model, [gpt.tokenizer("tom thanks").input_ids]).same
    1.0
    """
    if not prompts:
        raise ValueError("there is no prompt: pass at least one")
    largest, same = 0.0, 0
    with local_model(Path(path), context=model.config.n_positions) as served:
        for prompt in prompts:
            ours = model(torch.tensor([prompt])).logits[0, -1].log_softmax(dim=-1)
            theirs = served.next_token_logs(prompt, len(ours))
            asked = ours.exp() >= likely
            largest = max(largest, (ours - theirs)[asked].abs().max().item())
            same += _continued(model, prompt, max_tokens) == served.continued(prompt, max_tokens)
    return Apart(largest, same / len(prompts))


def _continued(model: GPT2LMHeadModel, prompt: list[int], most: int) -> list[int]:
    """Return the ids of the greedy continuation, its end mark the last one."""
    batch = torch.tensor([prompt])
    written = model.generate(  # type: ignore[misc]  # its self is a protocol
        batch, attention_mask=torch.ones_like(batch), max_new_tokens=most, do_sample=False
    )
    return written[0, len(prompt) :].tolist()
