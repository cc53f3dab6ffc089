"""Generation, timed: seconds for each step, as the median of repeats with their spread.

Measured are seconds of the processor, not of the clock on the wall, so that other programs on
the machine count as little as possible. What is compared takes turns, for a processor may slow
down while it works.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import PreTrainedModel

from lessons.generation.sessions import Writer


class Spread(NamedTuple):
    """The median of repeated measurements, the least and the largest, in seconds."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{1e3 * self.median:.0f} ms ({1e3 * self.least:.0f}–{1e3 * self.most:.0f})"


@torch.no_grad()
def step_seconds(
    model: Writer,
    prompt: Int[Tensor, "batch tokens"],
    *,
    steps: int,
    session: Callable,
    clock: Callable[[], float] = time.process_time,
) -> list[float]:
    """Return the seconds of each step of greedy decoding; the first one reads the prompt.

    Args:
        model: A decoder-only model, or the reading of an encoder–decoder.
        prompt: The texts to continue.
        steps: How many tokens are generated.
        session: :class:`~lessons.generation.sessions.Cached` or
            :class:`~lessons.generation.sessions.Uncached`.
        clock: What tells the time in seconds.

    Raises:
        ValueError: There is no step to take.

    >>> from itertools import count
    >>> from torch import nn
    >>> from lessons.families import DecoderOnly, Embedding
    >>> from lessons.generation import Cached
    >>> model = DecoderOnly(Embedding(3, 3), [], nn.Identity(), nn.Identity())
    >>> step_seconds(model, torch.tensor([[1]]), steps=3, session=Cached, clock=count(0.0).__next__)
    [1.0, 1.0, 1.0]
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}: pass at least 1")
    running, ids, seconds = session(model, prompt.shape[-1] + steps), prompt, []
    for _ in range(steps):
        begun = clock()
        ids = running.advance(ids).argmax(dim=-1, keepdim=True)
        seconds.append(clock() - begun)
    return seconds


@torch.no_grad()
def generate_seconds(
    model: PreTrainedModel,
    prompt: Int[Tensor, "batch tokens"],
    *,
    new: int,
    cached: bool,
    clock: Callable[[], float] = time.process_time,
) -> list[float]:
    """Return the seconds that transformers' own `generate` takes for `new` tokens, greedily.

    Args:
        model: A decoder of transformers.
        prompt: The texts to continue, on the model's device.
        new: How many tokens are generated; a text does not end before.
        cached: Whether keys and values are kept.
        clock: What tells the time in seconds, such as :func:`clock_for` a device.

    Raises:
        ValueError: There is nothing to generate, or the text would exceed the model's positions.

    >>> from itertools import count
    >>> from lessons.models import load
    >>> model, prompt = load("decoder", source="book").model, torch.tensor([[5, 6]])
    >>> generate_seconds(model, prompt, new=2, cached=True, clock=count(0.0).__next__)
    [1.0]
    """
    positions = getattr(model.config, "max_position_embeddings", None)
    if new < 1 or (positions is not None and prompt.shape[-1] + new > positions):
        raise ValueError(
            f"a prompt of {prompt.shape[-1]} tokens and {new} new ones do not fit {positions} "
            "positions: pass at least 1 new token, and fewer if there are too many"
        )
    begun = clock()
    model.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=new, min_new_tokens=new,
        do_sample=False, num_beams=1, use_cache=cached, pad_token_id=0,
    )  # fmt: skip
    return [clock() - begun]


@torch.no_grad()
def product_seconds(
    vectors: Float[Tensor, "batch d_in"],
    matrices: Sequence[Float[Tensor, "d_in d_out"]],
    *,
    clock: Callable[[], float] = time.process_time,
) -> list[float]:
    """Return the seconds that it takes to multiply the same vectors by each of the matrices.

    Args:
        vectors: All of them meet each matrix while it is read.
        matrices: One after the other; the same one again stays near the processor.
        clock: What tells the time in seconds.

    >>> from itertools import count
    >>> product_seconds(torch.ones(1, 2), [torch.ones(2, 3)] * 4, clock=count(0.0).__next__)
    [1.0]
    """
    begun = clock()
    for matrix in matrices:
        vectors @ matrix
    return [clock() - begun]


def clock_for(device: torch.device | str) -> Callable[[], float]:
    """Return the clock for a device: the processor's own seconds, or a wall clock for a GPU.

    A GPU works on while the program goes on, so its clock waits until the work is done.

    >>> clock_for("cpu") is time.process_time
    True
    """
    if torch.device(device).type != "cuda":
        return time.process_time

    def clock() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return clock


def in_turns(
    runs: Mapping[str, Callable[[], Sequence[float]]], *, repeats: int
) -> dict[str, list[Sequence[float]]]:
    """Run each of several measurements `repeats` times, in turns; return what each measured.

    >>> in_turns({"a": lambda: [1.0], "b": lambda: [2.0]}, repeats=2)
    {'a': [[1.0], [1.0]], 'b': [[2.0], [2.0]]}
    """
    measured: dict[str, list[Sequence[float]]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            measured[name].append(run())
    return measured


def spread(repeats: Sequence[Sequence[float]], *, steps: int | None = None) -> Spread:
    """Return the median and the extremes of the time of the first `steps` steps together.

    Args:
        repeats: The seconds of each step, once for each repeat.
        steps: How many of the steps count; None: all.

    >>> print(spread([[0.1, 0.2], [0.1, 0.3], [0.1, 0.25]]))
    350 ms (300–400)
    """
    totals = [sum(seconds[:steps]) for seconds in repeats]
    return Spread(statistics.median(totals), min(totals), max(totals))
